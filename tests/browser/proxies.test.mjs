// The recipes for nginx and Caddy, each with the real server: script and endpoint from
// the site's own origin, and pages counted without a script.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { launchPerson } from './chromium.mjs';
import { startMostik } from './instance.mjs';
import { mirroringNginx, PROXIES } from './proxy.mjs';
import { startRecorder } from './recorder.mjs';
import { until } from './until.mjs';

const DOMAIN = 'shop.test';
/** The one the mirror recipe names. */
const MIRRORED = 'example.ru';
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0';
/** In the country file it is somewhere; the test's own address is nowhere. */
const ELSEWHERE = '8.8.8.8';
/** The policies of sdk-js/README.md, as text, with nothing else allowed. */
const POLICIES = [...readFileSync(new URL('../../sdk-js/README.md', import.meta.url), 'utf8').matchAll(/`(script-src [^`]*connect-src [^`]*)`/g)].map(
  ([, policy]) => `default-src 'none'; ${policy}`,
);
const underPolicy = (policy, tag) =>
  `<!doctype html><meta http-equiv="content-security-policy" content="${policy}"><title>shop</title>${tag}`;
const PAGE = underPolicy(
  POLICIES.find((policy) => policy.includes("'self'")),
  `<script defer src="/m/i.js" data-domain="${DOMAIN}" data-api="/m/event"></script>`,
);

let mostik;
let person;
const upstream = () => new URL(mostik.origin).host;

before(async () => {
  mostik = await startMostik([DOMAIN, MIRRORED].map((domain) => ({ domain, props: [] })));
  person = await launchPerson();
});

after(async () => {
  await person?.browser.close();
  await mostik?.stop();
});

/** One request with a target as it stands, from another of this machine's addresses. */
const ask = (port, target, headers, body) =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: target, method: body ? 'POST' : 'GET', localAddress: '127.0.0.2', headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    asked.on('error', reject);
    asked.end(body);
  });

for (const [name, start] of Object.entries(PROXIES)) {
  test(`${name}: a page counts its visits from its own origin, under a policy that names no other`, async () => {
    const proxy = await start(upstream(), { [`${name}.html`]: PAGE });
    const context = await person.newContext();
    const page = await context.newPage();
    const hosts = new Set();
    page.on('request', (asked) => hosts.add(new URL(asked.url()).host));
    page.on('console', (message) => assert.fail(message.text()));
    const counted = page.waitForResponse((answer) => answer.url().endsWith('/m/event'));
    await page.goto(`http://${DOMAIN}:${proxy.port}/${name}.html`);
    assert.equal((await counted).status(), 202);
    assert.deepEqual([...hosts], [`${DOMAIN}:${proxy.port}`]);
    await mostik.rowsOnce(1, `SELECT path FROM mostik.events_hot WHERE path = '/${name}.html' AND kind = 'pageview'`);
    await context.close();
    await proxy.stop();
  });

  test(`${name}: nobody can claim an address, and what is meant for the site stays there`, async () => {
    const recorder = await startRecorder();
    const proxy = await start(new URL(recorder.sameSiteOrigin).host, {});
    const headers = { 'x-forwarded-for': ELSEWHERE, cookie: 'session=s3cret', authorization: 'Basic s3cret', 'user-agent': AGENT, 'sec-gpc': '1' };
    assert.equal(await ask(proxy.port, '/m/event', headers, '{"n":"Claim"}'), 202);
    const [{ headers: seen, body }] = recorder.requests;
    assert.equal(body, '{"n":"Claim"}');
    assert.equal(seen['x-forwarded-for'], '127.0.0.2');
    assert.deepEqual([seen['user-agent'], seen['sec-gpc']], [AGENT, '1']);
    assert.ok(!JSON.stringify(seen).includes('s3cret'), JSON.stringify(seen));
    await proxy.stop();
    await recorder.close();
  });
}

test('a page under the policy of the installation guide is counted', async () => {
  const policy = POLICIES.find((text) => text.includes('stats.example.ru')).replaceAll('https://stats.example.ru', mostik.origin);
  const tag = `<script defer src="${mostik.origin}/i.js" data-domain="${DOMAIN}"></script>`;
  const proxy = await PROXIES.nginx(upstream(), { 'index.html': underPolicy(policy, tag) });
  const context = await person.newContext();
  const page = await context.newPage();
  page.on('console', (message) => assert.fail(message.text()));
  const counted = page.waitForResponse((answer) => answer.url().endsWith('/api/event'));
  await page.goto(`http://${DOMAIN}:${proxy.port}/`);
  assert.equal((await counted).status(), 202);
  await context.close();
  await proxy.stop();
});

test('nginx tells of each page it serves, once, and of nobody who objects', async () => {
  const page = '<!doctype html><title>page</title>';
  const proxy = await mirroringNginx(upstream(), mostik.serverToken, { 'index.html': page, 'about.html': page, 'style.css': '' });
  const visit = (target, headers = {}) => ask(proxy.port, target, { 'user-agent': AGENT, host: MIRRORED, ...headers });
  assert.equal(await visit('/style.css'), 200);
  assert.equal(await visit('/about.html', { 'sec-gpc': '1' }), 200);
  // One visit, whose campaign is that of its first view.
  assert.equal(await visit('/?utm_source=letter', { referer: 'https://search.example/","n":"Bought","x":"' }), 200);
  assert.equal(await visit('/about.html', { 'x-visitor-address': ELSEWHERE }), 200);
  assert.equal(await visit('/?q=","n":"Bought","x":"'), 200);
  const rows = await mostik.rowsOnce(3, `SELECT toString(kind) AS kind, path, country, utm_source FROM mostik.events_hot WHERE site_id = 2 ORDER BY path`);
  const view = (path) => ({ kind: 'pageview', path, country: 'ZZ', utm_source: 'letter' });
  assert.deepEqual(rows, [view('/'), view('/'), view('/about.html')]);
  await until('the objection is counted', async () =>
    (await mostik.rows("SELECT sum(n) AS n FROM mostik.ledger WHERE reason = 'gpc' AND site_id = 2"))[0].n == 1,
  );
  await proxy.stop();
});
