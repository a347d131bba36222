// For every reader: axe finds nothing in both themes and languages, a phone has
// no sideways scroll, motion stops for whoever asks, focus is seen.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { forwarding } from './forwarding.mjs';
import { PHONE, ready, stage, WIDE } from './stage.mjs';

let on;
before(async () => { on = await stage(); });
after(() => on.close());

const PAGES = {
  overview: { path: '/sites/1?filter=country:is:RU&filter=channel:is:search' },
  'overview as tables': { path: '/sites/1?table=1&places=countries&sources=campaigns&period=today' },
  'empty overview': { path: '/sites/1', world: { figures: { scale: 0 } } },
  'full list': { path: '/sites/1?list=country', act: (page) => page.waitForSelector('dialog tbody tr') },
  'period menu': { path: '/sites/1', act: async (page) => { await ready(page); await page.keyboard.press('0'); await page.waitForSelector('.sheet'); } },
  'filter menu': { path: '/sites/1', act: async (page) => { await ready(page); await page.keyboard.press('f'); await page.locator('.menu.filter .item').first().click(); await page.waitForSelector('.suggested .item'); } },
  definition: { path: '/sites/1', act: async (page) => { await ready(page); await page.locator('.info').first().click(); } },
  help: { path: '/sites/1', act: async (page) => { await ready(page); await page.keyboard.press('?'); await page.waitForSelector('dialog'); } },
  'sign in': { path: '/', world: { state: 'signed_out' } },
  'set-up': { path: '/setup#x', world: { state: 'setup' } },
  'waiting for its owner': { path: '/', world: { state: 'setup' } },
  'new site': { path: '/sites/new' },
  install: { path: '/sites/1/install', world: { firstEvent: false } },
  'forwarding, not set up': { path: '/sites/1/metrika' },
  'forwarding, previewed': { path: '/sites/1/metrika', world: { metrika: forwarding('preview') }, act: async (page) => { await ready(page); for (const more of await page.locator('summary').all()) await more.click(); } },
  'forwarding, beside the tag': { path: '/sites/1/metrika', world: { metrika: forwarding('live') }, act: async (page) => { await ready(page); await page.locator('summary').filter({ hasText: /Mostik/ }).click(); await page.locator('details form button').click(); await page.waitForSelector('[data-tag]'); } },
  'forwarding, live': { path: '/sites/1/metrika', world: { metrika: forwarding('live') }, act: async (page) => { await ready(page); await page.locator('section button').filter({ hasText: /counter|счётчик/ }).click(); await page.waitForSelector('.once'); } },
  account: { path: '/account', act: async (page) => { await ready(page); await page.waitForSelector('[data-audit="2"]'); await page.getByRole('button', { name: /Switch it on|Включить/ }).click(); await page.waitForSelector('.qr'); } },
  'sharing and people': { path: '/sites/1/sharing', act: async (page) => { await page.waitForSelector('[data-link]'); await page.waitForSelector('[data-member]'); } },
  'a link with a password': { path: `/share/${'ab'.repeat(8)}#secret`, world: { state: 'signed_out' } },
  'a link that has ended': { path: `/share/${'cd'.repeat(8)}`, world: { state: 'signed_out' }, act: (page) => page.waitForSelector('main[data-state="error"]') },
  invitation: { path: '/invitation#invited', world: { state: 'signed_out' } },
  'no such site': { path: '/sites/99', act: (page) => page.waitForSelector('[role=alert]') },
  failing: { path: '/sites/1', world: { broken: 503 }, act: (page) => page.waitForSelector('main[data-state="error"]') },
};

/** Both themes, languages and sizes; the overview, which has most to show, in every pairing of theme and language. */
const PAIRS = [['light', 'en-GB', WIDE], ['dark', 'ru-RU', PHONE]];
const OTHER_PAIRS = [['light', 'ru-RU', PHONE], ['dark', 'en-GB', WIDE]];

for (const [name, { path, world = {}, act = ready }] of Object.entries(PAGES)) {
  for (const [colorScheme, locale, viewport] of name === 'overview' ? [...PAIRS, ...OTHER_PAIRS] : PAIRS) {
    const size = viewport === PHONE ? 'phone' : 'wide';
    test(`axe finds nothing: ${name}, ${colorScheme}, ${locale.slice(0, 2)}, ${size}`, async () => {
      const { page, close } = await on.open(path, { world: structuredClone(world), colorScheme, locale, viewport, reducedMotion: 'reduce' });
      await act(page);
      const { violations } = await new AxeBuilder({ page }).analyze();
      assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.any[0]?.message ?? ''}`).join(' | ')}`), []);
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window, `scrolls sideways: ${content} > ${window}`);
      await close();
    });
  }
}

test('nothing moves for whoever asked for calm', async () => {
  const { page, close } = await on.open('/sites/1/install', { world: { firstEvent: false }, reducedMotion: 'reduce' });
  await ready(page);
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('.waiting i'), '::after').animationName), 'none');
  await close();
});

test('no motion lasts 150 ms or longer', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  const slowest = await page.evaluate(() => Math.max(...[...document.querySelectorAll('*')].flatMap((e) => getComputedStyle(e).transitionDuration.split(',').map(parseFloat))));
  assert.ok(slowest < 0.15, `${slowest} s`);
  await close();
});

test('whoever walks by Tab sees where they are, and can skip the header', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '#figures');
  for (let i = 0; i < 30; i += 1) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => { const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement); return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2; });
    assert.ok(seen, await page.evaluate(() => document.activeElement.outerHTML.slice(0, 120)));
  }
  await close();
});

test('a phone shows one panel at a time', async () => {
  const { page, close } = await on.open('/sites/1', { viewport: PHONE });
  await ready(page);
  assert.equal(await page.locator('.panel:visible').count(), 1);
  await page.getByRole('button', { name: 'Places' }).click();
  await page.locator('.panel.places').waitFor();
  assert.equal(await page.locator('.panel:visible').count(), 1);
  await close();
});
