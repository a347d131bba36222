// The add-on for sites that leave Plausible's script: their stub, their calls, their options
// and their class names, unchanged.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useBrowser } from './harness.mjs';

const world = useBrowser();
const run = (script, argument) => world.page.evaluate(script, argument);
/** What Plausible tells its owners to put on their pages, with options. */
const stub = (options = '') => `<script>window.plausible=window.plausible||function(){(plausible.q=plausible.q||[]).push(arguments)},plausible.init=plausible.init||function(i){plausible.o=i||{}};plausible.init(${options})</script>`;
const scripts = (domain = 'data-domain="site.test"') => `<script defer src="${world.recorder.origin}/compat.js"></script>
<script defer src="${world.recorder.origin}/i.js" ${domain} data-local data-bots></script>`;
const custom = () => world.recorder.events().filter(({ n }) => !/^(pageview|engagement|Marker.*)$/.test(n)).map(({ n, p, $ }) => ({ n, p, $ }));

test('calls before and after loading become events, and every callback comes', async () => {
  await world.open(
    world.site.add('/', { raw: `<!doctype html>${stub()}<script>plausible('Early',{props:{plan:'pro'}})</script>${scripts()}` }),
  );
  const result = await run(
    () => new Promise((done) => window.plausible('Late', { revenue: { amount: '10.50', currency: 'RUB' }, callback: ({ status }) => done(status) })),
  );
  assert.equal(result, 202);
  await world.settle();
  assert.deepEqual(custom(), [
    { n: 'Early', p: { plan: 'pro' }, $: undefined },
    { n: 'Late', p: undefined, $: { amount: '10.50', currency: 'RUB' } },
  ]);
});

test('their options are understood', async () => {
  const options = `{domain:'theirs.test',endpoint:${JSON.stringify(`${world.recorder.origin}/api/event`)},hashBasedRouting:true,autoCapturePageviews:false,
outboundLinks:true,fileDownloads:{fileExtensions:['fb2']},customProperties:(name)=>({seen:name}),transformRequest:(e)=>{e.u=e.u.replace('private','public');return e}}`;
  await world.page.goto(
    world.site.add('/private', {
      raw: `<!doctype html>${stub(options)}${scripts('')}<a id="a" href="https://other.example/" onclick="return false">a</a><a id="b" href="/x.fb2" onclick="return false">b</a>`,
    }),
  );
  await world.page.waitForFunction(() => window.mostik?.pageview);
  await run(() => window.plausible('pageview', { u: `${location.origin}/private#/manual` }));
  await world.page.click('#a');
  await world.page.click('#b');
  await world.recorder.until(() => world.recorder.named('File Download').length);
  const [view, ...more] = world.recorder.named('pageview');
  assert.equal(more.length, 0);
  assert.deepEqual([view.d, view.u, view.h, view.p], ['theirs.test', `${world.site.origin}/public#/manual`, 1, { seen: 'pageview' }]);
  assert.equal(world.recorder.named('Outbound Link: Click')[0].p.seen, 'Outbound Link: Click');
});

test('their class names tell an event once', async () => {
  await world.open(
    world.site.add('/', {
      raw: `<!doctype html>${stub()}${scripts()}<a id="a" class="big plausible-event-name=Sign+Up plausible-event-plan--pro" href="https://other.example/" onclick="return false"><b>a</b></a>`,
    }),
  );
  await world.page.click('#a b');
  await world.settle();
  assert.deepEqual(custom(), [{ n: 'Sign Up', p: { plan: 'pro' }, $: undefined }]);
});

test('where their own script runs it keeps its name', async () => {
  await world.open(
    world.site.add('/', { raw: `<!doctype html><script>window.plausible=()=>window.heard=1;plausible.l=true</script>${scripts()}` }),
  );
  await run(() => window.plausible('Theirs'));
  await world.settle();
  assert.deepEqual(custom(), []);
  assert.equal(await run(() => window.heard), 1);
});
