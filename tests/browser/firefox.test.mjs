// What Debian's Firefox does differently from Chromium it may do differently to us: the
// behaviours of the script there, on the same server's log. Not here, because no driver can
// ask Firefox for them: a tab in the background, prerendering (Firefox has none), going offline.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launchFirefox, openUndrivenFirefox } from './firefox.mjs';
import { startRecorder } from './recorder.mjs';
import { startSite } from './site.mjs';

const TRIES = 20;
const world = {};
let firefox;

before(async () => {
  world.site = await startSite(world);
  firefox = await launchFirefox();
});
beforeEach(async () => {
  world.recorder = await startRecorder();
});
afterEach(async () => {
  await firefox.open('about:blank');
  await world.recorder.close();
});
after(async () => {
  await firefox?.close();
  await world.site?.close();
});

const run = (script, ...args) => firefox.run(script, ...args);
const named = (name) => world.recorder.named(name);
const add = (...page) => world.site.add(...page);
const some = (name, count = 1) => world.recorder.until(() => named(name).length >= count && named(name), `${count} ${name}`);
const viewed = () => named('pageview').map(({ u }) => u.slice(world.site.origin.length));
/** Opens a page and waits for its view. */
const open = async (url) => {
  const before = named('pageview').length;
  await firefox.open(url);
  await some('pageview', before + 1);
};
/** Waits until two further events have arrived: what was sent before has had its chance. */
const settle = async () => {
  for (const name of ['Marker', 'Marker again']) {
    await run((n) => new Promise((done) => window.mostik(n, { callback: () => done() })), name);
    await some(name);
  }
};
const custom = () => world.recorder.names().filter((name) => !/^(pageview|engagement|Marker.*)$/.test(name));

test('a load is one view: no preflight, text/plain, no cookie, the documented keys', async () => {
  await open(`${add('/')}?utm_source=mail&token=s3cret#part`);
  await settle();
  assert.equal(named('pageview').length, 1);
  const [{ headers }] = world.recorder.requests;
  assert.ok(world.recorder.requests.every(({ method }) => method === 'POST'));
  assert.equal(headers['content-type'], 'text/plain;charset=UTF-8');
  assert.equal(headers.cookie, undefined);
  const [view] = named('pageview');
  assert.deepEqual(Object.keys(view).sort(), ['d', 'n', 'nt', 'pv', 'u', 'v', 'x']);
  assert.equal(view.u, `${world.site.origin}/?utm_source=mail`);
});

for (const [way, body] of Object.entries({
  click: '<a id="x" href="/away" data-mostik-event="Leave">on</a>',
  submission: '<form action="/away" data-mostik-event="Leave"><button id="x">on</button></form>',
  pagehide: '<script>addEventListener("pagehide",()=>mostik("Leave"))</script><a id="x" href="/away">on</a>',
})) {
  test(`an event told on ${way} arrives ${TRIES} times of ${TRIES}, and the engagement with it`, async () => {
    const url = add('/', { body });
    add('/away', { raw: '<!doctype html>' });
    Object.assign(world.recorder.behaviour, { delayMs: 150, hangUp: true });
    for (let i = 0; i < TRIES; i++) {
      await firefox.open(url);
      await firefox.click('#x');
    }
    await some('Leave', TRIES);
    await some('engagement', TRIES);
  });
}

for (const [way, head] of [
  ['the Navigation API', ''],
  ['patched history', '<script>Object.defineProperty(window,"navigation",{value:undefined})</script>'],
]) {
  test(`steps count by their path, with the page before as referrer (${way})`, async () => {
    await open(add('/', { head }));
    await run(() => {
      history.pushState({}, '', '/?page=2');
      history.replaceState({}, '', '/?page=3');
      location.hash = 'part';
    });
    await run(() => history.pushState({}, '', '/a'));
    await some('pageview', 2);
    await run(() => history.replaceState({}, '', '/b'));
    await some('pageview', 3);
    await run(() => history.back());
    await some('pageview', 4);
    await settle();
    assert.deepEqual(viewed(), ['/', '/a', '/b', '/']);
    assert.deepEqual(named('pageview').map(({ nt }) => nt), ['n', 's', 's', 's']);
    assert.equal(named('pageview')[2].r, `${world.site.origin}/a`);
  });
}

test('coming back through the back-forward cache is a view of its own', async () => {
  // Answered requests only: an open one keeps a page out of the cache.
  const then = (act) =>
    `<script>addEventListener("pageshow",e=>{if(!e.persisted)mostik("One",{callback:()=>mostik("Two",{callback:()=>setTimeout(()=>{${act}})})})})</script>`;
  const first = add('/first', { body: then('location.href="/second"') });
  add('/second', { body: then('history.back()') });
  const close = await openUndrivenFirefox(first);
  try {
    await some('pageview', 3);
    await some('engagement', 2);
  } finally {
    await close();
  }
  assert.deepEqual(named('pageview').map(({ nt }) => nt), ['n', 'n', 'c']);
  assert.deepEqual(viewed(), ['/first', '/second', '/first']);
});

test('engaged time stops when the page hides and is told once; a long page is seen in part', async () => {
  await open(add('/', { body: '<div style="height:20000px"></div>' }));
  await run(() => {
    Object.defineProperty(document, 'hidden', { value: true });
    dispatchEvent(new PageTransitionEvent('pagehide'));
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  await settle();
  const [message, ...more] = named('engagement');
  assert.equal(more.length, 0);
  assert.ok(message.e > 0 && message.sd > 0 && message.sd < 50, JSON.stringify(message));
});

test('links, downloads, forms and tags are told once, and never a field', async () => {
  const stop = '<script>for(const t of["click","submit"])addEventListener(t,e=>{if(t=="submit"||e.composedPath().some(n=>/^a$/i.test(n.tagName)))e.preventDefault()})</script>';
  await open(
    add('/', {
      attributes: 'data-outbound data-downloads data-forms',
      body: `<a id="out" href="https://other.example/"><b>out</b></a><a id="file" href="/a.pdf">file</a>
<svg width="50" height="50"><a href="https://svg.example/"><rect id="svg" width="50" height="50"/></a></svg>
<a id="tag" href="https://other.example/" data-mostik-event="Buy" data-mostik-revenue="10.50 RUB">buy</a>
<form action="/x"><input name="email" value="me@secret.example"><button id="send">s</button></form>${stop}`,
    }),
  );
  for (const id of ['out', 'file', 'svg', 'tag', 'send']) await firefox.click(`#${id}`);
  await settle();
  assert.deepEqual(custom(), ['Outbound Link: Click', 'File Download', 'Outbound Link: Click', 'Buy', 'Form: Submission']);
  assert.ok(!world.recorder.requests.some(({ body }) => body.includes('secret')));
});

test('a server in trouble gets the event again, with the same number', async () => {
  await open(add('/'));
  world.recorder.behaviour.status = 503;
  await run(() => new Promise((done) => window.mostik('Order', { callback: () => done() })));
  world.recorder.behaviour.status = 202;
  await run(() => window.mostik('Next'));
  const [first, second] = await some('Order', 2);
  assert.equal(first.x, second.x);
  assert.ok(second.a >= 0);
});

test('where a policy forbids the connection an image carries the events', async () => {
  const policy = `connect-src 'self'; script-src 'unsafe-inline' ${world.recorder.origin}`;
  await firefox.open(add('/', { headers: { 'content-security-policy': policy } }));
  await run(() => window.mostik('Order'));
  await some('Order');
  await some('pageview');
  assert.ok(world.recorder.requests.every(({ method }) => method === 'GET'));
});

test('a strict policy with trusted types is no obstacle', async () => {
  const { origin } = world.recorder;
  const policy = `default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; script-src ${origin}; connect-src ${origin}`;
  await open(add('/', { raw: `<!doctype html>${world.site.tag()}<body>`, headers: { 'content-security-policy': policy } }));
});

test('consent marks events, its withdrawal marks them, too', async () => {
  await open(add('/'));
  await run(() => window.mostik.consent('granted'));
  await run(() => window.mostik('Agreed'));
  await run(() => window.mostik.consent('denied'));
  await run(() => window.mostik('After'));
  await some('After');
  assert.deepEqual([named('Agreed')[0].c, named('After')[0].c, named('pageview')[0].c], [1, 0, undefined]);
});

test('an opt-out holds, and an opt-in ends it', async () => {
  const url = add('/');
  await open(url);
  await run(() => window.mostik.optOut());
  await firefox.open(url);
  assert.equal(await run(() => window.mostik.isOptedOut()), true);
  await run(() => window.mostik.optIn());
  assert.deepEqual(await run(() => ({ ...localStorage })), {});
  assert.equal(named('pageview').length, 1);
});

test('an excluded page sends nothing', async () => {
  await firefox.open(add('/admin/x', { attributes: 'data-exclude="/admin/**"' }));
  await run(() => new Promise((done) => window.mostik('Gone', { callback: () => done() })));
  assert.deepEqual(world.recorder.names(), []);
});

test('a script included twice counts once, and a missing page says so', async () => {
  const tag = world.site.tag({ attributes: 'data-404' });
  await open(add('/', { raw: `<!doctype html>${tag}${tag}<body>`, status: 404 }));
  await settle();
  // Two requests on two connections: either may arrive first.
  assert.deepEqual(world.recorder.names().filter((name) => !/Marker/.test(name)).sort(), ['404', 'pageview']);
});

test('paints and interactions are measured, layout shifts are not told', async () => {
  await open(add('/', { file: 'i.vitals.js', body: '<h1>Title</h1><a id="x" href="/away">on</a>' }));
  add('/away', { raw: '<!doctype html>' });
  await run(() => new Promise((done) => new PerformanceObserver(() => done()).observe({ type: 'largest-contentful-paint', buffered: true })));
  await firefox.click('#x');
  const [{ wv }] = await some('engagement');
  assert.ok(wv.fcp > 0 && wv.lcp > 0 && wv.ttfb >= 0, JSON.stringify(wv));
  assert.equal(wv.cls, undefined);
});

for (const [order, scripts] of [
  ['before', (addOn, tag) => addOn + tag],
  ['after', (addOn, tag) => tag + addOn],
]) {
  test(`ym.js ${order} a tag tells each goal once`, async () => {
    const stub = '<script>window.ym=window.ym||function(){(ym.a=ym.a||[]).push(arguments)};ym(7,"reachGoal","early")</script>';
    const tag = '<script>(()=>{window.saw=0;const a=ym.a,old=a.push;a.push=function(...c){saw++;return old.apply(a,c)};saw+=a.length})()</script>';
    const addOn = `<script src="${world.recorder.origin}/ym.js" data-counters="7"></script>`;
    await open(add('/', { head: stub, body: scripts(addOn, tag) }));
    await run(() => window.ym(7, 'reachGoal', 'late'));
    await settle();
    assert.deepEqual([custom(), await run(() => window.saw)], [['early', 'late'], 2]);
  });
}

test('Global Privacy Control, switched on in the browser, is obeyed', async () => {
  const objecting = await launchFirefox({ 'privacy.globalprivacycontrol.enabled': true });
  try {
    await objecting.open(add('/'));
    const answer = await objecting.run(
      (url) => new Promise((done) => window.mostik('Gone', { callback: () => fetch(url, { method: 'POST', body: '{"n":"Control"}' }).then(() => done(navigator.globalPrivacyControl)) })),
      `${world.recorder.origin}/api/event`,
    );
    assert.equal(answer, true);
    assert.deepEqual(world.recorder.names(), ['Control']);
    assert.equal(world.recorder.requests[0].headers['sec-gpc'], '1');
  } finally {
    await objecting.close();
  }
});
