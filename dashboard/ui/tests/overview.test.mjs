// The overview: figures, filters, address, keyboard, freshness, trouble.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addressHas, metric, ready, search, stage } from './stage.mjs';

let on;
before(async () => { on = await stage(); });
after(() => on.close());

const valueOf = async (page, name) => Number(await metric(page, name).getAttribute('data-value'));

test('figures, panels, live visitors and the balance stand on the page with their exact values', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  for (const name of ['visitors', 'visits', 'views', 'views_per_visit', 'bounce_ratio', 'duration_seconds', 'engaged_seconds', 'conversion_ratio']) assert.ok(await valueOf(page, name) > 0, name);
  assert.equal(await page.getAttribute('[data-live]', 'data-live'), '7');
  for (const panel of ['channel', 'page', 'country', 'browser', 'goal']) assert.ok(await page.locator(`[data-panel="${panel}"] [data-row]`).count() > 3, panel);
  const first = page.locator('[data-panel="page"] [data-row="/"]');
  assert.ok(Number(await first.getAttribute('data-value')) > 1000);
  await page.getByText('It adds up').waitFor();
  await page.getByText('IP geolocation by DB-IP').waitFor();
  await close();
});

test('a row filters, Back takes the filter away again', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  const all = await valueOf(page, 'visitors');
  await page.click('[data-panel="channel"] [data-row="search"]');
  await page.getByRole('button', { name: 'Remove the filter Channel: Search' }).waitFor();
  assert.equal(search(page).get('filter'), 'channel:is:search');
  await ready(page);
  assert.ok(await valueOf(page, 'visitors') < all);
  await page.goBack();
  await ready(page);
  assert.equal(await valueOf(page, 'visitors'), all);
  assert.equal(await page.locator('.chip').count(), 0);
  await page.goForward();
  await page.click('.chip');
  await page.waitForFunction(() => !location.search.includes('filter'));
  await close();
});

test('a country on the map filters', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.locator('path[data-row="RU"]').click();
  await addressHas(page, 'filter', 'country:is:RU');
  await close();
});

test('the address alone brings the whole view back', async () => {
  const address = '/sites/1?period=91d&compare=year&metric=bounce_ratio&filter=country:is_not:DE&sources=campaigns&campaign=utm_source&pages=exit&places=countries&devices=systems&table=1';
  const { page, close } = await on.open(address);
  await ready(page);
  assert.equal(await metric(page, 'bounce_ratio').getAttribute('aria-pressed'), 'true');
  for (const panel of ['utm_source', 'exit', 'country', 'os']) await page.waitForSelector(`[data-panel="${panel}"]`);
  await page.getByRole('button', { name: 'Remove the filter Country: not Germany' }).waitFor();
  assert.equal(await page.locator('.twin tbody tr').count(), 91);
  await close();
});

test('tabs, metric and table are steps that Back undoes', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.getByRole('button', { name: 'Exit' }).click();
  await addressHas(page, 'pages', 'exit');
  await metric(page, 'views').click();
  await addressHas(page, 'metric', 'views');
  await page.getByRole('button', { name: 'Table' }).click();
  await addressHas(page, 'table', '1');
  await page.goBack();
  await page.goBack();
  await page.goBack();
  assert.equal(new URL(page.url()).search, '');
  await page.waitForSelector('[data-panel="page"]');
  await close();
});

const KEYS = [['d', 'today'], ['w', '7d'], ['y', '12mo'], ['2', 'yesterday'], ['5', '91d'], ['6', 'month'], ['7', 'last_month'], ['9', 'year']];
test('letters and digits choose the period', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  for (const [key, period] of KEYS) {
    await page.keyboard.press(key);
    await addressHas(page, 'period', period);
  }
  await page.keyboard.press('m');
  await addressHas(page, 'period', null);
  await close();
});

test('keys work by their place, so a Russian layout has them too', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.evaluate(() => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'в', code: 'KeyD', bubbles: true, cancelable: true })));
  await addressHas(page, 'period', 'today');
  await close();
});

test('X compares or not, F adds a filter, ? lists the keys, Esc closes', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.keyboard.press('x');
  await addressHas(page, 'compare', 'none');
  await page.keyboard.press('x');
  await addressHas(page, 'compare', null);
  await page.keyboard.press('f');
  await page.waitForSelector('.menu.filter .sheet');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.sheet', { state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  await close();
});

test('a filter is built by keyboard alone', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.keyboard.press('f');
  await page.waitForSelector('.menu.filter .item:focus');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.menu.filter input:focus');
  await page.keyboard.type('/blog');
  await page.keyboard.press('Enter');
  await addressHas(page, 'filter', 'page:is:/blog');
  await close();
});

test('a country is found by its name in the reader’s language', async () => {
  const { page, close } = await on.open('/sites/1', { locale: 'ru-RU' });
  await ready(page);
  await page.keyboard.press('f');
  await page.locator('.menu.filter .item', { hasText: 'Страна' }).click();
  await page.fill('.menu.filter input', 'казах');
  await page.locator('.suggested .item', { hasText: 'Казахстан' }).waitFor();
  await page.keyboard.press('Enter');
  await addressHas(page, 'filter', 'country:is:KZ');
  await close();
});

test('the chart is drawn by week when asked to', async () => {
  const { page, world, close } = await on.open('/sites/1');
  await ready(page);
  await page.selectOption('.chart .grain select', 'week');
  await addressHas(page, 'grain', 'week');
  await ready(page);
  assert.ok(world.calls.some((call) => call.includes('/overview') && call.includes('grain=week')));
  await page.goBack();
  await addressHas(page, 'grain', null);
  await close();
});

test('a comparison begins on a day of one’s own', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.click('.menu.compare > button');
  await page.fill('input[name="compare_from"]', '2026-03-02');
  await page.getByRole('button', { name: 'Compare', exact: true }).last().click();
  await addressHas(page, 'compare_from', '2026-03-02');
  assert.equal(search(page).get('compare'), 'custom');
  await close();
});

test('a pattern is a filter of its own', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.keyboard.press('f');
  await page.locator('.menu.filter .item').first().click();
  await page.getByRole('button', { name: 'matches' }).click();
  await page.fill('.menu.filter input', '/blog/*');
  await page.keyboard.press('Enter');
  await addressHas(page, 'filter', 'page:matches:/blog/*');
  await page.getByRole('button', { name: 'Remove the filter Page matches' }).waitFor();
  await close();
});

test('typing into a field is not a shortcut', async () => {
  const { page, close } = await on.open('/sites/1?list=page');
  await page.waitForSelector('dialog tbody tr');
  await page.keyboard.type('dwx');
  assert.equal(await page.inputValue('[data-search]'), 'dwx');
  assert.equal(search(page).get('period'), null);
  await close();
});

test('the full list has its address, searches, sorts and closes', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.getByRole('link', { name: 'All 213 →' }).click();
  await addressHas(page, 'list', 'page');
  await page.waitForSelector('dialog tbody tr');
  assert.equal(await page.locator('dialog tbody tr').count(), 213);
  await page.fill('[data-search]', 'item-20');
  await page.getByText('5 rows').waitFor();
  await page.fill('[data-search]', '');
  await page.getByText('213 rows').waitFor();
  await page.getByRole('button', { name: 'Views' }).last().click();
  assert.equal(await page.locator('dialog th[aria-sort]').getAttribute('aria-sort'), 'descending');
  assert.match(await page.getByRole('link', { name: 'Download CSV' }).getAttribute('href'), /breakdown\?.*dimension=page.*format=csv/);
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  assert.equal(search(page).get('list'), null);
  await close();
});

test('the slash opens the search over all pages', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.keyboard.press('/');
  await page.waitForSelector('[data-search]:focus');
  await close();
});

test('an event is on the page within five seconds, without anybody touching it', async () => {
  const { page, world, close } = await on.open('/sites/1?period=today');
  await ready(page);
  const earlier = await valueOf(page, 'views');
  world.figures = { extra: 1 };
  world.live = 8;
  await page.waitForFunction((n) => Number(document.querySelector('[data-metric="views"]').dataset.value) > n, earlier, { timeout: 5_000 });
  assert.equal(await page.getAttribute('[data-live]', 'data-live'), '8');
  await close();
});

test('finished days are asked about at leisure', async () => {
  const { page, world, close } = await on.open('/sites/1?period=yesterday', { clock: true });
  await ready(page);
  const asked = world.calls.filter((call) => call.includes('/overview')).length;
  // The beat of open days would have come many times.
  await page.clock.runFor(50_000);
  assert.equal(world.calls.filter((call) => call.includes('/overview')).length, asked);
  const answered = page.waitForResponse('**/overview*');
  await page.clock.runFor(20_000);
  await answered;
  await close();
});

test('a hidden page asks nothing and catches up when it is seen again', async () => {
  const { page, world, close } = await on.open('/sites/1?period=today', { clock: true });
  await ready(page);
  const hide = (state) => page.evaluate((s) => { Object.defineProperty(document, 'visibilityState', { value: s, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }, state);
  await hide('hidden');
  // A question that was on its way is let through before counting.
  await page.clock.runFor(10_000);
  await ready(page);
  const asked = world.calls.filter((call) => call.includes('/overview')).length;
  await page.clock.runFor(60_000);
  assert.equal(world.calls.filter((call) => call.includes('/overview')).length, asked);
  const answered = page.waitForResponse('**/overview*');
  await hide('visible');
  await answered;
  await close();
});

test('when the store is away the old figures stay, the reason stands above, a retry mends it', async () => {
  const { page, world, close } = await on.open('/sites/1');
  await ready(page);
  const known = await valueOf(page, 'visitors');
  world.broken = 503;
  await page.waitForSelector('main[data-state="error"]');
  await page.getByText('The store is unavailable right now').waitFor();
  assert.equal(await valueOf(page, 'visitors'), known);
  world.broken = null;
  await page.getByRole('button', { name: 'Try again' }).click();
  await ready(page);
  assert.equal(await page.getByRole('alert').count(), 0);
  await close();
});

test('the first load keeps the room the figures will need', async () => {
  let release;
  const hold = new Promise((done) => { release = done; });
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.route('**/overview*', async (route) => { await hold; await route.continue(); });
  await page.reload();
  await page.waitForSelector('main[data-state="loading"] .panel');
  const places = () => page.evaluate(() => [...document.querySelectorAll('.metrics, .chart, .panel, .balance')].map((e) => Math.round(e.getBoundingClientRect().top)));
  const before = await places();
  release();
  await ready(page);
  assert.deepEqual(await places(), before);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await close();
});

test('a later load dims the old figures and keeps them', async () => {
  let release;
  const { page, world, close } = await on.open('/sites/1');
  await ready(page);
  world.hold = new Promise((done) => { release = done; });
  await page.keyboard.press('w');
  await page.waitForSelector('.figures.dim');
  assert.ok(await valueOf(page, 'visitors') > 0);
  release();
  await ready(page);
  assert.equal(await page.locator('.figures.dim').count(), 0);
  await close();
});

test('changing site, language and theme', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.getByRole('button', { name: 'Site: lampa.example' }).click();
  await page.getByRole('button', { name: 'blog.example' }).click();
  await page.waitForURL('**/sites/2');
  await ready(page);
  await page.getByRole('button', { name: 'RU: Показать по-русски' }).click();
  await page.getByText('Посетители').first().waitFor();
  assert.equal(await page.getAttribute('html', 'lang'), 'ru');
  await page.getByRole('button', { name: 'Тема: как в системе' }).click();
  await page.getByRole('button', { name: 'Тема: светлая' }).click();
  assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
  await page.reload();
  await ready(page);
  assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
  assert.equal(await page.getAttribute('html', 'lang'), 'ru');
  await close();
});

test('an “i” says in one sentence what a figure means, Esc closes it', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.getByRole('button', { name: 'What “Bounce rate” means' }).click();
  await page.getByText('The share of visits with one page view').waitFor();
  const would = await page.locator('[data-would]').evaluateAll((all) => all.map((one) => one.dataset.would));
  assert.deepEqual(would, ['0.214', '0.187'], 'what others would say of these very visits');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.definition', { state: 'detached' });
  await close();
});

test('the chart tells what is under the pointer, a drag chooses days', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  const over = page.locator('.u-over');
  await over.hover({ position: { x: 300, y: 100 } });
  await page.waitForSelector('.line .tooltip strong');
  const box = await over.boundingBox();
  await page.mouse.move(box.x + 200, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(box.x + 420, box.y + 80, { steps: 5 });
  await page.mouse.up();
  await addressHas(page, 'period', 'custom');
  assert.ok(search(page).get('from') < search(page).get('to'));
  await close();
});

test('a custom period is chosen in the menu', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.keyboard.press('0');
  await page.fill('.days input >> nth=0', '2026-11-01');
  await page.fill('.days input >> nth=1', '2026-11-05');
  await page.keyboard.press('Enter');
  await addressHas(page, 'to', '2026-11-05');
  await ready(page);
  assert.equal(search(page).get('from'), '2026-11-01');
  await close();
});
