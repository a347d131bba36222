// What leaves the browser, byte for byte.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useBrowser } from './harness.mjs';

const world = useBrowser();
const send = (...args) => world.page.evaluate((given) => window.mostik(...given), args);

test('a load sends one page view and nothing before it', async () => {
  await world.open(world.site.add('/'));
  await world.settle();
  assert.deepEqual(world.arrived(), ['pageview']);
  assert.deepEqual(
    world.recorder.requests.map(({ method }) => method),
    ['POST', 'POST', 'POST'],
  );
});

test('a page view has exactly these keys', async () => {
  await world.open(world.site.add('/'), { referer: 'https://search.example/results?q=secret' });
  const [view] = world.recorder.named('pageview');
  assert.match(view.pv, /^[\d.e-]{10,50}$/);
  assert.match(view.x, /^[\d.e-]{10,50}$/);
  assert.notEqual(view.x, view.pv);
  assert.deepEqual(view, {
    n: 'pageview',
    d: 'site.test',
    u: `${world.site.origin}/`,
    v: 1000,
    pv: view.pv,
    x: view.x,
    r: 'https://search.example/results',
    nt: 'n',
  });
});

test('no preflight, text/plain, no header of our own', async () => {
  await world.open(world.site.add('/'));
  const [{ headers }] = world.recorder.requests;
  assert.equal(headers['content-type'], 'text/plain;charset=UTF-8');
  const usual =
    /^(host|connection|content-length|content-type|user-agent|accept|accept-encoding|accept-language|origin|referer|sec-.*|priority)$/;
  assert.deepEqual(
    Object.keys(headers).filter((name) => !usual.test(name)),
    [],
  );
  assert.equal(headers.referer, `${world.site.origin}/`);
});

test('a request outlives its page and leaves credentials at home', async () => {
  // Delivery alone does not tell: on an idle machine a plain fetch often arrives, too.
  await world.page.addInitScript(() => {
    const original = window.fetch;
    window.fetch = (url, options) => {
      const { body, ...rest } = options;
      window.asked = rest;
      return original(url, options);
    };
  });
  await world.open(world.site.add('/'));
  assert.deepEqual(await world.page.evaluate(() => window.asked), {
    method: 'POST',
    keepalive: true,
    credentials: 'omit',
  });
});

test('no cookie is sent, even where the browser has one for the collector', async () => {
  const api = `${world.recorder.sameSiteOrigin}/api/event`;
  await world.context.addCookies([{ name: 'theirs', value: '1', domain: '127.0.0.1', path: '/' }]);
  await world.open(world.site.add('/', { attributes: `data-api="${api}"` }));
  const control = { method: 'POST', credentials: 'include', mode: 'no-cors', body: '{"n":"Control"}' };
  await world.page.evaluate(([url, init]) => fetch(url, init), [api, control]);
  await world.recorder.until(() => world.recorder.named('Control').length);
  const sent = world.recorder.requests.map(({ events, headers }) => [events[0].n, headers.cookie]);
  assert.deepEqual(sent, [
    ['pageview', undefined],
    ['Control', 'theirs=1'],
  ]);
});

test('an order carries its props and its revenue', async () => {
  await world.open(world.site.add('/'));
  await send('Order', { props: { plan: 'pro', seats: 3, gift: false }, revenue: { amount: '10.50', currency: 'RUB' } });
  const [order] = await world.recorder.until(() => world.recorder.named('Order').length && world.recorder.named('Order'));
  const [view] = world.recorder.named('pageview');
  assert.deepEqual(order, {
    n: 'Order',
    d: 'site.test',
    u: `${world.site.origin}/`,
    v: 1000,
    pv: view.pv,
    x: order.x,
    p: { plan: 'pro', seats: '3', gift: 'false' },
    $: { amount: '10.50', currency: 'RUB' },
  });
});

test('parameters nobody listed, fragment and credentials stay at home', async () => {
  const url = world.site.add('/a', { attributes: 'data-query="page, q"' });
  await world.open(
    `${url.replace('//', '//me:secret@')}?utm_source=mail&utm_campaign=x&token=s3cret&page=2&yclid=1&ref=blog#access_token=1`,
  );
  assert.deepEqual(world.viewed(), ['/a?utm_source=mail&utm_campaign=x&page=2&ref=blog']);
});

test('the fragment is part of the path only in hash mode, and never its parameters', async () => {
  const url = world.site.add('/h', { attributes: 'data-hash' });
  await world.open(`${url}#/reset?token=s3cret`);
  assert.deepEqual(world.viewed(), ['/h#/reset']);
  assert.equal(world.recorder.named('pageview')[0].h, 1);
});

test('props of 70 kB are cut, not lost', async () => {
  await world.open(world.site.add('/'));
  await world.page.evaluate(() => {
    const props = { long: 'я'.repeat(70_000), half: 'x' };
    window.mostik('Big', { props });
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, '😀'.repeat(900)]));
    window.mostik('Many', { props: many });
    window.mostik('Odd', { props: { nested: { a: 1 }, none: null, missing: undefined, act() {}, torn: 'a\ud83db', kept: 'ok' } });
  });
  await world.recorder.until(() => world.recorder.named('Odd').length && world.recorder.named('Many').length);
  const props = (name) => world.recorder.named(name)[0].p;
  assert.deepEqual(props('Big'), { long: 'я'.repeat(120), half: 'x' });
  assert.equal(Object.keys(props('Many')).length, 30);
  assert.deepEqual(props('Odd'), { torn: 'ab', kept: 'ok' });
  for (const { body } of world.recorder.requests) assert.ok(Buffer.byteLength(body) < 16 * 1024);
});

test('props of the tag and of init are those of every event', async () => {
  const url = world.site.add('/', {
    attributes: 'data-prop-plan="free" data-prop-lang="ru"',
  });
  await world.open(url);
  await send('Buy', { props: { plan: 'pro' } });
  await world.recorder.until(() => world.recorder.named('Buy').length);
  assert.deepEqual(world.recorder.named('pageview')[0].p, { plan: 'free', lang: 'ru' });
  assert.deepEqual(world.recorder.named('Buy')[0].p, { plan: 'pro', lang: 'ru' });
});

test('a long address is cut to what the collector takes', async () => {
  await world.open(`${world.site.add('/')}?utm_content=${'a'.repeat(3000)}`);
  assert.equal(world.recorder.named('pageview')[0].u.length, 2000);
});

test('a driven browser is told as such, and dropped by nobody here', async () => {
  const url = world.site.add('/', { raw: `<!doctype html>${world.site.tag().replace('data-bots', '')}` });
  await world.open(url);
  assert.equal(world.recorder.named('pageview')[0].b, 153);
});

test('transform has the last word', async () => {
  const url = world.site.add('/', {
    head: `<script>window.mostik=function(){(mostik.q=mostik.q||[]).push(arguments)};mostik.o={transform(e){if(e.n=='Secret')return;e.u=e.u.replace('private','public');return e}}</script>`,
  });
  await world.open(url.replace(/\/$/, '/?utm_source=private'));
  await send('Secret');
  await world.settle();
  assert.deepEqual(world.arrived(), ['pageview']);
  assert.deepEqual(world.viewed(), ['/?utm_source=public']);
});

test('counting leaves nothing on the device', async () => {
  const url = world.site.add('/');
  await world.open(url);
  await world.settle();
  await world.page.goto(world.site.add('/silent', { raw: '<!doctype html>' }));
  assert.deepEqual(await world.context.cookies(), []);
  const stored = await world.page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: await indexedDB.databases(),
    caches: window.caches ? await caches.keys() : [],
    workers: navigator.serviceWorker ? (await navigator.serviceWorker.getRegistrations()).length : 0,
    name: window.name,
  }));
  assert.deepEqual(stored, { local: {}, session: {}, databases: [], caches: [], workers: 0, name: '' });
});

test('core.js counts views, steps and events, too', async () => {
  await world.open(world.site.add('/', { file: 'core.js' }));
  await world.page.evaluate(() => {
    history.pushState({}, '', '/next');
    window.mostik('Buy', { props: { plan: 'pro' } });
  });
  await world.recorder.until(() => world.recorder.named('Buy').length);
  assert.deepEqual(world.viewed(), ['/', '/next']);
  assert.equal(world.recorder.named('Buy')[0].u, `${world.site.origin}/next`);
  assert.deepEqual(world.errors, []);
});
