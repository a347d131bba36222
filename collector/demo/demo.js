// The demo shop's own script. Shows what a site does with Mostik: a goal with revenue,
// steps without reloading, consent, opting out. Stores nothing.

'use strict';

// The stub of the installation guide: calls made before the script has loaded wait in q.
window.mostik =
  window.mostik ||
  function () {
    (mostik.q = mostik.q || []).push(arguments);
  };
mostik.init =
  mostik.init ||
  function (options) {
    mostik.o = options || {};
  };

const find = (selector, within = document) => within.querySelector(selector);
const log = find('[data-log]');

/** Every event passes here on its way out, and is shown exactly as it is sent. */
function show(event) {
  const item = document.createElement('li');
  const name = document.createElement('b');
  const body = document.createElement('code');
  name.textContent = event.n;
  // The mark of consent is taken off on the way unless it was given.
  const sent = find('[data-consent]').checked ? event : { ...event, c: undefined };
  body.textContent = JSON.stringify(sent, null, 1);
  item.append(name, body);
  log.prepend(item);
  find('[data-count]').textContent = log.children.length;
  return event;
}
mostik.init({ transform: show });

// --- Language: in the address, so that nothing need be stored.

const isEnglish = new URLSearchParams(location.search).get('lang') === 'en';

function speak() {
  const language = isEnglish ? 'en' : 'ru';
  document.documentElement.lang = language;
  const title = find('title');
  if (title.dataset[language]) title.textContent = title.dataset[language];
  const other = find('[data-language]');
  other.textContent = isEnglish ? 'Русский' : 'English';
  other.hreflang = isEnglish ? 'ru' : 'en';
  other.href = isEnglish ? location.pathname : '?lang=en';
  if (!isEnglish) return;
  for (const link of document.querySelectorAll('a[href]:not([data-language])')) {
    const href = link.getAttribute('href');
    if (/^(\.\/|[\w-]+\.html)$/.test(href)) link.setAttribute('href', `${href}?lang=en`);
  }
}
speak();

// --- Steps without reloading: the catalogue and the pages of its goods.

let shown = location.pathname;

async function step(url, isNew) {
  const answer = await fetch(url);
  if (!answer.ok) {
    location.href = url;
    return;
  }
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (isNew) history.pushState({}, '', url);
  find('main').replaceWith(find('main', next));
  find('title').replaceWith(find('title', next));
  speak();
  scrollTo(0, 0);
  shown = location.pathname;
}

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-step]');
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain) return;
  event.preventDefault();
  step(link.href, true);
});
addEventListener('popstate', () => {
  // A fragment alone is no step.
  if (shown !== location.pathname) step(location.href, false);
});

// --- The goal: an order, with its revenue.

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-order]');
  if (!button) return;
  button.disabled = true;
  mostik('Order', {
    props: { product: button.dataset.order },
    revenue: { amount: button.dataset.amount, currency: 'RUB' },
    callback: () => {
      location.href = isEnglish ? 'thanks.html?lang=en' : 'thanks.html';
    },
  });
});

document.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-demo-form]')) return;
  event.preventDefault();
  event.target.reset();
  find('[data-done]', event.target).hidden = false;
});

// --- The visitor's say.

find('[data-consent]').addEventListener('change', (event) => {
  mostik.consent(event.target.checked ? 'granted' : 'denied');
});

const out = find('[data-opt-out]');
function sayCounting() {
  const [ru, en] = mostik.isOptedOut() ? ['Считать снова', 'Count me again'] : ['Не считать меня', 'Do not count me'];
  find('[lang="ru"]', out).textContent = ru;
  find('[lang="en"]', out).textContent = en;
}
out.addEventListener('click', () => {
  if (mostik.isOptedOut()) mostik.optIn();
  else mostik.optOut();
  sayCounting();
});
addEventListener('load', () => {
  if (mostik.isOptedOut) sayCounting();
  else out.hidden = true; // the script was blocked, so nothing is counted anyway
});
