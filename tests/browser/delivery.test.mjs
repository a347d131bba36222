// Events sent by a page that is about to be gone, to a collector that takes its time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useBrowser } from './harness.mjs';

const TRIES = 20;
const world = useBrowser();
const arrived = (name) => world.recorder.until(() => new Set(world.recorder.named(name).map(({ x }) => x)).size >= TRIES, `${TRIES} ${name}`);

const ways = {
  click: { body: '<a id="x" href="/away" data-mostik-event="Leave">on</a>', act: (page) => page.click('#x') },
  submission: {
    body: '<form id="f" action="/away" data-mostik-event="Leave"><button id="x">on</button></form>',
    act: (page) => page.click('#x'),
  },
  pagehide: {
    body: '<script>addEventListener("pagehide",()=>mostik("Leave"))</script><a id="x" href="/away">on</a>',
    act: (page) => page.click('#x'),
  },
};

for (const [way, { body, act }] of Object.entries(ways)) {
  test(`an event told on ${way} arrives ${TRIES} times of ${TRIES}`, async () => {
    const url = world.site.add('/', { body });
    world.site.add('/away', { raw: '<!doctype html>' });
    // Each event has to open a connection of its own, as a first one does.
    Object.assign(world.recorder.behaviour, { delayMs: 150, hangUp: true });
    for (let i = 0; i < TRIES; i++) {
      await world.page.goto(url);
      await Promise.all([world.page.waitForURL('**/away*'), act(world.page)]);
    }
    await arrived('Leave');
    assert.equal(world.recorder.requests.filter(({ method }) => method !== 'POST').length, 0);
  });
}

test(`closing the tab delivers what was just said and the engagement, ${TRIES} times of ${TRIES}`, async () => {
  const url = world.site.add('/');
  Object.assign(world.recorder.behaviour, { delayMs: 1000, hangUp: true });
  for (let i = 0; i < TRIES; i++) {
    const page = await world.context.newPage();
    await page.goto(url);
    await page.evaluate(() => window.mostik('Leave'));
    await page.close({ runBeforeUnload: true });
  }
  await arrived('Leave');
  await arrived('engagement');
});
