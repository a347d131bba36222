// The main job, as a newcomer sees it: one command starts everything, a real
// Chromium visits the demo page three times, and the overview shows it within
// five seconds. The numbers are read off the page.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const ROOT = new URL('../..', import.meta.url).pathname;
const VISITS = 3;
/** Milliseconds from the last visit to the overview. */
const SEEN_WITHIN = 5_000;
/** A year for the demo is made within this, on a busy machine of two cores. */
const START_WITHIN = 15 * 60_000;
/** Where the pictures go, when somebody wants to look at them. */
const PICTURES = process.env.MOSTIK_PICTURES;

/** A browser nobody takes for a robot: the demo counts people only. */
const PERSON = {
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  viewport: { width: 1440, height: 900 },
};

let data;
let up;
let ready;
let browser;

before(async () => {
  data = await mkdtemp(join(tmpdir(), 'mostik-main-job-'));
  const ports = ['--port', '0', '--ops-port', '0', '--dashboard-port', '0'];
  up = spawn(join(ROOT, 'deploy/up'), ['--demo', '--json', '--data', data, ...ports], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: up.stdout }), 'line');
  ready = JSON.parse(line);
  browser = await chromium.launch({
    executablePath: process.env.MOSTIK_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-blink-features=AutomationControlled',
    ],
  });
}, { timeout: START_WITHIN });

after(async () => {
  await browser?.close();
  if (up && up.exitCode === null) {
    up.kill('SIGTERM');
    await once(up, 'exit');
  }
  if (data) await rm(data, { recursive: true, force: true });
});

/** The exact number a metric's button carries. */
async function figure(page, metric) {
  return Number(await page.locator(`[data-metric="${metric}"]`).getAttribute('data-value'));
}

async function overview(context, query) {
  const page = await context.newPage();
  await page.goto(`http://${ready.dashboard}/sites/1?${query}`);
  await page.locator('main[data-state="ready"] [data-metric="views"]').waitFor();
  return page;
}

test('three visits to the demo page are on the overview within five seconds', async () => {
  const owner = await browser.newContext({ ...PERSON, locale: 'en-GB' });
  const setup = await owner.newPage();
  await setup.goto(ready.setup_link);
  await setup.locator('input[name="email"]').fill('owner@example.test');
  await setup.locator('input[name="password"]').fill('correct horse battery');
  await setup.locator('button[type="submit"]').click();
  await setup.waitForURL((url) => !url.pathname.startsWith('/setup'));

  const page = await overview(owner, 'period=today');
  const before = await figure(page, 'views');
  const visitor = await browser.newContext(PERSON);
  const demo = await visitor.newPage();
  for (let visit = 0; visit < VISITS; visit += 1) {
    const counted = demo.waitForResponse((answer) => answer.url().endsWith('/api/event') && answer.status() === 202);
    await demo.goto(`http://${ready.public}/demo/`);
    assert.equal((await counted).headers()['x-dropped'], undefined);
  }
  // The page renews itself; nobody reloads it.
  await page.waitForFunction(
    (want) => Number(document.querySelector('[data-metric="views"]').dataset.value) >= want,
    before + VISITS,
    { timeout: SEEN_WITHIN },
  );
  assert.equal(await figure(page, 'views'), before + VISITS);
  const live = Number(await page.locator('[data-live]').getAttribute('data-live'));
  assert.ok(live >= 1, `${live} live`);
});

test('the demo year is on the overview, and fits a phone and a wide screen', async () => {
  const [owner] = browser.contexts();
  for (const [name, viewport] of [['wide', { width: 1440, height: 900 }], ['phone', { width: 390, height: 844 }]]) {
    const page = await overview(owner, 'period=12mo');
    await page.setViewportSize(viewport);
    const visitors = await figure(page, 'visitors');
    assert.ok(visitors > 50_000, `${visitors} visitors in the demo year`);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wider, 0, `${name}: the page scrolls sideways by ${wider} px`);
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `overview-${name}.png`), fullPage: true });
    await page.close();
  }
});
