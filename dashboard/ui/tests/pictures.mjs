// Takes pictures of every page and state for a human eye:
//   node tests/pictures.mjs <folder> [name part]

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { freshWorld, serve, SITE } from './server.mjs';

const [folder = 'pictures', only = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const ready = (page) => page.waitForSelector('main[data-state="ready"]');

/** The panels that ask once they are seen. */
const below = async (page) => { await ready(page); await page.locator('.panel.actions, .panel.speed').locator('visible=true').last().scrollIntoViewIfNeeded(); await page.waitForSelector('.panel.front .rows li, .vitals'); await page.waitForFunction(() => document.querySelector('.panel.actions .row, .panel.speed .row')); };

/** name → { path, before(world), act(page) } */
const STATES = {
  overview: { path: '/sites/1', act: ready },
  filtered: { path: '/sites/1?period=91d&filter=country:is:RU&filter=channel:is_not:ad&metric=bounce_ratio&sources=sources&places=countries', act: ready },
  today: { path: '/sites/1?period=today&sources=campaigns&pages=entry', act: ready },
  year: { path: '/sites/1?period=12mo&compare=none&metric=views&devices=devices', act: ready },
  tooltip: { path: '/sites/1', act: async (page) => { await ready(page); await page.locator('.u-over').hover({ position: { x: 200, y: 120 } }); } },
  realtime: { path: '/sites/1?period=realtime', act: ready },
  quiet: { path: '/sites/1?period=realtime', before: (w) => { w.quiet = true; }, act: ready },
  actions: { path: '/sites/1?panel=actions', before: (w) => { w.sites = [{ ...SITE, props: ['url', 'plan', 'delivery'] }]; }, act: below },
  speed: { path: '/sites/1?panel=speed', act: below },
  properties: { path: '/sites/1?goals=properties&panel=goals&of=order', act: async (page) => { await ready(page); await page.waitForSelector('.properties [data-row]'); await page.locator('#panel-goals').scrollIntoViewIfNeeded(); } },
  paths: { path: '/sites/1?goals=paths&panel=goals', act: async (page) => { await ready(page); await page.waitForSelector('.paths .path'); await page.locator('#panel-goals').scrollIntoViewIfNeeded(); } },
  speedlist: { path: '/sites/1?list=speed', act: async (page) => { await ready(page); await page.waitForSelector('dialog tbody tr'); } },
  period: { path: '/sites/1', act: async (page) => { await ready(page); await page.locator('.controls .menu').first().locator('button').first().click(); } },
  filtermenu: { path: '/sites/1', act: async (page) => { await ready(page); await page.keyboard.press('f'); await page.locator('.menu.filter .item').first().click(); await page.waitForSelector('.suggested .item'); } },
  definition: { path: '/sites/1', act: async (page) => { await ready(page); await page.locator('.info').nth(4).click(); } },
  goals: { path: '/sites/1/goals', act: ready },
  goalform: { path: '/sites/1/goals', act: async (page) => { await ready(page); await page.locator('[data-title] button').nth(2).click(); await page.waitForSelector('.count[data-events="1204"]'); } },
  funnelform: { path: '/sites/1/goals', act: async (page) => { await ready(page); await page.click('[data-add=funnel]'); } },
  funnels: { path: '/sites/1?goals=funnels&panel=goals', act: async (page) => { await ready(page); await page.waitForSelector('[data-funnel] li'); await page.locator('#panel-goals').scrollIntoViewIfNeeded(); } },
  list: { path: '/sites/1?list=page', act: async (page) => { await ready(page); await page.waitForSelector('dialog tbody tr'); } },
  help: { path: '/sites/1', act: async (page) => { await ready(page); await page.keyboard.press('?'); await page.waitForSelector('dialog'); } },
  table: { path: '/sites/1?table=1', act: ready },
  empty: { path: '/sites/1?period=7d', before: (w) => { w.figures = { scale: 0 }; }, act: ready },
  loading: { path: '/sites/1', before: (w) => { w.holdOverview = true; }, act: async (page) => { await page.waitForSelector('.figures'); } },
  failing: { path: '/sites/1', act: async (page, world) => { await ready(page); world.broken = 503; await page.keyboard.press('w'); await page.waitForSelector('main[data-state="error"]'); } },
  signin: { path: '/', before: (w) => { w.state = 'signed_out'; }, act: ready },
  limited: { path: '/', before: (w) => { w.state = 'signed_out'; w.limited = 95; }, act: async (page) => { await page.fill('[name=email]', 'owner@lampa.example'); await page.fill('[name=password]', 'wrong'); await page.click('[type=submit]'); await page.waitForSelector('.notice'); } },
  setup: { path: '/setup#first-start', before: (w) => { w.state = 'setup'; }, act: ready },
  newsite: { path: '/sites/new', before: (w) => { w.sites = []; }, act: async (page) => { await ready(page); await page.fill('[name=domain]', 'lampa.example'); await page.fill('[name=time_zone]', 'mos'); } },
  install: { path: '/sites/1/install', before: (w) => { w.sites = [{ ...SITE }]; w.firstEvent = false; }, act: ready },
  account: { path: '/account', act: async (page) => { await ready(page); await page.waitForSelector('[data-audit="2"]'); await page.getByRole('button', { name: /Switch it on|Включить/ }).click(); await page.waitForSelector('.qr'); } },
  sharing: { path: '/sites/1/sharing', act: async (page) => { await page.waitForSelector('[data-member]'); await page.fill('[name=link]', 'Press'); await page.getByRole('button', { name: /^(Make|Создать)$/ }).click(); await page.waitForSelector('.once'); } },
  shared: { path: `/share/${'ab'.repeat(8)}#secret`, before: (w) => { w.state = 'signed_out'; }, act: async (page) => { await page.fill('[name=password]', 'correct horse battery'); await page.click('[type=submit]'); await page.waitForSelector('#figures[data-state="ready"]'); } },
  invitation: { path: '/invitation#invited', before: (w) => { w.state = 'signed_out'; }, act: ready },
  installed: { path: '/sites/1/install', act: ready },
};

const fixture = await serve();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const [name, state] of Object.entries(STATES).filter(([n]) => n.includes(only.split('@')[0]))) {
  for (const [size, viewport] of [['wide', WIDE], ['phone', PHONE]]) {
    for (const [colorScheme, locale] of [['light', 'ru-RU'], ['dark', 'en-GB'], ['dark', 'ru-RU'], ['light', 'en-GB']]) {
      const label = `${name}-${size}-${colorScheme}-${locale.slice(0, 2)}`;
      // Half of the pairs by default: every theme and language, not every product.
      if (!only.includes('@') && !(size === 'wide') === (locale === 'ru-RU') === (colorScheme === 'light')) continue;
      if (only.includes('@') && !label.includes(only.split('@')[1])) continue;
      fixture.world = freshWorld();
      state.before?.(fixture.world);
      const context = await browser.newContext({ viewport, colorScheme, locale, timezoneId: 'Europe/Moscow', hasTouch: size === 'phone', isMobile: size === 'phone' });
      const page = await context.newPage();
      page.on('pageerror', (error) => process.stdout.write(`${label}: ${error.message}\n`));
      page.on('console', (message) => { if (message.type() === 'error' && !/503|429/.test(message.text())) process.stdout.write(`${label}: ${message.text()}\n`); });
      if (fixture.world.holdOverview) await page.route('**/overview*', () => undefined);
      await page.goto(fixture.origin + state.path);
      await state.act(page, fixture.world);
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: join(folder, `${label}.png`), fullPage: ['overview', 'realtime', 'filtered', 'empty', 'install', 'loading', 'account', 'sharing'].includes(name) });
      await context.close();
    }
  }
}
await browser.close();
await fixture.close();
