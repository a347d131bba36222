// What stands below the first panels: what the script tells by itself, properties, and speed.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { addressHas, PHONE, ready, search, stage } from './stage.mjs';
import { SITE } from './server.mjs';

let on;
before(async () => { on = await stage(); });
after(() => on.close());

const KEPT = [{ ...SITE, props: ['url', 'plan', 'delivery'] }];
const serious = async (page) => (await new AxeBuilder({ page }).analyze()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(', ')}`);

test('outbound links are told by address once it is kept, in full with files, and as a filter', async () => {
  const { page, world, close } = await on.open('/sites/1');
  await ready(page);
  await page.locator('.panel.actions').scrollIntoViewIfNeeded();
  await page.click('[data-keep="outbound"]');
  await page.waitForFunction(() => !document.querySelector('[data-keep]'));
  assert.deepEqual(world.sites.find((site) => site.id === 1).props, ['url']);
  await page.reload();
  await ready(page);
  await page.locator('.panel.actions').scrollIntoViewIfNeeded();
  await page.waitForSelector('.panel.actions [data-row="url=https://t.me/lampa"]');
  assert.equal(await page.locator('.panel.actions [data-row]').count(), 9);
  assert.equal(await page.textContent('.panel.actions [data-row] .what'), 'https://t.me/lampa');
  await page.click('.panel.actions footer a');
  await page.waitForSelector('dialog tbody tr');
  assert.equal(search(page).get('list'), 'property');
  assert.equal(await page.locator('dialog tbody tr').count(), 17);
  const file = new URL(await page.getAttribute('dialog a[download="property.xlsx"]', 'href'), page.url()).searchParams;
  assert.deepEqual([file.get('property'), file.getAll('filter')], ['url', ['event:is:Outbound Link: Click']]);
  await page.fill('dialog [data-search]', 'shop-1');
  await page.waitForFunction(() => document.querySelectorAll('dialog tbody tr').length === 6);
  await page.click('dialog [data-row="url=https://shop-1.example/lamp"]');
  await addressHas(page, 'filter', 'property:is:url=https://shop-1.example/lamp');
  await page.getByRole('button', { name: 'Remove the filter Property: url=https://shop-1.example/lamp' }).waitFor();
  await close();
});

test('forms and missing pages are told by page, few people are hidden, and the list takes the event along', async () => {
  const { page, close } = await on.open('/sites/1?actions=notfound');
  await ready(page);
  await page.locator('.panel.actions').scrollIntoViewIfNeeded();
  await page.waitForSelector('.panel.actions [data-row="/old/"]');
  assert.match(await page.textContent('.panel.actions footer'), /3 hidden/);
  await page.getByRole('button', { name: 'Forms' }).click();
  await page.waitForSelector('.panel.actions [data-row="/contacts/"]');
  assert.equal(search(page).get('actions'), 'forms');
  await page.click('.panel.actions [data-row="/contacts/"]');
  await addressHas(page, 'filter', 'page:is:/contacts/');
  await close();
});

test('an event’s properties are chosen by event and name, and one more can be kept', async () => {
  const { page, world, close } = await on.open('/sites/1?goals=properties&of=order', { world: { sites: structuredClone(KEPT) } });
  await ready(page);
  await page.waitForSelector('.properties [data-row="plan=basic"]');
  assert.equal(await page.getAttribute('.properties', 'data-property'), 'plan');
  await page.locator('.choice select').nth(1).selectOption('delivery');
  await page.waitForSelector('.properties [data-row="delivery=pickup"]');
  assert.equal(search(page).get('property'), 'delivery');
  await page.fill('[name=keep]', 'colour');
  await page.getByRole('button', { name: 'Keep' }).click();
  await page.waitForFunction(() => document.querySelector('[name=keep]').value === '');
  assert.ok(world.sites[0].props.includes('colour'));
  await page.click('.properties [data-row="delivery=pickup"]');
  await addressHas(page, 'filter', 'property:is:delivery=pickup');
  await close();
});

test('paths lead to the chosen goal, the rare ones together, and say what they cannot tell', async () => {
  const { page, close } = await on.open('/sites/1?goals=paths');
  await ready(page);
  await page.waitForSelector('.paths .path');
  const found = await page.locator('.paths .path').evaluateAll((rows) => rows.map((row) => [row.dataset.path, Number(row.dataset.value)]));
  assert.deepEqual(found[0], ['/ /catalog/lamps/ /cart/', 204]);
  assert.equal(found.reduce((sum, [, n]) => sum + n, 0), Number(await page.getAttribute('.paths', 'data-visitors')));
  assert.match(await page.textContent('.paths .path >> nth=1'), /at once → Заказ оформлен/);
  await page.locator('.choice select').selectOption('Звонок');
  await page.waitForSelector('.paths[data-goal="Звонок"] .undecided');
  assert.equal(search(page).get('of'), 'Звонок');
  assert.equal(await page.locator('.paths .path').count(), 10);
  await page.getByRole('link', { name: 'All 12' }).click();
  await page.waitForFunction(() => document.querySelectorAll('dialog tbody tr').length === 12);
  assert.equal(search(page).get('list'), 'paths');
  const most = await page.locator('dialog tbody td:nth-child(2)').allTextContents();
  assert.deepEqual(most, [...most].sort((a, b) => Number(b) - Number(a)));
  const file = new URL(await page.getAttribute('dialog a[download="paths.csv"]', 'href'), page.url());
  assert.deepEqual([file.pathname, file.searchParams.get('goal'), file.searchParams.get('format')], ['/api/v1/sites/1/paths', 'Звонок', 'csv']);
  assert.deepEqual(await serious(page), []);
  await page.getByRole('button', { name: 'Pages before the goal' }).click();
  await page.fill('dialog [data-search]', '/CART');
  await page.waitForFunction(() => [...document.querySelectorAll('dialog tbody tr')].every((row) => row.dataset.path.includes('/cart')));
  await page.getByRole('button', { name: 'Close' }).click();
  await page.waitForFunction(() => !document.querySelector('dialog'));
  await page.click('[data-panel="channel"] [data-row="search"]');
  await page.waitForFunction(() => /cannot be told under filters/.test(document.querySelector('.paths').textContent));
  await close();
});

test('speed has five figures with a rating in words, rows that filter, and a list of all pages', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.locator('.panel.speed').scrollIntoViewIfNeeded();
  await page.waitForSelector('[data-vital="lcp"][data-p75]');
  assert.equal(await page.locator('.vital').count(), 5);
  assert.match(await page.textContent('[data-vital="lcp"]'), /2\.6 s.*middling/);
  assert.match(await page.textContent('.panel.speed footer'), /12 hidden/);
  await page.click('.panel.speed footer a');
  await page.waitForSelector('dialog tbody tr');
  assert.equal(search(page).get('list'), 'speed');
  const file = new URL(await page.getAttribute('dialog a[download="speed.xlsx"]', 'href'), page.url());
  assert.deepEqual([file.pathname, file.searchParams.get('by'), file.searchParams.get('format')], ['/api/v1/sites/1/vitals', 'page', 'xlsx']);
  await page.getByRole('button', { name: 'LCP' }).click();
  const slowest = await page.textContent('dialog tbody tr th');
  assert.equal(slowest, '/delivery/');
  await page.fill('dialog [data-search]', 'cart');
  await page.waitForFunction(() => document.querySelectorAll('dialog tbody tr').length === 1);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.locator('.panel.speed').getByRole('button', { name: 'Devices' }).click();
  await page.waitForSelector('.panel.speed [data-row="mobile"]');
  await page.click('.panel.speed [data-row="mobile"]');
  await addressHas(page, 'filter', 'device:is:mobile');
  await close();
});

test('what cannot be told, what is not there and what failed are said', async () => {
  const { page, world, close } = await on.open('/sites/1?filter=goal:is:Звонок');
  await ready(page);
  await page.locator('.panel.speed').scrollIntoViewIfNeeded();
  await page.waitForSelector('.panel.speed .empty');
  assert.match(await page.textContent('.panel.speed .empty'), /nothing true can be said/);
  world.quiet = true;
  await page.click('.chip');
  await page.waitForFunction(() => /Nothing measured/.test(document.querySelector('.panel.speed .body').textContent));
  world.broken = 500;
  await page.keyboard.press('w');
  await page.waitForFunction(() => /could not be loaded/.test(document.querySelector('.panel.speed .body').textContent));
  await close();
});

test('the panels below are accessible, wide and on a phone, in both schemes', async () => {
  for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark', locale: 'ru-RU' }]) {
    const { page, close } = await on.open('/sites/1?goals=properties&of=order', { ...options, world: { sites: structuredClone(KEPT) } });
    await ready(page);
    for (const panel of ['actions', 'speed']) await page.locator(`.panel.${panel}`).scrollIntoViewIfNeeded();
    await page.waitForSelector('.panel.actions .row');
    await page.waitForSelector('.vital');
    assert.deepEqual(await serious(page), []);
    await close();
  }
  for (const [panel, tab] of [['actions', ''], ['speed', ''], ['goals', 'properties'], ['goals', 'paths']]) {
    const { page, close } = await on.open(`/sites/1?panel=${panel}${tab && `&goals=${tab}`}`, { colorScheme: 'dark', viewport: PHONE, world: { sites: structuredClone(KEPT) } });
    await ready(page);
    await page.waitForSelector({ actions: '.panel.actions .row', speed: '.vital', goals: `.${tab} .row` }[panel]);
    assert.deepEqual(await serious(page), [], `${panel} ${tab}`);
    await close();
  }
});
