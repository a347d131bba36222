// What an owner shares, as others meet it: a link opened by a stranger, a page of another
// site that shows the figures in a frame, an invitation, a second step at the door. Real
// Mostik, real Chromium.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { launch } from './chromium.mjs';
import { startMostik } from './instance.mjs';
import { until } from './until.mjs';

const DOMAIN = 'shop.test';
const OWNER = { email: 'owner@example.test', password: 'correct horse battery' };

let mostik;
let browser;
/** A site of somebody else's: shows `html`. */
let elsewhere;
let html = '';

before(async () => {
  mostik = await startMostik([{ domain: DOMAIN, props: [] }]);
  await mostik.visit(DOMAIN, ['/', '/tea']);
  browser = await launch();
  elsewhere = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html));
  await new Promise((listening) => elsewhere.listen(0, '127.0.0.1', listening));
});

after(async () => {
  await browser?.close();
  elsewhere?.close();
  await mostik?.stop();
});

const fresh = async () => (await browser.newContext({ locale: 'en-GB' })).newPage();

async function signIn(page, { email, password }) {
  await page.goto(mostik.dashboard);
  await page.fill('[name=email]', email);
  await page.fill('[name=password]', password);
  await page.click('[type=submit]');
}

/** The first link an owner makes on the page, as the page shows it. */
async function made(page, region) {
  const once = page.getByRole('region', { name: region }).locator('.once pre');
  await once.waitFor();
  return once.textContent();
}

test('a stranger with a link and its password sees the figures; without it, nothing', async () => {
  const owner = await fresh();
  await signIn(owner, OWNER);
  await owner.waitForSelector('[data-metric=views]');
  await owner.goto(`${mostik.dashboard}/sites/1/sharing`);
  await owner.fill('[name=link]', 'Press');
  await owner.selectOption('[name=kind]', 'password');
  await owner.getByRole('region', { name: 'Links' }).locator('[name=password]').fill('a password for press');
  await owner.getByRole('button', { name: 'Make', exact: true }).click();
  const address = await made(owner, 'Links');

  const stranger = await fresh();
  const asked = [];
  stranger.on('request', (request) => asked.push(request.url()));
  await stranger.goto(address.split('#')[0]);
  await stranger.getByText('This link is not good any more').waitFor();
  await stranger.goto('about:blank');
  await stranger.goto(`${address.replace('#', '?period=today#')}`);
  await stranger.fill('[name=password]', 'a password for press');
  await stranger.click('[type=submit]');
  await stranger.waitForFunction(() => Number(document.querySelector('[data-metric=views]')?.dataset.value) >= 2);
  const secret = address.split('#')[1];
  assert.ok(asked.every((url) => !url.includes(secret)), 'the secret is in no address that is asked');
  assert.deepEqual(await stranger.context().cookies(), []);

  await owner.locator('[data-link] button').click();
  await owner.waitForFunction(() => document.querySelectorAll('[data-link]').length === 0);
  await stranger.keyboard.press('w');
  await stranger.getByText('This link is not good any more').waitFor();
});

test('a site that is named shows the figures in a frame, and another one does not', async () => {
  const origin = `http://127.0.0.1:${elsewhere.address().port}`;
  const link = async (frames) => (await mostik.call('POST', '/api/v1/sites/1/links', { name: 'frame', is_public: true, frames })).json();
  for (const [frames, isShown] of [[[origin], true], [['https://other.example'], false]]) {
    const { id } = await link(frames);
    html = `<!doctype html><title>shop</title><iframe src="${mostik.dashboard}/embed/${id}?period=today" width="1200" height="900"></iframe>`;
    const page = await fresh();
    const refused = [];
    page.on('console', (message) => { if (/frame-ancestors/.test(message.text())) refused.push(message.text()); });
    await page.goto(origin);
    if (isShown) await page.frameLocator('iframe').locator('main[data-state=ready] [data-metric=views]').waitFor();
    else await until('the browser refuses the frame', () => refused.length > 0);
    assert.equal(refused.length > 0, !isShown);
  }
});

test('a badge stands on a page of another site', async () => {
  const { id } = await (await mostik.call('POST', '/api/v1/sites/1/links', { name: 'badge', is_public: true })).json();
  html = `<!doctype html><title>readme</title><img src="${mostik.dashboard}/badge/${id}.svg">`;
  const page = await fresh();
  await page.goto(`http://127.0.0.1:${elsewhere.address().port}`);
  const width = await page.evaluate(async () => { const image = document.querySelector('img'); await image.decode(); return image.naturalWidth; });
  assert.ok(width > 60, `${width}`);
});

test('whoever is invited chooses a password, sees one site and nothing to change', async () => {
  const owner = await fresh();
  await signIn(owner, OWNER);
  await owner.waitForSelector('[data-metric=views]');
  await owner.goto(`${mostik.dashboard}/sites/1/sharing`);
  await owner.fill('[name=email]', 'guest@example.test');
  await owner.getByRole('button', { name: 'Invite' }).click();
  const address = await made(owner, 'People');

  const guest = await fresh();
  await guest.goto(address);
  await guest.getByText(`You are invited to ${DOMAIN}`).waitFor();
  await guest.fill('[name=password]', 'guest horse battery');
  await guest.getByRole('button', { name: 'Accept' }).click();
  await guest.waitForSelector('main[data-state=ready] [data-metric=views]');
  await guest.getByRole('button', { name: `Site: ${DOMAIN}` }).click();
  assert.deepEqual(await guest.locator('.sheet .item').allTextContents(), [DOMAIN]);
});

/** RFC 6238 by another's hand: Node's. */
function codeOf(secret, at) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigInt64BE(BigInt(Math.floor(at / 30_000)));
  const tag = createHmac('sha1', key).update(step).digest();
  return String((tag.readUInt32BE(tag[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

test('an owner switches the second step on, and the door asks for a code', async () => {
  const owner = await fresh();
  await signIn(owner, OWNER);
  await owner.waitForSelector('[data-metric=views]');
  await owner.goto(`${mostik.dashboard}/account`);
  const section = owner.getByRole('region', { name: 'Second step' });
  await section.getByRole('button', { name: 'Switch it on' }).click();
  const secret = (await section.locator('code').textContent()).replaceAll(' ', '');
  await section.locator('[name=password]').fill(OWNER.password);
  await section.locator('[name=code]').fill(codeOf(secret, Date.now()));
  await section.getByRole('button', { name: 'Switch it on' }).click();
  const [recovery] = (await made(owner, 'Second step')).split('\n');

  const again = await fresh();
  await signIn(again, OWNER);
  await again.fill('[name=code]', recovery);
  await again.click('[type=submit]');
  await again.waitForSelector('[data-metric=views]');
});

// Last: it ends every session, the other tests' too.
test('an owner who forgot the password sets another by a link from the server', async () => {
  const link = (await mostik.command('password-link', OWNER.email, '--without-second-step')).trim();
  const page = await fresh();
  await page.goto(link);
  await page.getByText(`For ${OWNER.email}`).waitFor();
  await page.fill('[name=password]', 'short');
  await page.click('[type=submit]');
  await page.getByRole('alert').waitFor();
  const password = 'another battery of horses';
  await page.fill('[name=password]', password);
  await page.click('[type=submit]');
  await page.getByRole('status').getByRole('link').click();
  await page.fill('[name=email]', OWNER.email);
  await page.fill('[name=password]', password);
  await page.click('[type=submit]');
  await page.waitForSelector('[data-metric=views]');
  const again = await fresh();
  await again.goto(link);
  await again.getByText('This link is not good any more').waitFor();
});
