// Plausible's own npm package, unchanged, against the real collector: it counts what our
// script counts.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launchPerson } from './chromium.mjs';
import { startMostik } from './instance.mjs';

const PACKAGE = readFileSync(fileURLToPath(import.meta.resolve('@plausible-analytics/tracker')));
const PROPS = ['plan', 'url'];
const OURS = 'ours.test';
const THEIRS = 'theirs.test';

let mostik;
let person;
let server;

/** The same page on both sites; only the tracker differs. */
const page = (tracker) => `<!doctype html><title>shop</title>${tracker}
<a id="out" href="https://elsewhere.example/page" onclick="event.preventDefault()">out</a>`;

const trackers = () => ({
  [OURS]: `<script defer src="${mostik.origin}/i.vitals.js" data-domain="${OURS}" data-outbound></script>
<script>window.order=(done)=>mostik('Order',{props:{plan:'pro'},revenue:{amount:'10.50',currency:'RUB'},callback:done})</script>`,
  [THEIRS]: `<script type="module">import{init,track}from'/tracker.js'
init({domain:'${THEIRS}',endpoint:'${mostik.origin}/api/event',outboundLinks:true})
window.order=(done)=>track('Order',{props:{plan:'pro'},revenue:{amount:'10.50',currency:'RUB'},callback:done})</script>`,
});

before(async () => {
  mostik = await startMostik([OURS, THEIRS].map((domain) => ({ domain, props: PROPS })));
  person = await launchPerson();
  server = createServer((request, response) => {
    const isTracker = request.url === '/tracker.js';
    const [host] = request.headers.host.split(':');
    response.writeHead(200, { 'content-type': isTracker ? 'text/javascript' : 'text/html; charset=utf-8' });
    response.end(isTracker ? PACKAGE : page(trackers()[host]));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
});

after(async () => {
  await person?.browser.close();
  server?.closeAllConnections();
  server?.close();
  await mostik?.stop();
});

/** A visitor looks, goes a step, buys, follows a link and leaves: six rows, the engagement of
 * both views among them. */
async function visit(host) {
  const context = await person.newContext();
  const tab = await context.newPage();
  const answers = [];
  tab.on('response', async (answer) => {
    if (answer.url().endsWith('/api/event')) answers.push([answer.status(), answer.headers()['x-dropped']]);
  });
  await tab.goto(`http://${host}:${server.address().port}/?utm_source=letter`);
  await tab.waitForFunction(() => window.order);
  await tab.evaluate(() => history.pushState({}, '', '/step'));
  await tab.evaluate(() => new Promise((done) => window.order(done)));
  await tab.click('#out');
  await tab.goto('about:blank');
  const id = host === OURS ? 1 : 2;
  const rows = await mostik.rowsOnce(
    6,
    `SELECT toString(kind) AS kind, name, path, utm_source, props, revenue, currency, engaged_ms > 0 AS engaged,
     toString(visit) AS visit FROM mostik.events_hot WHERE site_id = ${id} ORDER BY kind, path, name`,
  );
  await context.close();
  assert.ok(answers.every(([status, dropped]) => status === 202 && !dropped), JSON.stringify(answers));
  return rows;
}

test('Plausible’s package counts what our script counts', async () => {
  const ours = await visit(OURS);
  const theirs = await visit(THEIRS);
  for (const rows of [ours, theirs]) {
    assert.equal(new Set(rows.map(({ visit }) => visit)).size, 1, 'one visit');
  }
  const said = (rows) =>
    rows.map(({ visit, ...row }) => row);
  assert.deepEqual(said(theirs), said(ours));
  assert.deepEqual(
    said(ours).map(({ kind, name, path }) => [kind, name, path]).sort(),
    [
      ['custom', 'Order', '/step'],
      ['custom', 'Outbound Link: Click', '/step'],
      ['engagement', '', '/'],
      ['engagement', '', '/step'],
      ['pageview', '', '/'],
      ['pageview', '', '/step'],
    ],
  );
  const [{ measured }] = await mostik.rows(
    "SELECT mapContains(vitals, 'ttfb') AS measured FROM mostik.events_hot WHERE site_id = 1 AND kind = 'engagement' AND path = '/'",
  );
  assert.equal(measured, 1, 'ours measured the load');
});
