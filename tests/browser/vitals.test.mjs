// Web vitals, measured beside the `web-vitals` package on fixed pages.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openUndriven } from './chromium.mjs';
import { useBrowser } from './harness.mjs';

const world = useBrowser();
const run = (script, argument) => world.page.evaluate(script, argument);
const INTERACTIONS = 60;
/** The package, telling each change, so that its latest values are known at any time. */
const THEIRS = `<script>${readFileSync(fileURLToPath(import.meta.resolve('web-vitals')).replace(/[^/]+$/, 'web-vitals.iife.js'), 'utf8')}
window.theirs={};for(const name of['LCP','FCP','TTFB','CLS','INP'])webVitals['on'+name](m=>theirs[name.toLowerCase()]=m.value,{reportAllChanges:true})</script>`;
const page = (body) => ({ file: 'i.vitals.js', head: THEIRS, body });
/** What we tell now, which an answer about consent makes us do, and what the package says when the page is hidden. */
const told = async () => {
  await run(() => window.mostik.consent('granted'));
  const { wv } = await world.recorder.until(() => world.recorder.named('engagement').find(({ c }) => c === 1));
  await world.setVisibility('hidden');
  return { ours: wv, theirs: await run(() => window.theirs) };
};

test('a load is measured as by the web-vitals package', async () => {
  // The first window of shifts is the worse one; the second must not add to it.
  await world.open(
    world.site.add('/', page(`<style>body{margin:0}div{height:100px}</style><div id="a"></div><h1>Title</h1><p style="font-size:60px">text</p>
<script>const shift=(to)=>a.style.height=to+'px';
window.shifts=0;new PerformanceObserver(l=>shifts+=l.getEntries().length).observe({type:'layout-shift'});
setTimeout(()=>shift(300),150);setTimeout(()=>shift(350),450);setTimeout(()=>shift(370),1900)</script>`)),
  );
  await world.page.waitForFunction(() => window.shifts === 3 && window.theirs.cls && window.theirs.lcp);
  const { ours, theirs } = await told();
  for (const name of ['lcp', 'fcp', 'ttfb']) {
    assert.ok(Number.isInteger(ours[name]) && Math.abs(ours[name] - theirs[name]) <= 1, `${name}: ${ours[name]}, they ${theirs[name]}`);
  }
  assert.ok(theirs.cls > 0.01 && Math.abs(ours.cls - theirs.cls) < 0.0001, `cls: ${ours.cls}, they ${theirs.cls}`);
  assert.equal(ours.inp, undefined);
});

test(`${INTERACTIONS} interactions are measured as by the web-vitals package`, async () => {
  await world.open(
    world.site.add('/', page(`<button id="b">slow</button><script>window.seen=new Set();
new PerformanceObserver(l=>l.getEntries().forEach(e=>e.name=='click'&&seen.add(e.interactionId))).observe({type:'event',durationThreshold:16});let n=0;b.onclick=()=>{const end=performance.now()+[20,60,90,50][n++%4]+n;while(performance.now()<end);}</script>`)),
  );
  for (let i = 0; i < INTERACTIONS; i++) await world.page.click('#b');
  // Each click takes longer than the least that is told, and is told after the paint that follows it.
  await world.page.waitForFunction((count) => window.seen.size >= count, INTERACTIONS);
  const { ours, theirs } = await told();
  assert.ok(theirs.inp >= 100, `they ${theirs.inp}`);
  assert.equal(ours.inp, theirs.inp);
  // Near 0, but not always 0: a browser held up while it loads may paint half a page first.
  assert.ok(Math.abs(ours.cls - theirs.cls) < 0.0001, `cls: ${ours.cls}, they ${theirs.cls}`);
});

test('figures belong to the view the load began, and end when it is hidden', async () => {
  await world.open(world.site.add('/', page('<h1>Title</h1>')));
  await world.page.waitForFunction(() => window.theirs.fcp);
  await run(() => history.pushState({}, '', '/step'));
  await world.recorder.until(() => world.recorder.named('pageview').length === 2);
  await world.setVisibility('hidden');
  await world.recorder.until(() => world.recorder.named('engagement').length === 2);
  const [first, second] = world.recorder.named('engagement');
  assert.ok(first.wv.ttfb >= 0 && first.wv.fcp > 0);
  assert.equal(second.wv, undefined);
});

test('a page opened in the background is not measured', async () => {
  await world.page.addInitScript(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
  });
  await world.page.goto(world.site.add('/', page('<h1>Title</h1>')));
  await world.setVisibility('visible');
  await world.recorder.until(() => world.recorder.named('pageview').length);
  await run(() => new Promise(requestAnimationFrame));
  await world.setVisibility('hidden');
  const [{ wv }] = await world.recorder.until(() => world.recorder.named('engagement').length && world.recorder.named('engagement'));
  assert.equal(wv, undefined);
});

test('a prerendered page is measured from its activation', async () => {
  const { origin } = world.recorder;
  world.site.add('/away', { raw: '<!doctype html>' });
  world.site.add('/next', {
    raw: `<!doctype html>${world.site.tag({ file: 'i.vitals.js' })}<h1>Title</h1><script>
const tell=(event)=>fetch('${origin}/api/event',{method:'POST',body:JSON.stringify(event),keepalive:true});
addEventListener('load',()=>setTimeout(()=>tell({n:'Rendered'})));
document.addEventListener('prerenderingchange',()=>new PerformanceObserver(()=>{
const [{startTime}]=performance.getEntriesByName('first-contentful-paint'),[{activationStart}]=performance.getEntriesByType('navigation');
tell({n:'Raw',startTime,activationStart}).then(()=>location.href='/away')}).observe({type:'largest-contentful-paint',buffered:true}))</script>`,
  });
  const start = world.site.add('/start', {
    raw: `<!doctype html><script type="speculationrules">{"prerender":[{"source":"list","urls":["/next"],"eagerness":"immediate"}]}</script>
<script>fetch('${origin}/until?n=Rendered').then(()=>location.href='/next')</script>`,
  });
  const close = await openUndriven(start);
  try {
    await world.recorder.until(() => world.recorder.named('engagement').length);
  } finally {
    await close();
  }
  const [{ wv }] = world.recorder.named('engagement');
  const [{ startTime, activationStart }] = world.recorder.named('Raw');
  assert.equal(wv.ttfb, 0);
  assert.ok(activationStart > 0);
  assert.ok(Math.abs(wv.fcp - Math.max(0, startTime - activationStart)) <= 1, `${wv.fcp}, ${startTime} after ${activationStart}`);
});
