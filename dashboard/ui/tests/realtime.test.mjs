// The last half hour: by key and by address, refreshing by itself, hiding the few.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { addressHas, PHONE, ready, search, stage } from './stage.mjs';

let on;
before(async () => { on = await stage(); });
after(() => on.close());

test('R shows the last half hour, a digit leaves it, Back comes again', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.keyboard.press('r');
  await addressHas(page, 'period', 'realtime');
  await page.waitForSelector('.realtime[data-state="ready"]');
  assert.equal(await page.getAttribute('[data-visitors]', 'data-visitors'), '74');
  assert.equal(await page.locator('.minute').count(), 31);
  for (const panel of ['page', 'source', 'country', 'device']) assert.ok(await page.locator(`[data-panel="${panel}"] [data-row]`).count() > 1, panel);
  assert.match(await page.textContent('[data-panel="page"] footer'), /4 hidden/);
  assert.equal(await page.locator('.compare, .menu.filter').count(), 0);
  await page.keyboard.press('1');
  await addressHas(page, 'period', 'today');
  await ready(page);
  await page.goBack();
  await page.waitForSelector('.realtime[data-state="ready"]');
  await close();
});

test('the bars have a table, and it is in the address', async () => {
  const { page, close } = await on.open('/sites/1?period=realtime&table=1');
  await page.waitForSelector('.realtime[data-state="ready"]');
  assert.equal(await page.locator('.twin tbody tr').count(), 31);
  await page.getByRole('button', { name: 'Chart' }).click();
  await page.waitForSelector('.bars');
  assert.equal(search(page).get('table'), null);
  await close();
});

test('it refreshes by itself, and a row leads to today’s figures', async () => {
  const { page, world, close } = await on.open('/sites/1?period=realtime', { clock: true });
  await page.waitForSelector('.realtime[data-state="ready"]');
  world.quiet = true;
  await page.clock.runFor(6_000);
  await page.waitForSelector('[data-visitors="1"]');
  assert.match(await page.textContent('[data-panel="page"] .body'), /Too few people/);
  assert.equal(await page.locator('[data-panel] [data-row]').count(), 0);
  world.quiet = false;
  await page.clock.runFor(6_000);
  await page.click('[data-panel="country"] [data-row="BY"]');
  await addressHas(page, 'period', 'today');
  assert.equal(search(page).get('filter'), 'country:is:BY');
  await close();
});

test('a server in trouble is told, and what was known stays', async () => {
  const { page, world, close } = await on.open('/sites/1?period=realtime', { clock: true });
  await page.waitForSelector('.realtime[data-state="ready"]');
  world.broken = 503;
  await page.clock.runFor(6_000);
  await page.waitForSelector('.realtime[data-state="error"]');
  assert.equal(await page.getAttribute('[data-visitors]', 'data-visitors'), '74');
  await close();
});

test('it is accessible, wide and on a phone, in both schemes', async () => {
  for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark', viewport: PHONE, locale: 'ru-RU' }]) {
    const { page, close } = await on.open('/sites/1?period=realtime', options);
    await page.waitForSelector('.realtime[data-state="ready"]');
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(', ')}`), []);
    await close();
  }
});
