// Takes the pictures of the overview and of forwarding that docs/ shows, from the fixture's figures, so that the
// same sources give the same pictures:
//   npm run build && node tests/docs-pictures.mjs

import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { forwarding } from './forwarding.mjs';
import { freshWorld, serve, SITE } from './server.mjs';

const DOCS = fileURLToPath(new URL('../../../docs/pictures', import.meta.url));
const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

const fixture = await serve();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const locale of ['ru', 'en']) {
    for (const colorScheme of ['light', 'dark']) {
      fixture.world = Object.assign(freshWorld(), { sites: [{ ...SITE, props: ['url'] }] });
      const phone = size === 'phone';
      const context = await browser.newContext({ viewport, colorScheme, locale: locale === 'ru' ? 'ru-RU' : 'en-GB', timezoneId: 'Europe/Moscow', hasTouch: phone, isMobile: phone, reducedMotion: 'reduce' });
      const page = await context.newPage();
      await page.goto(`${fixture.origin}/sites/1${phone ? '' : '?goals=funnels'}`);
      await page.waitForSelector('main[data-state="ready"]');
      if (!phone) await page.waitForSelector('[data-funnel] li');
      if (!phone) {
        // What lies below asks once it is seen.
        await page.locator('.panel.speed').scrollIntoViewIfNeeded();
        await page.waitForSelector('.vital');
        await page.waitForSelector('.panel.actions [data-row]');
        await page.evaluate(() => scrollTo(0, 0));
      }
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: join(DOCS, `overview-${size}-${locale}-${colorScheme}.png`), fullPage: !phone });
      await context.close();
    }
  }
}
// docs/metrika.md: a destination in preview, with its file for late goals open.
for (const locale of ['ru', 'en']) {
  fixture.world = { ...freshWorld(), metrika: forwarding('preview') };
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, colorScheme: 'light', locale: locale === 'ru' ? 'ru-RU' : 'en-GB', timezoneId: 'Europe/Moscow', reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(`${fixture.origin}/sites/1/metrika`);
  await page.waitForSelector('main.metrika[data-state="ready"] .what');
  for (const more of await page.locator('.what summary').all()) await more.click();
  await page.evaluate(() => { scrollTo(0, 0); document.activeElement?.blur(); return document.fonts.ready; });
  const to = await page.locator('.boxes').boundingBox();
  await page.screenshot({ path: join(DOCS, '..', `metrika-${locale}.png`), fullPage: true, clip: { x: 0, y: 0, width: 1000, height: Math.ceil(to.y + to.height + 24) } });
  await context.close();
}
await browser.close();
await fixture.close();
