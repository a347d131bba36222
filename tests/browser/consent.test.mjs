// What the visitor says: consent, opt-out, Global Privacy Control.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useBrowser } from './harness.mjs';

const world = useBrowser();
const run = (script, argument) => world.page.evaluate(script, argument);
const control = () =>
  run((url) => fetch(url, { method: 'POST', body: '{"n":"Control"}' }), `${world.recorder.origin}/api/event`);
const marks = () => Object.fromEntries(world.recorder.events().map(({ n, c }) => [n, c]));

test('consent marks what follows, and its withdrawal ends that', async () => {
  await world.open(world.site.add('/'));
  await run(() => window.mostik('Before'));
  await run(() => window.mostik.consent('granted'));
  await run(() => window.mostik('Agreed'));
  await run(() => window.mostik.consent('denied'));
  await run(() => window.mostik('After'));
  await world.recorder.until(() => world.recorder.named('After').length);
  const { engagement, ...others } = marks();
  assert.deepEqual(others, { pageview: undefined, Before: undefined, Agreed: 1, After: 0 });
});

test('an answer is told at once, even if nothing else happens', async () => {
  await world.open(world.site.add('/'));
  for (const [answer, mark] of [['granted', 1], ['denied', 0]]) {
    await run((state) => window.mostik.consent(state), answer);
    await world.recorder.until(() => world.recorder.named('engagement').some(({ c }) => c === mark), answer);
  }
});

test('a withdrawal marks what still waits', async () => {
  await world.open(world.site.add('/', { attributes: 'data-consent="granted"' }));
  world.recorder.behaviour.status = 503;
  await run(() => new Promise((callback) => window.mostik('Order', { callback })));
  world.recorder.behaviour.status = 202;
  await run(() => window.mostik.consent('denied'));
  await world.recorder.until(() => world.recorder.named('Order').length === 2);
  assert.deepEqual(world.recorder.named('Order').map(({ c }) => c), [1, 0]);
});

test('a site may know the answer before the first view', async () => {
  await world.open(world.site.add('/', { attributes: 'data-consent="granted"' }));
  assert.equal(world.recorder.named('pageview')[0].c, 1);
});

for (const [answer, mark] of [
  ['granted', 1],
  ['denied', 0],
]) {
  test(`what waits for an answer is sent once it is ${answer}, with its age`, async () => {
    await world.page.goto(world.site.add('/', { attributes: 'data-consent="pending"' }));
    await run(() => new Promise((callback) => window.mostik('Waits', { callback })));
    await control();
    assert.deepEqual(world.recorder.names(), ['Control']);
    await run((state) => window.mostik.consent(state), answer);
    await world.recorder.until(() => world.recorder.events().length >= 3);
    await world.settle();
    assert.deepEqual(world.arrived().filter((name) => name !== 'engagement'), ['Control', 'pageview', 'Waits']);
    for (const event of [...world.recorder.named('pageview'), ...world.recorder.named('Waits')]) {
      assert.equal(event.c, mark);
      assert.ok(Number.isInteger(event.a) && event.a >= 0, `age ${event.a}`);
    }
  });
}

test('an event that failed before consent does not gain it', async () => {
  await world.open(world.site.add('/'));
  world.recorder.behaviour.status = 503;
  await run(() => new Promise((callback) => window.mostik('Early', { callback })));
  world.recorder.behaviour.status = 202;
  await run(() => window.mostik.consent('granted'));
  await world.recorder.until(() => world.recorder.named('Early').length === 2);
  assert.deepEqual(world.recorder.named('Early').map(({ c }) => c), [undefined, undefined]);
});

test('no more than 50 events wait', async () => {
  await world.page.goto(world.site.add('/', { attributes: 'data-consent="pending"' }));
  await run(() => {
    for (let i = 0; i < 60; i++) window.mostik(`E${i}`);
  });
  await run(() => window.mostik.consent('denied'));
  await world.recorder.until(() => world.recorder.named('E48').length);
  await world.settle();
  assert.equal(world.arrived().filter((name) => name !== 'engagement').length, 50);
});

test('after opting out nothing is sent, in this page and the next, until opting in', async () => {
  const url = world.site.add('/');
  await world.open(url);
  await run(() => window.mostik.optOut());
  const result = await run(() => new Promise((callback) => window.mostik('Gone', { callback })));
  assert.equal(result, undefined);
  await world.page.goto(url);
  assert.equal(await run(() => window.mostik.isOptedOut()), true);
  assert.deepEqual(await run(() => ({ ...localStorage })), { mostik_ignore: 'true' });
  await control();
  assert.deepEqual(world.arrived().filter((name) => name !== 'engagement'), ['pageview', 'Control']);
  await run(() => window.mostik.optIn());
  assert.deepEqual(await run(() => ({ ...localStorage })), {});
  await world.settle();
});

for (const [counted, lang, out, back] of [
  [true, 'ru', 'Не считать мои посещения', 'Снова считать мои посещения'],
  [false, 'en', 'Do not count my visits', 'Count my visits again'],
]) {
  test(`a button on the site switches counting off and on, ${counted ? 'beside' : 'without'} the script`, async () => {
    const button = `<!doctype html><html lang="${lang}"><button data-mostik-optout></button>
<script defer src="${world.recorder.origin}/optout.js"></script>${counted ? world.site.tag() : ''}`;
    await world.page.goto(world.site.add('/privacy', { raw: button }));
    const press = world.page.getByRole('button');
    const says = (words) => world.page.waitForFunction((words) => document.querySelector('button').textContent === words, words);
    await says(out);
    await press.click();
    await says(back);
    assert.deepEqual(await run(() => ({ ...localStorage })), { mostik_ignore: 'true' });
    if (counted) assert.equal(await run(() => new Promise((callback) => window.mostik('Gone', { callback }))), undefined);
    await world.page.reload();
    await says(back);
    await press.focus();
    await world.page.keyboard.press('Enter');
    await says(out);
    assert.deepEqual(await run(() => ({ ...localStorage })), {});
    if (counted) await run(() => new Promise((callback) => window.mostik('Counted', { callback })));
    await control();
    assert.deepEqual(world.recorder.names().filter((name) => /Gone|Counted/.test(name)), counted ? ['Counted'] : []);
  });
}

test('opting out discards what was held', async () => {
  await world.page.goto(world.site.add('/', { attributes: 'data-consent="pending"' }));
  await run(() => {
    window.mostik.optOut();
    window.mostik.consent('granted');
  });
  await control();
  assert.deepEqual(world.recorder.names(), ['Control']);
});

test('Global Privacy Control is obeyed: nothing is sent', async () => {
  await world.page.addInitScript(() => {
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: true });
  });
  await world.page.goto(world.site.add('/', { attributes: 'data-outbound data-forms' }));
  await run(() => new Promise((callback) => window.mostik('Gone', { callback })));
  await world.setVisibility('hidden');
  await control();
  assert.deepEqual(world.recorder.names(), ['Control']);
});

test('under Global Privacy Control the button says that nothing is counted', async () => {
  await world.page.addInitScript(() => {
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: true });
  });
  const raw = `<!doctype html><button data-mostik-optout></button><script defer src="${world.recorder.origin}/optout.js"></script>`;
  await world.page.goto(world.site.add('/', { raw }));
  await world.page.getByRole('button', { name: 'Not counted: your browser asks for it', disabled: true }).waitFor();
});

test('localhost is not counted unless asked for', async () => {
  await world.page.goto(world.site.add('/', { raw: `<!doctype html>${world.site.tag().replace('data-local', '')}` }));
  await run(() => new Promise((callback) => window.mostik('Gone', { callback })));
  await control();
  assert.deepEqual(world.recorder.names(), ['Control']);
});
