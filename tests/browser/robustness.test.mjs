// Hostile surroundings: policies, missing and replaced functions, failing servers. The
// page must never notice us, and what can be delivered is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useBrowser } from './harness.mjs';
import { STUB } from './site.mjs';

const world = useBrowser();
const run = (script, argument) => world.page.evaluate(script, argument);
const call = (name) =>
  run((n) => new Promise((callback) => window.mostik(n, { callback: (result) => callback(Object.keys(result)) })), name);

test('a server in trouble gets the event again, once it is well', async () => {
  await world.open(world.site.add('/'));
  world.recorder.behaviour.status = 500;
  await call('Order');
  world.recorder.behaviour.status = 202;
  await run(() => window.mostik('Next'));
  await world.recorder.until(() => world.recorder.named('Order').length === 2);
  await world.settle();
  const [first, second] = world.recorder.named('Order');
  assert.equal(first.x, second.x);
  assert.equal(first.a, undefined);
  assert.ok(second.a >= 0);
  assert.equal(world.recorder.named('Order').length, 2);
});

test('without any other event it is sent again after a pause', async () => {
  await world.page.clock.install({ time: 0 });
  await world.page.clock.pauseAt(1000);
  await world.open(world.site.add('/'));
  world.recorder.behaviour.status = 503;
  await call('Order');
  const tries = (count) => world.recorder.until(() => world.recorder.named('Order').length === count, `${count} tries`);
  await world.page.clock.runFor(5_000);
  await tries(2);
  // The answer schedules the next try; it has come when the page can say so.
  await call('Other');
  await world.page.clock.runFor(20_000);
  await tries(3);
});

for (const status of [400, 403, 404, 413]) {
  test(`a refusal with ${status} is final`, async () => {
    await world.open(world.site.add('/'));
    world.recorder.behaviour.status = status;
    await call('Order');
    world.recorder.behaviour.status = 202;
    await world.settle();
    assert.equal(world.recorder.named('Order').length, 1);
  });
}

test('what was said offline is delivered online, in its order and with its age', async () => {
  await world.open(world.site.add('/'));
  await world.context.setOffline(true);
  assert.deepEqual(await call('One'), ['error']);
  assert.deepEqual(await call('Two'), ['error']);
  await world.context.setOffline(false);
  await world.recorder.until(() => world.recorder.named('Two').length);
  await world.settle();
  assert.deepEqual(world.arrived(), ['pageview', 'One', 'Two']);
  for (const { a } of world.recorder.events().slice(1, 3)) assert.ok(Number.isInteger(a), `age ${a}`);
});

test('an answer that may not be read leads to a second copy with the same number', async () => {
  world.recorder.behaviour.cors = false;
  await world.page.goto(world.site.add('/'));
  await world.recorder.until(() => world.recorder.named('pageview').length === 1);
  await call('Order');
  world.recorder.behaviour.cors = true;
  await world.setVisibility('visible');
  await world.recorder.until(() => world.recorder.named('Order').length === 2);
  const [first, second] = world.recorder.named('Order');
  assert.equal(first.x, second.x);
});

test('the callback comes in every case: sent, failed, ignored', async () => {
  await world.open(world.site.add('/', { attributes: 'data-exclude="/hidden"' }));
  const sent = await run(() => new Promise((done) => window.mostik('A', { callback: (r) => done(r.status) })));
  assert.equal(sent, 202);
  await run(() => {
    window.fetch = () => Promise.reject(new Error('blocked'));
  });
  assert.deepEqual(await call('B'), ['error']);
  const ignored = await run(
    () => new Promise((done) => window.mostik('C', { url: '/hidden', callback: (r) => done(r ?? 'none') })),
  );
  assert.equal(ignored, 'none');
  const badAddress = await run(
    () => new Promise((done) => window.mostik('D', { url: 'http://[', callback: (r) => done(r ?? 'none') })),
  );
  assert.equal(badAddress, 'none');
});

for (const [what, change] of [
  ['missing', () => delete window.fetch],
  ['throwing', () => (window.fetch = () => { throw new Error('no'); })],
  ['returning nothing', () => (window.fetch = () => undefined)],
]) {
  test(`a fetch that is ${what} costs the event, not the page`, async () => {
    await world.page.addInitScript(change);
    await world.page.goto(world.site.add('/', { body: '<a href="https://other.example/" onclick="return false">x</a>', attributes: 'data-outbound' }));
    assert.deepEqual(await call('Gone'), ['error']);
    await world.page.click('a');
    await world.setVisibility('hidden');
    assert.deepEqual(world.errors, []);
    assert.deepEqual(world.recorder.names(), []);
  });
}

test('where a policy forbids the connection an image carries the events, without cookies', async () => {
  await world.context.addCookies([{ name: 'theirs', value: '1', domain: '127.0.0.1', path: '/' }]);
  await world.page.goto(
    world.site.add('/', { headers: { 'content-security-policy': `connect-src 'self'; script-src 'unsafe-inline' ${world.recorder.origin}` } }),
  );
  await call('Order');
  await run(() => window.mostik('Later', { props: { plan: 'про' } }));
  await world.recorder.until(() => ['pageview', 'Order', 'Later'].every((name) => world.recorder.named(name).length));
  await world.settle();
  assert.deepEqual([...new Set(world.recorder.requests.map(({ method }) => method))], ['GET']);
  assert.deepEqual(world.arrived().sort(), ['Later', 'Order', 'pageview']);
  assert.deepEqual(world.recorder.named('Later')[0].p, { plan: 'про' });
  assert.ok(world.recorder.requests.every(({ headers }) => headers.cookie === undefined));
  assert.deepEqual(world.errors, []);
});

test('a policy that also forbids images costs the event, not the page', async () => {
  let violations = 0;
  world.page.on('console', (message) => (violations += /Content Security Policy/.test(message.text()) ? 1 : 0));
  await world.page.goto(
    world.site.add('/', { headers: { 'content-security-policy': `default-src 'self'; script-src 'unsafe-inline' ${world.recorder.origin}` } }),
  );
  assert.deepEqual(await call('Gone'), ['error']);
  assert.deepEqual(await call('Gone'), ['error']);
  assert.deepEqual(world.errors, []);
  assert.deepEqual(world.recorder.names(), []);
  assert.ok(violations <= 10, `${violations} violations, a flood`);
});

test('a policy that only reports changes nothing', async () => {
  await world.open(world.site.add('/', { headers: { 'content-security-policy-report-only': "connect-src 'self'" } }));
  await world.settle();
  assert.ok(world.recorder.requests.every(({ method }) => method === 'POST'));
});

test('counting leaves nothing on the device', async () => {
  await world.open(world.site.add('/'));
  const stored = () => run(async () => ({
    cookie: document.cookie,
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: (await indexedDB.databases()).length,
    // Not there over plain http to another host than localhost.
    caches: 'caches' in window ? (await caches.keys()).length : 0,
    workers: (await navigator.serviceWorker?.getRegistrations?.() ?? []).length,
  }));
  const nothing = { cookie: '', local: {}, session: {}, databases: 0, caches: 0, workers: 0 };
  assert.deepEqual(await stored(), nothing);
  await run(() => { window.mostik('Order', { revenue: { amount: 5, currency: 'RUB' } }); window.mostik.consent('given'); });
  await world.recorder.until(() => world.recorder.named('Order').length);
  await world.settle();
  assert.deepEqual(await stored(), nothing);
  assert.deepEqual(await world.page.context().cookies(), [], 'not even for the collector');
});

test('a page has one name more, and no other', async () => {
  for (const file of ['i.js', 'i.vitals.js', 'core.js']) {
    await world.page.goto(world.site.add('/', { raw: '<!doctype html><body>' }));
    const added = await run((src) => {
      const before = new Set(Object.getOwnPropertyNames(window));
      return new Promise((done) => {
        const script = Object.assign(document.createElement('script'), { src });
        script.onload = () => done(Object.getOwnPropertyNames(window).filter((name) => !before.has(name)));
        document.body.append(script);
      });
    }, `${world.recorder.origin}/${file}`);
    assert.deepEqual(added, ['mostik'], file);
  }
});

test('trusted types and a strict policy are no obstacle', async () => {
  await world.open(
    world.site.add('/', {
      raw: `<!doctype html>${world.site.tag()}<body>`,
      headers: {
        'content-security-policy': `default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; script-src ${world.recorder.origin}; connect-src ${world.recorder.origin}`,
      },
    }),
  );
  assert.deepEqual(world.errors, []);
});

test('a sandboxed frame without storage is counted like any page', async () => {
  const inner = world.site.add('/inner', { attributes: 'data-outbound' });
  await world.page.goto(world.site.add('/outer', { raw: `<!doctype html><iframe sandbox="allow-scripts" src="${inner}"></iframe>` }));
  await world.recorder.until(() => world.recorder.named('pageview').length);
  const frame = world.page.frames()[1];
  assert.equal(await frame.evaluate(() => { try { return !!localStorage; } catch { return 'blocked'; } }), 'blocked');
  await frame.evaluate(() => {
    window.mostik.optOut();
  });
  assert.equal(await frame.evaluate(() => window.mostik.isOptedOut()), true);
  assert.deepEqual(world.viewed(), ['/inner']);
  assert.deepEqual(world.errors, []);
});

test('a page that keeps its own name mostik is not broken by the stub', async () => {
  await world.open(world.site.add('/', { raw: `<!doctype html>${STUB}${STUB}${world.site.tag()}` }));
  await world.settle();
  assert.deepEqual(world.arrived(), ['pageview']);
});
