// The wrappers sites use for Yandex's tag, from npm and unchanged, with `ym-replace.js` in
// the place of the tag.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { useBrowser } from './harness.mjs';

const world = useBrowser();
const run = (script, argument) => world.page.evaluate(script, argument);

/** A site's application, with what it imports. */
async function bundled(contents) {
  const built = await esbuild.build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'iife',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return `<div id="app"></div><script>${built.outputFiles[0].text}</script>`;
}

/** Goals, and the addresses of page views. */
const told = () => [world.arrived().filter((name) => !/^(pageview|engagement)$/.test(name)), world.viewed()];

for (const version of ['1', '2']) {
  test(`react-yandex-metrika, version ${version} of the tag`, async () => {
    // The wrapper asks for the tag by itself; a site's policy, and here the test, says no.
    await world.page.route('https://mc.yandex.ru/**', (route) => route.abort());
    const app = await bundled(`import React from 'react';
import { createRoot } from 'react-dom/client';
import ym, { YMInitializer } from 'react-yandex-metrika';
createRoot(document.getElementById('app')).render(React.createElement(YMInitializer, { accounts: [7], version: '${version}' }));
window.ymOfReact = ym;`);
    const addOn = `<script src="${world.recorder.origin}/ym-replace.js" data-counters="7" data-params="plan"></script>`;
    await world.open(world.site.add('/', { body: addOn + app }));
    await world.page.waitForFunction((name) => window[name], `yaCounterVersion7`);
    await run(() => {
      window.ymOfReact('reachGoal', 'bought', { plan: 'pro', email: 'me@secret.example' });
      window.ymOfReact('hit', '/virtual');
    });
    await world.recorder.until(() => world.viewed().length === 2);
    await world.settle();
    assert.deepEqual(told(), [['bought'], ['/', '/virtual']]);
    assert.deepEqual(world.recorder.named('bought')[0].p, { plan: 'pro' });
    assert.deepEqual(world.errors, []);
  });
}

test('vue-yandex-metrika, which loads the add-on as its tag', async () => {
  const app = await bundled(`import Vue from 'vue';
import VueRouter from 'vue-router';
import VueYandexMetrika from 'vue-yandex-metrika';
Vue.use(VueRouter);
const page = { render: (h) => h('p') };
const router = new VueRouter({ mode: 'history', routes: ['/', '/step'].map((path) => ({ path, component: page })) });
Vue.use(VueYandexMetrika, { id: 7, router, env: 'production', scriptSrc: '${world.recorder.origin}/ym-replace.js' });
window.app = new Vue({ router, render: (h) => h('router-view') }).$mount('#app');`);
  await world.open(world.site.add('/', { body: app }));
  await world.page.waitForFunction(() => window.app.$metrika);
  await run(() => {
    window.app.$metrika.reachGoal('bought');
    window.app.$router.push('/step');
  });
  await world.recorder.until(() => world.viewed().length === 2);
  await world.settle();
  assert.deepEqual(told(), [['bought'], ['/', '/step']]);
  assert.deepEqual(world.errors, []);
});
