// On paper: the figures, and nothing to press.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ready, stage } from './stage.mjs';

let on;
before(async () => { on = await stage(); });
after(() => on.close());

/** A4 at 96 pixels an inch, less its margins. */
const PAPER = { width: 718, height: 1047 };

test('what lies below the window is printed as well, and what has not come is not', async () => {
  const { page, close } = await on.open('/sites/1', { viewport: { width: 1280, height: 500 } });
  await ready(page);
  // Nothing has scrolled there.
  await page.waitForSelector('.panel.speed [data-vital]');
  await page.waitForFunction(() => document.querySelector('.panel.actions') && !document.querySelector('.panel .bone'));
  await page.emulateMedia({ media: 'print' });
  for (const panel of ['speed', 'actions']) assert.ok(await page.locator(`.panel.${panel}`).isVisible(), panel);
  await page.evaluate(() => document.querySelector('.panel.speed .body').append(Object.assign(document.createElement('span'), { className: 'bone' })));
  assert.ok(!(await page.locator('.panel.speed').isVisible()));
  await close();
});

test('a printed overview has every figure in dark ink on white, and no control', async () => {
  const { page, close } = await on.open('/sites/1?filter=country:is:RU', { colorScheme: 'dark', viewport: PAPER });
  await ready(page);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const shown = (selector) => page.locator(selector).evaluateAll((all) => all.filter((one) => one.checkVisibility()).length);
  assert.equal(await shown('[data-metric]'), 8);
  assert.ok(await shown('.chart .line canvas'), 'the chart');
  assert.ok(await shown('.chip'), 'what is filtered');
  assert.ok((await shown('.panel [data-row]')) > 20, 'the panels');
  assert.equal(await shown('.controls button, .notes button, .grain, .panel > footer, .tabs'), 0);
  const [ink, paper] = await page.evaluate(() => [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]);
  const light = (colour) => colour.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
  assert.ok(light(ink) < 0.3 && (light(paper) > 0.95 || paper === 'rgba(0, 0, 0, 0)'), `${ink} on ${paper}`);
  const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= width, `wider than the paper: ${content}`);
  await close();
});
