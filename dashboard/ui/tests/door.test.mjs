// From an empty server to the first figures, and in and out of the door.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { metric, PHONE, ready, stage } from './stage.mjs';
import { SITE } from './server.mjs';

let on;
before(async () => { on = await stage(); });
after(() => on.close());

test('an empty server leads through account, site and script to the overview', async () => {
  const { page, world, close } = await on.open('/setup#first-start', { world: { state: 'setup' } });
  await page.fill('[name=email]', 'me@example.com');
  await page.fill('[name=password]', 'short');
  await page.click('[type=submit]');
  await page.getByText('At least 10 characters, please.').waitFor();
  await page.fill('[name=password]', 'long enough words');
  await page.click('[type=submit]');

  await page.waitForURL('**/sites/new');
  assert.equal(await page.inputValue('[name=time_zone]'), 'Europe/Moscow');
  await page.fill('[name=domain]', 'https://www.Example.com/somewhere');
  await page.click('[type=submit]');

  await page.waitForURL('**/sites/1/install');
  assert.equal(world.sites[0].domain, 'example.com');
  await page.getByText('Waiting for the first event…').waitFor();
  await page.getByText('data-domain').first().waitFor();
  world.firstEvent = true;
  await page.getByText('The first event has arrived').waitFor();
  await page.keyboard.press('Enter');
  await ready(page);
  assert.ok(Number(await metric(page, 'visitors').getAttribute('data-value')) > 0);
  assert.ok(!page.url().includes('first-start'), 'the code has left the address');
  await close();
});

test('a wrong set-up code is named and can be typed anew', async () => {
  const { page, close } = await on.open('/setup#wrong', { world: { state: 'setup' } });
  await page.fill('[name=email]', 'me@example.com');
  await page.fill('[name=password]', 'long enough words');
  await page.click('[type=submit]');
  await page.getByText('This set-up code is not right').waitFor();
  await page.fill('[name=token]', 'first-start');
  await page.click('[type=submit]');
  await page.waitForURL('**/sites/new');
  await close();
});

test('without the code an unowned server says where to find it', async () => {
  const { page, close } = await on.open('/', { world: { state: 'setup' } });
  await page.getByText('mostik setup-link').waitFor();
  await close();
});

test('a zone is found by typing and chosen by keyboard', async () => {
  const { page, world, close } = await on.open('/sites/new', { world: { sites: [] } });
  await page.fill('[name=domain]', 'example.com');
  await page.fill('[name=time_zone]', 'tokyo');
  await page.keyboard.press('Enter');
  assert.equal(await page.inputValue('[name=time_zone]'), 'Asia/Tokyo');
  await page.click('[type=submit]');
  await page.waitForURL('**/install');
  assert.equal(world.sites[0].time_zone, 'Asia/Tokyo');
  await close();
});

test('what is no domain, and a domain that is here already, are said so', async () => {
  const { page, close } = await on.open('/sites/new');
  await page.fill('[name=domain]', 'nonsense');
  await page.click('[type=submit]');
  await page.getByText('This is not a domain.').waitFor();
  await page.fill('[name=domain]', 'blog.example');
  await page.click('[type=submit]');
  await page.getByText('This domain is already here.').waitFor();
  await close();
});

test('the script can be copied', async () => {
  const { page, close } = await on.open('/sites/1/install', { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByRole('button', { name: 'Copy' }).first().click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^<script defer src=/);
  await close();
});

test('a site without events opens on its install page, and says what was refused', async () => {
  const { page, close } = await on.open('/sites/1', { world: { firstEvent: false } });
  await page.waitForURL('**/sites/1/install');
  await page.getByText('arrived today and were refused: bots').waitFor();
  await page.getByRole('button', { name: 'Open the overview anyway' }).click();
  await ready(page);
  assert.equal(new URL(page.url()).pathname, '/sites/1');
  await close();
});

test('a further host is allowed and taken back', async () => {
  const { page, world, close } = await on.open('/sites/1/install', { world: { firstEvent: false } });
  await page.fill('[name=host]', 'staging.lampa.example');
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  const chip = page.getByRole('button', { name: 'No longer allow staging.lampa.example' });
  await chip.waitFor();
  assert.deepEqual(world.sites[0].hosts, ['staging.lampa.example']);
  await chip.click();
  await chip.waitFor({ state: 'detached' });
  assert.deepEqual(world.sites[0].hosts, []);
  await close();
});

const good = (check) => ({ check, is_ok: true, found: [] });
const bad = (check, ...found) => ({ check, is_ok: false, found });

for (const [how, options] of [['in English', {}], ['in Russian on a phone in the dark', { locale: 'ru-RU', viewport: PHONE, colorScheme: 'dark' }]]) {
  test(`the check of a site says what is wrong and what to do: ${how}`, async () => {
    const isRussian = Boolean(options.locale);
    const findings = [
      good('page_read'), bad('script_there', 'missing'), bad('over_tls', 'http://stats.lampa.example'),
      bad('policy_allows', 'script-src https://stats.lampa.example', 'connect-src https://stats.lampa.example'),
      bad('collector_answers', 'status', '404'), bad('visitors_told_apart', 'ignored'),
    ];
    const { page, world, close } = await on.open('/sites/1/install', { ...options, world: { firstEvent: false, findings } });
    await page.fill('[name=page]', 'https://example.com/');
    await page.getByRole('button', { name: isRussian ? 'Проверить сайт' : 'Check the site' }).click();
    await page.getByText(isRussian ? 'Укажите адрес страницы на lampa.example' : 'Give the address of a page on lampa.example').waitFor();
    await page.fill('[name=page]', 'https://lampa.example/cart');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-check=visitors_told_apart]');
    assert.deepEqual(world.told.at(-1), { page: 'https://lampa.example/cart' });
    assert.equal(await page.locator('.look [data-ok=false]').count(), 5);
    const said = await page.locator('.look ul').innerText();
    const parts = isRussian ? [/В HTML его нет/, /блокируют http:\/\/stats/, /Ответ с кодом 404/, /trusted_proxies/] : [/not in the HTML/, /Browsers block http:\/\/stats/, /status 404/, /trusted_proxies/];
    for (const part of [...parts, /script-src https:\/\/stats.lampa.example; connect-src https:\/\/stats.lampa.example/]) assert.match(said, part);
    assert.deepEqual((await new AxeBuilder({ page }).analyze()).violations.map((one) => one.id), []);
    world.findings = findings.map((one) => good(one.check));
    await page.getByRole('button', { name: isRussian ? 'Проверить сайт' : 'Check the site' }).click();
    await page.getByText(isRussian ? 'Всё в порядке' : 'Everything is in order').waitFor();
    await close();
  });
}

test('who may only look is not offered the check', async () => {
  const { page, close } = await on.open('/sites/1/install', { world: { firstEvent: false, sites: [{ ...SITE, role: 'viewer' }] } });
  await page.getByText('Waiting for the first event…').waitFor();
  await page.waitForSelector('.nothing');
  assert.equal(await page.locator('.look').count(), 0);
  await close();
});

test('a wrong password is said so, the right one opens the page that was asked for', async () => {
  const { page, close } = await on.open('/sites/2?period=7d', { world: { state: 'signed_out' } });
  await page.fill('[name=email]', 'owner@lampa.example');
  await page.fill('[name=password]', 'wrong');
  await page.click('[type=submit]');
  await page.getByText('do not belong together').waitFor();
  await page.fill('[name=password]', 'correct horse battery');
  await page.click('[type=submit]');
  await ready(page);
  assert.match(page.url(), /\/sites\/2\?period=7d$/);
  await close();
});

test('too many tries close the door for as long as the server says', async () => {
  const { page, world, close } = await on.open('/', { world: { state: 'signed_out', limited: 3 } });
  await page.fill('[name=email]', 'owner@lampa.example');
  await page.fill('[name=password]', 'correct horse battery');
  await page.click('[type=submit]');
  await page.getByText('opens again in').waitFor();
  assert.ok(await page.isDisabled('[type=submit]'));
  world.limited = null;
  await page.waitForSelector('[type=submit]:not([disabled])');
  await page.click('[type=submit]');
  await ready(page);
  await close();
});

test('signing out leads to the door', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForSelector('[name=password]');
  await close();
});

test('a session that ended on the server shows the door over the same address', async () => {
  const { page, world, close } = await on.open('/sites/1?period=today');
  await ready(page);
  world.state = 'signed_out';
  await page.waitForSelector('[name=password]');
  assert.match(page.url(), /period=today$/);
  await close();
});

test('the start address opens the first site, an unknown one says so', async () => {
  const { page, close } = await on.open('/');
  await ready(page);
  assert.equal(new URL(page.url()).pathname, `/sites/${SITE.id}`);
  await page.goto(`${on.fixture.origin}/sites/99`);
  await page.getByText('There is no such site').waitFor();
  await close();
});

test('a server that does not answer at first can be asked again', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  await page.route('**/api/v1/session', (route) => route.abort());
  await page.reload();
  await page.getByText('The server does not answer').waitFor();
  await page.unroute('**/api/v1/session');
  await page.getByRole('button', { name: 'Try again' }).click();
  await ready(page);
  await page.context().close();
});

test('the first event leads on by the keyboard, but not away from what the owner has turned to', async () => {
  const { page, close } = await on.open('/sites/1');
  await ready(page);
  let answer;
  const asked = new Promise((told) => { answer = told; });
  await page.route('**/sites/2/status', async (route) => {
    await asked;
    await route.continue();
  });
  await page.goto(`${on.fixture.origin}/sites/2/install`);
  await page.getByText('Remove this site').focus();
  answer();
  await ready(page);
  // Focus is moved after the frame that shows the event.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(() => setTimeout(done))))));
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Remove this site');
  await page.reload();
  await page.waitForFunction(() => document.activeElement.textContent === 'Open the overview');
  await close();
});

test('a site is removed only by whoever writes its domain, and is gone from the list', async () => {
  const { page, world, close } = await on.open('/sites/2/install', { world: { figures: {} } });
  await page.getByText('Remove this site').focus();
  await page.keyboard.press('Enter');
  const button = page.getByRole('button', { name: 'Remove blog.example' });
  assert.ok(await button.isDisabled());
  await page.fill('[name=domain]', 'lampa.example');
  assert.ok(await button.isDisabled(), 'another site’s name removes nothing');
  await page.fill('[name=domain]', 'blog.example');
  await button.click();
  await page.waitForURL(/\/sites\/1$/);
  assert.ok(world.calls.includes('DELETE /api/v1/sites/2'));
  assert.deepEqual(world.sites.map((site) => site.id), [1]);
  await close();
});
