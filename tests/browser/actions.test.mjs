// Links, downloads, forms and tags.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useBrowser } from './harness.mjs';

const world = useBrowser();
const ALL = 'data-outbound data-downloads data-forms';
/** Names and props that arrived, without page views and engagement. */
const actions = () =>
  world.recorder
    .events()
    .filter(({ n }) => !/^(pageview|engagement|Marker.*)$/.test(n))
    .map(({ n, p }) => (p ? [n, p] : [n]));

/** Opens a page with `body`; what would navigate is stopped on the bubbling way, after us. */
const begin = async (body, attributes = ALL) => {
  await world.open(
    world.site.add('/', {
      attributes,
      body: `${body}<script>for(const t of['click','auxclick','submit'])addEventListener(t,e=>{window.prevented=e.defaultPrevented;if(t=='submit'||e.composedPath().some(n=>/^a$/i.test(n.tagName)))e.preventDefault()})</script>`,
    }),
  );
};

test('a click on a link to another host is told without its query', async () => {
  await begin('<a href="https://other.example/page?token=s3cret&utm_source=us#part"><span id="x">out</span></a>');
  await world.page.click('#x');
  await world.settle();
  assert.deepEqual(actions(), [['Outbound Link: Click', { url: 'https://other.example/page?utm_source=us' }]]);
});

test('the default is never prevented', async () => {
  await begin('<a id="x" href="https://other.example/">out</a><form id="f" data-mostik-event="Send"><button id="b">s</button></form>');
  await world.page.click('#x');
  assert.equal(await world.page.evaluate(() => window.prevented), false);
  await world.page.click('#b');
  assert.equal(await world.page.evaluate(() => window.prevented), false);
});

test('the middle button and modifier keys count, the right button does not', async () => {
  await begin('<a id="x" href="https://other.example/">out</a>');
  await world.page.click('#x', { button: 'middle' });
  await world.page.click('#x', { modifiers: ['Control'] });
  await world.page.click('#x', { modifiers: ['Meta'] });
  await world.page.click('#x', { button: 'right' });
  await world.settle();
  assert.equal(actions().length, 3);
});

test('a page that stops the click is counted all the same', async () => {
  await begin('<a id="x" href="https://other.example/" onclick="event.stopPropagation();event.preventDefault()">out</a>');
  await world.page.click('#x');
  await world.settle();
  assert.equal(actions().length, 1);
});

test('links that lead nowhere else are no outbound links', async () => {
  await begin(
    ['mailto:me@x.example', 'tel:+7', 'javascript:void 0', '/inside', '#part', 'http://[bad', 'https:']
      .map((href) => `<a class="x" href="${href}">x</a>`)
      .join(' ') + '<a class="x">none</a>',
  );
  for (const link of await world.page.$$('.x')) await link.click();
  await world.settle();
  assert.deepEqual(actions(), []);
  assert.deepEqual(world.errors, []);
});

test('links in SVG and in shadow roots count', async () => {
  await begin(`<svg width="50" height="50"><a href="https://svg.example/"><rect id="r" width="50" height="50"/></a></svg>
<div id="host"></div><script>host.attachShadow({mode:'open'}).innerHTML='<a href="https://shadow.example/"><b>in</b></a>'</script>`);
  await world.page.click('#r');
  await world.page.click('#host b');
  await world.settle();
  assert.deepEqual(
    actions().map(([, { url }]) => url),
    ['https://svg.example/', 'https://shadow.example/'],
  );
});

test('another port of the same host is another host', async () => {
  await begin(`<a id="x" href="http://127.0.0.1:1/">port</a>`);
  await world.page.click('#x');
  await world.settle();
  assert.equal(actions()[0][0], 'Outbound Link: Click');
});

test('downloads are told by their ending or their attribute, and only once', async () => {
  await begin(`<a class="x" href="/menu.PDF?v=2">a</a><a class="x" href="https://other.example/a.zip">b</a>
<a class="x" href="/export" download>c</a><a class="x" href="/pdf">no</a><a class="x" href="/page.html">no</a>`);
  for (const link of await world.page.$$('.x')) await link.click();
  await world.settle();
  assert.deepEqual(actions(), [
    ['File Download', { url: `${world.site.origin}/menu.PDF` }],
    ['File Download', { url: 'https://other.example/a.zip' }],
    ['File Download', { url: `${world.site.origin}/export` }],
  ]);
});

test('further endings may be added', async () => {
  await begin('<a class="x" href="/book.fb2">a</a><a class="x" href="/a.pdf">b</a>', 'data-downloads="fb2, svg"');
  for (const link of await world.page.$$('.x')) await link.click();
  await world.settle();
  assert.equal(actions().length, 2);
});

test('nothing automatic is told unless asked for', async () => {
  await begin('<a class="x" href="https://other.example/">a</a><a class="x" href="/a.pdf">b</a><form><button class="x">s</button></form>', '');
  for (const one of await world.page.$$('.x')) await one.click();
  await world.settle();
  assert.deepEqual(actions(), []);
});

test('a submission is told, what was written never', async () => {
  await begin(`<form action="/search"><input name="email" value="me@secret.example"><input type="hidden" name="t" value="s3cret"><button id="b">s</button></form>
<form><input required><button id="invalid">s</button></form><form novalidate><input required><button id="novalidate">s</button></form>`);
  await world.page.click('#b');
  await world.page.click('#invalid');
  await world.page.click('#novalidate');
  await world.settle();
  assert.deepEqual(actions(), [['Form: Submission'], ['Form: Submission']]);
  assert.ok(!world.recorder.requests.some(({ body }) => /secret|s3cret/.test(body)));
});

test('tags tell their event, its props and its revenue', async () => {
  await begin('<button id="x" data-mostik-event="Buy" data-mostik-prop-plan="pro" data-mostik-prop-user-kind="new" data-mostik-revenue="10.50 RUB" data-prop-other="no">buy</button>');
  await world.page.click('#x');
  const [buy] = await world.recorder.until(() => world.recorder.named('Buy').length && world.recorder.named('Buy'));
  assert.deepEqual(buy.p, { plan: 'pro', 'user-kind': 'new' });
  assert.deepEqual(buy.$, { amount: '10.50', currency: 'RUB' });
});

test('one act is one event: the nearest tag, before any link or form', async () => {
  await begin(`<div data-mostik-event="Outer"><a id="link" href="https://other.example/a.pdf" data-mostik-event="Inner">x</a></div>
<form data-mostik-event="Form"><input id="field"><button id="b" type="button">not yet</button><button id="s">send</button></form>`);
  await world.page.click('#link');
  await world.page.click('#field');
  await world.page.click('#b');
  await world.page.click('#s');
  await world.settle();
  assert.deepEqual(actions(), [['Inner'], ['Form']]);
});

test('a middle click on a tagged button is nothing, on a tagged link it counts', async () => {
  await begin('<button id="b" data-mostik-event="Button">b</button><a id="l" href="/in" data-mostik-event="Link">l</a>');
  await world.page.click('#b', { button: 'middle' });
  await world.page.click('#l', { button: 'middle' });
  await world.settle();
  assert.deepEqual(actions(), [['Link']]);
});

test('a page the server did not find says so by itself', async () => {
  await world.open(world.site.add('/missing', { status: 404, attributes: 'data-404' }));
  await world.settle();
  assert.deepEqual(actions(), [['404']]);
  assert.equal(world.recorder.named('404')[0].i, false);
  await world.open(world.site.add('/found', { attributes: 'data-404' }));
  await world.settle();
  assert.deepEqual(actions(), [['404']]);
});
