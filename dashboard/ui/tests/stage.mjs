// A browser, a fixture server, and a page on it whose every wish is watched: an
// error in the page, a breach of its own policy, or a request to anybody else
// fails the test.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { freshWorld, serve } from './server.mjs';

export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
/** Milliseconds until something expected counts as missing. */
const PATIENCE_MS = 10_000;

export async function stage() {
  const fixture = await serve();
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  return {
    fixture,
    /** Opens a page in a world of its own; `close` tells whether it behaved. */
    async open(path, { world = {}, clock = false, ...options } = {}) {
      // A test that failed left its page open, and it would go on asking in this one's world.
      await Promise.all(browser.contexts().map((left) => left.close()));
      fixture.world = Object.assign(freshWorld(), world);
      const context = await browser.newContext({ viewport: WIDE, locale: 'en-GB', timezoneId: 'Europe/Moscow', ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      // A page with a clock of ours lives through minutes at once.
      if (clock) await page.clock.install();
      const wrongs = [];
      page.on('pageerror', (error) => wrongs.push(error.message));
      // A refused API call is logged by the browser itself and is no fault of the page.
      page.on('console', (message) => { if (message.type() === 'error' && !/status of (4|5)\d\d/.test(message.text())) wrongs.push(message.text()); });
      page.on('request', (request) => { if (!request.url().startsWith(fixture.origin)) wrongs.push(`asked ${request.url()}`); });
      await page.goto(fixture.origin + path);
      const close = async () => {
        await context.close();
        assert.deepEqual(wrongs, []);
      };
      return { page, world: fixture.world, close };
    },
    async close() {
      await browser.close();
      await fixture.close();
    },
  };
}

export const ready = (page) => page.waitForSelector('main[data-state="ready"]');
export const search = (page) => new URL(page.url()).searchParams;
/** Waits until the address says so: a key or a click changes it at once, but the page answers in its own time. */
export const addressHas = (page, name, value) => page.waitForFunction(([n, v]) => new URLSearchParams(location.search).get(n) === v, [name, value]);
export const metric = (page, name) => page.locator(`[data-metric="${name}"]`);
