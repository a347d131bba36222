// The dashboard under a path of somebody's site, through real nginx by the recipe, in real
// Chromium: every address that is asked lies under the path.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './chromium.mjs';
import { startMostik } from './instance.mjs';
import { freePort, nginxWithPath } from './proxy.mjs';

const DOMAIN = 'shop.test';

let mostik;
let browser;
let port;

before(async () => {
  port = await freePort();
  mostik = await startMostik([{ domain: DOMAIN, props: [] }], `http://127.0.0.1:${port}/stats`);
  await mostik.visit(DOMAIN, ['/', '/tea']);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await mostik?.stop();
});

for (const isLeft of [false, true]) {
  test(`under a path that the proxy ${isLeft ? 'leaves on' : 'takes off'}, all works and nothing else is asked`, async () => {
    const proxy = await nginxWithPath(port, new URL(mostik.dashboard).host, isLeft);
    try {
      const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
      const asked = [];
      page.on('request', (request) => asked.push(new URL(request.url())));
      await page.goto(`${proxy.origin}/stats`);
      await page.fill('[name=email]', 'owner@example.test');
      await page.fill('[name=password]', 'correct horse battery');
      await page.click('[type=submit]');
      await page.waitForFunction(() => Number(document.querySelector('[data-metric=views]')?.dataset.value) >= 2);
      assert.equal(new URL(page.url()).pathname, '/stats/sites/1');
      // A filter is a step that Back undoes, and a page of its own survives a reload.
      await page.goto(`${proxy.origin}/stats/sites/1?period=today`);
      await page.locator('[data-row]').first().click();
      await page.waitForURL(/filter=/);
      await page.goBack();
      await page.waitForURL((url) => !url.search.includes('filter='));
      await page.goto(`${proxy.origin}/stats/sites/1/sharing`);
      await page.fill('[name=link]', `Press ${isLeft}`);
      await page.getByRole('region', { name: 'Links' }).getByRole('button', { name: 'Make', exact: true }).click();
      const shared = page.getByRole('region', { name: 'Links' }).locator('.once pre').first();
      await shared.waitFor();
      assert.ok((await shared.textContent()).startsWith(`${proxy.origin}/stats/share/`));
      await page.getByRole('link', { name: 'mostik' }).click();
      await page.waitForSelector('[data-metric=views]');
      const outside = asked.filter(({ protocol, origin, pathname }) => protocol.startsWith('http') && !(origin === proxy.origin && /^\/stats(\/|$)/.test(pathname)));
      assert.deepEqual(outside.map(String), []);
      const cookies = await page.context().cookies();
      assert.deepEqual(cookies.map(({ name, path }) => [name, path]), [['mostik', '/stats/']]);
    } finally {
      await proxy.stop();
    }
  });
}
