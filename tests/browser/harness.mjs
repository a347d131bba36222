// One browser and one site for a file of tests; for each test a fresh profile, and a
// recorder of its own, so that a straggler of the test before finds a closed door.

import { after, afterEach, before, beforeEach } from 'node:test';
import { launch } from './chromium.mjs';
import { startRecorder } from './recorder.mjs';
import { startSite } from './site.mjs';

/** Call at the top of a test file. What it returns is filled in before the first test. */
export function useBrowser() {
  const world = {};
  before(async () => {
    world.site = await startSite(world);
    world.browser = await launch();
  });
  beforeEach(async () => {
    world.recorder = await startRecorder();
    world.context = await world.browser.newContext();
    world.page = await world.context.newPage();
    /** Errors of the page, which must not be ours. */
    world.errors = [];
    world.page.on('pageerror', (error) => world.errors.push(error.message));
  });
  afterEach(async () => {
    await world.context?.close();
    await world.recorder?.close();
  });
  after(async () => {
    await world.browser?.close();
    await world.site?.close();
  });

  /**
   * Sends one event and waits until it has arrived, twice: what was sent before has had
   * its chance, so that absence can be asserted.
   */
  world.settle = async (page = world.page) => {
    for (const name of ['Marker', 'Marker again']) {
      const before = world.recorder.named(name).length;
      await page.evaluate((n) => new Promise((done) => window.mostik(n, { callback: done })), name);
      await world.recorder.until(() => world.recorder.named(name).length > before, name);
    }
  };
  /** Names that arrived, without the markers. */
  world.arrived = () => world.recorder.names().filter((name) => !name.startsWith('Marker'));
  /** Paths of page views, in order. */
  world.viewed = () => world.recorder.named('pageview').map((event) => event.u.slice(world.site.origin.length));
  /** Opens an address and waits for its page view. */
  world.open = async (url, options) => {
    const before = world.recorder.named('pageview').length;
    await world.page.goto(url, options);
    await world.recorder.until(() => world.recorder.named('pageview').length > before, `a page view of ${url}`);
  };
  /** Playwright's pages are always visible: pretends otherwise, as the page sees it. */
  world.setVisibility = (state, page = world.page) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'visibilityState', { value, configurable: true });
      Object.defineProperty(document, 'hidden', { value: value == 'hidden', configurable: true });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, state);
  return world;
}
