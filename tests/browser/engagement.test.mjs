// Engaged time and scroll depth. The page's clock is moved by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useBrowser } from './harness.mjs';

const world = useBrowser();
const run = (script, argument) => world.page.evaluate(script, argument);
const told = (count) =>
  world.recorder.until(
    () => world.recorder.named('engagement').length >= count && world.recorder.named('engagement'),
    `${count} engagements`,
  );
const pass = (seconds) => world.page.clock.runFor(seconds * 1000);
const seconds = ({ e }) => Math.round(e / 1000);
/** Opens a page whose clock stands still. */
const begin = async (page, path = '/') => {
  await world.page.clock.install({ time: 0 });
  await world.page.clock.pauseAt(1000);
  await world.open(world.site.add(path, page));
};
const leave = () => run(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false })));

test('totals are told after 10 and 60 seconds, and not in between', async () => {
  await begin();
  await pass(9);
  await world.settle();
  assert.equal(world.recorder.named('engagement').length, 0);
  await pass(2);
  await told(1);
  await pass(40);
  await world.settle();
  assert.equal(world.recorder.named('engagement').length, 1);
  await pass(20);
  const messages = await told(2);
  assert.deepEqual(messages.map(seconds), [10, 60]);
});

test('totals only grow within a page view, and name it', async () => {
  await begin();
  await pass(5);
  await world.setVisibility('hidden');
  await told(1);
  await world.setVisibility('visible');
  await pass(4);
  await world.setVisibility('hidden');
  const messages = await told(2);
  const [view] = world.recorder.named('pageview');
  assert.deepEqual(messages.map(({ pv, u }) => [pv, u]), [
    [view.pv, view.u],
    [view.pv, view.u],
  ]);
  assert.equal(seconds(messages[1]) - seconds(messages[0]), 4);
  assert.deepEqual(Object.keys(messages[0]).sort(), ['d', 'e', 'n', 'pv', 'sd', 'u', 'v', 'x']);
});

test('hidden time is not counted', async () => {
  await begin();
  await pass(4);
  await world.setVisibility('hidden');
  const [first] = await told(1);
  await pass(60);
  await world.setVisibility('visible');
  await pass(4);
  await world.setVisibility('hidden');
  const [, second] = await told(2);
  assert.equal(seconds(second) - seconds(first), 4);
});

test('pagehide and the hiding after it tell one thing once', async () => {
  await begin();
  await pass(4);
  await leave();
  await world.setVisibility('hidden');
  await told(1);
  await world.settle();
  assert.equal(world.recorder.named('engagement').length, 1);
});

test('a real loss of focus stops the clock, focus in a frame does not', async () => {
  await begin({ body: '<iframe srcdoc="<input autofocus>"></iframe><input id="own">' });
  const session = await world.context.newCDPSession(world.page);
  await world.page.frames()[1].focus('input');
  await run(() => new Promise((done) => (document.hasFocus() ? done() : addEventListener('focus', done))));
  await pass(5);
  await world.setVisibility('hidden');
  const [inFrame] = await told(1);
  await world.setVisibility('visible');
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: false });
  await run(() => {
    document.hasFocus = () => false;
    dispatchEvent(new FocusEvent('blur'));
  });
  await pass(30);
  await run(() => {
    document.hasFocus = () => true;
    dispatchEvent(new FocusEvent('focus'));
  });
  await pass(6);
  await world.setVisibility('hidden');
  const [, after] = await told(2);
  assert.equal(seconds(after) - seconds(inFrame), 6);
});

test('a step tells the page before with its own name and address', async () => {
  await begin();
  await pass(4);
  await run(() => history.pushState({}, '', '/next'));
  await pass(1);
  await told(1);
  await pass(5);
  await world.setVisibility('hidden');
  const messages = await told(2);
  const views = world.recorder.named('pageview');
  assert.deepEqual(messages.map(({ pv }) => pv), views.map(({ pv }) => pv));
  assert.deepEqual(messages.map(({ u }) => u), views.map(({ u }) => u));
  assert.equal(seconds(messages[1]), 6);
});

test('a real navigation delivers the last total', async () => {
  await world.open(world.site.add('/', { body: '<div style="height:3000px"></div><a href="/away">on</a>' }));
  world.site.add('/away', { raw: '<!doctype html>' });
  await world.page.click('a');
  const [message] = await told(1);
  assert.equal(message.u, `${world.site.origin}/`);
  assert.ok(message.e > 0);
  assert.equal(message.sd, 100);
});

const depth = async (body, act) => {
  await begin({ body });
  if (act) await act();
  await pass(4);
  await world.setVisibility('hidden');
  return (await told(1))[0].sd;
};

test('a page shorter than the window is seen whole', async () => {
  assert.equal(await depth('<p>short</p>'), 100);
});

test('a long page is seen as far as it was scrolled, and the furthest counts', async () => {
  const height = world.page.viewportSize().height;
  const body = `<style>body{margin:0}</style><div style="height:${height * 10}px"></div>`;
  const scrolled = async () => {
    for (const screens of [4, 0]) {
      await run((y) => {
        const heard = new Promise((done) => addEventListener('scroll', done, { once: true }));
        scrollTo(0, y);
        return heard;
      }, screens * height);
    }
  };
  assert.equal(await depth(body, scrolled), 50);
});

test('a page that grows is measured as it then is', async () => {
  const height = world.page.viewportSize().height;
  const body = `<style>body{margin:0}</style><div id="a" style="height:${height}px"></div>`;
  const grow = () => run((h) => (document.getElementById('a').style.height = `${h}px`), height * 4);
  assert.equal(await depth(body, grow), 25);
});

test('a frameset and an emptied document do no harm', async () => {
  await begin();
  await run(() => document.documentElement.remove());
  await pass(4);
  await world.setVisibility('hidden');
  await told(1);
  assert.deepEqual(world.errors, []);
});
