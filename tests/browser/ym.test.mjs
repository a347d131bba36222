// The add-on for `ym(…)`: beside a tag that works as Yandex's open one does, and alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useBrowser } from './harness.mjs';

const world = useBrowser();
const run = (script, argument) => world.page.evaluate(script, argument);
const YM_STUB = '<script>window.ym=window.ym||function(){(ym.a=ym.a||[]).push(arguments)};ym.l=1*new Date()</script>';
/** Hooks in as the tag does: what is queued, then `push`, before the push it found. */
const TAG = `<script>window.tagSaw=[];(()=>{const a=ym.a=ym.a||[],old=a.push;
const handle=c=>tagSaw.push(Array.from(c).slice(0,3).join(' '));
a.push=function(...c){handle(c[0]);return old.apply(a,c)};a.forEach(handle)})()</script>`;
const EARLY = '<script>ym(7,"reachGoal","early")</script>';
const addOn = (attributes = '', file = 'ym.js') => `<script src="${world.recorder.origin}/${file}" data-counters="7, 8" ${attributes}></script>`;
const names = () => world.arrived().filter((name) => !/^(pageview|engagement)$/.test(name)).sort();

for (const [order, scripts] of [
  ['before', () => EARLY + addOn() + TAG],
  ['after', () => EARLY + TAG + addOn()],
]) {
  test(`beside a tag, loaded ${order} it, each goal is seen once by both`, async () => {
    await world.open(world.site.add('/', { head: YM_STUB, body: scripts() }));
    const returned = await run(() => [window.ym('8:0', 'reachGoal', 'late', { plan: 'pro' }), window.ym(9, 'reachGoal', 'other'), window.ym(7, 'hit', '/x')].length);
    assert.equal(returned, 3);
    await world.settle();
    assert.deepEqual(names(), ['early', 'late']);
    assert.deepEqual(await run(() => window.tagSaw.map((call) => call.replace(/,?\[object Object\]/, ''))), ['7 reachGoal early', '8:0 reachGoal late', '9 reachGoal other', '7 hit /x']);
    assert.equal(world.recorder.named('pageview').length, 1);
    assert.deepEqual(world.errors, []);
  });
}

const replaced = async (attributes = '') => world.open(world.site.add('/', { head: YM_STUB, body: EARLY + addOn(attributes, 'ym-replace.js') }));

test('money needs a currency, params a place on the list', async () => {
  await replaced('data-params="plan, price, nested"');
  await run(() => {
    window.ym(7, 'reachGoal', 'paid', { order_price: '10.50', currency: 'RUB', plan: 'pro', email: 'me@secret.example', nested: { a: 1 } });
    window.ym(7, 'reachGoal', 'units', { price: 3 });
    for (const bad of ['', 'a/b', 'a&b', 'a=b', 'a?b', 'a#b', undefined]) window.ym(7, 'reachGoal', bad);
  });
  await world.settle();
  assert.deepEqual(names(), ['early', 'paid', 'units']);
  const [{ p, $ }] = world.recorder.named('paid');
  assert.deepEqual([p, $], [{ plan: 'pro' }, { amount: '10.50', currency: 'RUB' }]);
  const [units] = world.recorder.named('units');
  assert.deepEqual([units.p, units.$], [{ price: '3' }, undefined]);
});

test('in place of the tag its calls are answered, its old names stand, and nothing personal is read', async () => {
  await replaced();
  const answers = await run(async () => {
    const seen = [];
    const heard = (...call) => new Promise((done) => window.ym(...call, function (value) { done(seen.push([call[1], this.me, value])); }, { me: 1 }));
    await heard(7, 'reachGoal', 'called');
    await heard(7, 'getClientID');
    const trap = new Proxy({}, { get: () => { throw new Error('read'); }, ownKeys: () => { throw new Error('read'); } });
    for (const method of ['userParams', 'setUserID', 'firstPartyParams', 'firstPartyParamsHashed']) await heard(7, method, trap);
    await new Promise((callback) => window.ym(7, 'notBounce', { callback }));
    const inited = new Promise((done) => document.addEventListener('yacounter8inited', done));
    window.ym(8, 'init', { triggerEvent: true, webvisor: true });
    await inited;
    window.yaCounter7.reachGoal('legacy');
    new window.Ya.Metrika2({ id: 8 }).reachGoal('constructed');
    window.ym(7, 'unheardOf', 1);
    return seen;
  });
  assert.deepEqual(answers, ['reachGoal', 'getClientID', 'userParams', 'setUserID', 'firstPartyParams', 'firstPartyParamsHashed'].map((method) => [method, 1, null]));
  await world.settle();
  assert.deepEqual(names(), ['called', 'constructed', 'early', 'legacy']);
  assert.deepEqual(world.errors, []);
});

test('a hit for the page shown is its automatic view, before or after the step', async () => {
  await replaced();
  await run(() => {
    window.ym(7, 'hit', location.href);
    window.ym(7, 'hit', '/step');
    history.pushState({}, '', '/step');
    window.ym(7, 'hit', '/step');
  });
  await world.recorder.until(() => world.recorder.named('pageview').length === 2);
  await run(() => window.ym(7, 'hit', '/virtual'));
  await world.recorder.until(() => world.recorder.named('pageview').length === 3);
  await world.settle();
  assert.deepEqual(world.viewed(), ['/', '/step', '/virtual']);
});
