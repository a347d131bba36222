// The demo's own behaviour: buttons that send custom events, and a page that
// changes its address without loading. The script of Mostik counts the rest.
const said = document.querySelector('[role=status]');
for (const button of document.querySelectorAll('button[data-product]')) {
  button.addEventListener('click', () => {
    mostik('Order', {
      props: { product: button.dataset.product, method: 'card' },
      revenue: { amount: button.dataset.price, currency: 'RUB' },
    });
    said.textContent = button.dataset.thanks;
  });
}
for (const link of document.querySelectorAll('a[data-step]')) {
  link.addEventListener('click', (event) => {
    event.preventDefault();
    history.pushState(null, '', link.href);
    show();
  });
}
addEventListener('popstate', show);
function show() {
  const step = new URL(location.href).pathname.split('/').pop();
  for (const part of document.querySelectorAll('[data-part]')) part.hidden = part.dataset.part !== step;
}
