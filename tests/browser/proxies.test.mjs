// The recipe for nginx with the real server: script and endpoint from the site's own origin.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { launchPerson } from './chromium.mjs';
import { startMostik } from './instance.mjs';
import { PROXIES } from './proxy.mjs';
import { startRecorder } from './recorder.mjs';

const DOMAIN = 'shop.test';
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0';
/** Not the test's own. */
const ELSEWHERE = '8.8.8.8';
const PAGE = `<!doctype html><title>shop</title><script defer src="/m/i.js" data-domain="${DOMAIN}" data-api="/m/event"></script>`;

let mostik;
let person;
const upstream = () => new URL(mostik.origin).host;

before(async () => {
  mostik = await startMostik([{ domain: DOMAIN, props: [] }]);
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
  test(`${name}: a page counts its visits from its own origin`, async () => {
    const proxy = await start(upstream(), { 'index.html': PAGE });
    const context = await person.newContext();
    const page = await context.newPage();
    const hosts = new Set();
    page.on('request', (asked) => hosts.add(new URL(asked.url()).host));
    const counted = page.waitForResponse((answer) => answer.url().endsWith('/m/event'));
    await page.goto(`http://${DOMAIN}:${proxy.port}/?utm_source=${name}`);
    assert.equal((await counted).status(), 202);
    assert.deepEqual([...hosts], [`${DOMAIN}:${proxy.port}`]);
    await mostik.rowsOnce(1, `SELECT path FROM mostik.events_hot WHERE utm_source = '${name}' AND kind = 'pageview'`);
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
