// Account, tokens, links and people: each is made, shown once and ended by clicking.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addressHas, ready, stage } from './stage.mjs';

let on;
before(async () => { on = await stage(); });
after(() => on.close());

test('a token is shown once and is gone with the page', async () => {
  const { page, close } = await on.open('/account');
  await ready(page);
  await page.fill('[name=name]', 'A script');
  await page.selectOption('[name=site]', '2');
  await page.getByRole('button', { name: 'Make' }).click();
  assert.match(await page.textContent('.once pre'), /^mst_[0-9a-f]{64}$/);
  assert.match(await page.textContent('[data-token="2"]'), /A script.*read the figures.*blog\.example.*never/s);
  await page.reload();
  await page.waitForSelector('[data-token="2"]');
  assert.equal(await page.locator('.once').count(), 0);
  await close();
});

test('the second step asks for a code, then gives ten codes to keep', async () => {
  const { page, close } = await on.open('/account');
  await ready(page);
  const section = page.getByRole('region', { name: 'Second step' });
  await section.getByRole('button', { name: 'Switch it on' }).click();
  await section.locator('.qr').waitFor();
  assert.match(await section.textContent(), /GEZD GNBV/);
  await section.locator('[name=password]').fill('correct horse battery');
  await section.locator('[name=code]').fill('000000');
  await section.getByRole('button', { name: 'Switch it on' }).click();
  assert.match(await section.getByRole('alert').textContent(), /code is wrong/);
  await section.locator('[name=code]').fill('123456');
  await section.getByRole('button', { name: 'Switch it on' }).click();
  await section.locator('.once').waitFor();
  assert.equal((await section.locator('.once pre').textContent()).split('\n').length, 10);
  await section.getByRole('button', { name: 'I have kept them' }).click();
  assert.match(await section.textContent(), /10 recovery codes are left/);
  await close();
});

test('another session is ended, the log is checked', async () => {
  const { page, close } = await on.open('/account', { locale: 'ru-RU' });
  await ready(page);
  await page.locator(`[data-session="${'11'.repeat(8)}"] button`).click();
  await page.waitForFunction(() => document.querySelectorAll('[data-session]').length === 1);
  await page.getByRole('button', { name: 'Проверить цепочку' }).click();
  await page.getByText(/Цела: 2 строки\. Последняя печать abab/).waitFor();
  await close();
});

test('a link is made with its address, frame and, when it is for everybody, badge', async () => {
  const { page, close } = await on.open('/sites/1/sharing');
  await page.waitForSelector('[data-link]');
  await page.fill('[name=link]', 'The board');
  await page.fill('[name=frames]', 'https://lampa.example\n');
  const links = page.getByRole('region', { name: 'Links' });
  await links.getByRole('button', { name: 'Make' }).click();
  await links.locator('.once').waitFor();
  assert.match(await links.locator('.once pre').textContent(), /\/share\/(ef){8}#(01){32}$/);
  assert.match(await links.textContent(), /<iframe src="http[^"]*\/embed\/(ef){8}#(01){32}"/);
  assert.doesNotMatch(await links.textContent(), /\/badge\//, 'a secret is no badge');
  await page.fill('[name=link]', 'All');
  await page.selectOption('[name=kind]', 'public');
  await links.getByRole('button', { name: 'Make' }).click();
  await page.getByText(/\/badge\/(ef){8}\.svg/).waitFor();
  await close();
});

test('somebody is invited by a link, and a role is changed', async () => {
  const { page, world, close } = await on.open('/sites/1/sharing');
  await page.waitForSelector('[data-member]');
  await page.selectOption('[data-member="editor@lampa.example"] select', 'viewer');
  await page.getByText('Saved').waitFor();
  assert.equal(world.settings.members[1].role, 'viewer');
  await page.fill('[name=email]', 'friend@lampa.example');
  await page.getByRole('button', { name: 'Invite' }).click();
  assert.match(await page.locator('.once pre').textContent(), /\/invitation#(23){32}$/);
  await page.waitForSelector('[data-invitation="friend@lampa.example"]');
  await close();
});

test('through a link one sees the figures and nothing to change, at the address of the link', async () => {
  const { page, world, close } = await on.open(`/share/${'ab'.repeat(8)}?period=7d#secret`, { world: { state: 'signed_out' } });
  await page.fill('[name=password]', 'wrong horse battery');
  await page.click('[type=submit]');
  await page.getByText('The password is wrong.').waitFor();
  await page.fill('[name=password]', 'correct horse battery');
  await page.click('[type=submit]');
  await page.waitForSelector('#figures[data-state="ready"]');
  assert.equal(await page.locator('[data-metric="visitors"]').count(), 1);
  await page.locator('[data-row]').first().click();
  await addressHas(page, 'period', '7d');
  assert.match(page.url(), /\/share\/(ab){8}\?period=7d&filter=[^#]+#secret$/);
  await page.getByRole('button', { name: 'Menu' }).click();
  assert.deepEqual(await page.locator('.sheet.end .item:visible').allTextContents().then((all) => all.filter((text) => /Add a site|Sign out|Account/.test(text))), []);
  assert.equal(await page.locator('.menu:has(.domain)').count(), 0, 'no menu of sites');
  assert.ok(world.calls.every((call) => !call.includes('secret')), 'the secret is in no address that is asked');
  await close();
});

test('whoever may only look is offered nothing else', async () => {
  const world = { sites: [{ id: 1, domain: 'lampa.example', time_zone: 'Europe/Moscow', hosts: [], props: [], created_at: '2025-11-23T10:00:00Z', role: 'viewer' }] };
  const { page, close } = await on.open('/sites/1', { world });
  await ready(page);
  await page.getByRole('button', { name: /^Site: lampa/ }).click();
  assert.deepEqual(await page.locator('.sheet.start .item').allTextContents(), ['lampa.example']);
  await close();
});

test('an export shows its progress, is cancelled, and becomes a file', async () => {
  const { page, world, close } = await on.open('/sites/1/sharing');
  const section = page.getByRole('region', { name: 'Take everything away' });
  await section.getByRole('button', { name: 'Make the file' }).click();
  await section.locator('[data-export=running] progress').waitFor();
  await section.getByRole('button', { name: 'Cancel' }).click();
  await page.waitForFunction(() => document.querySelectorAll('[data-export]').length === 0);
  assert.deepEqual(world.settings.exports, []);
  await page.selectOption('[name=format]', 'parquet');
  await section.getByRole('button', { name: 'Make the file' }).click();
  const file = section.getByRole('link', { name: 'Download, about 12 MB' });
  await file.waitFor();
  assert.match(await file.getAttribute('href'), /\/api\/v1\/sites\/1\/exports\/0\/file$/);
  await close();
});
