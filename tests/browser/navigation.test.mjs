// Steps of single-page applications, through the Navigation API and without it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useBrowser } from './harness.mjs';

const world = useBrowser();
const run = (script, argument) => world.page.evaluate(script, argument);
const views = (count) => world.recorder.until(() => world.recorder.named('pageview').length >= count, `${count} views`);

/** Browsers without the Navigation API: WebKitGTK 2.50 and older ones. */
const removeNavigation = () => Object.defineProperty(window, 'navigation', { value: undefined });

for (const [way, prepare] of [
  ['the Navigation API', null],
  ['patched history', removeNavigation],
]) {
  const begin = async (path = '/', script) => {
    if (prepare) await world.page.addInitScript(prepare);
    await world.open(world.site.add(path, script));
    assert.equal(await run(() => !!window.navigation), prepare === null);
  };

  test(`a new path counts, a new query or fragment does not (${way})`, async () => {
    await begin();
    await run(() => {
      history.pushState({}, '', '/?page=2');
      history.replaceState({}, '', '/?page=3');
      history.replaceState({ scroll: 1 }, '');
      history.pushState({}, '', '/');
      location.hash = 'part';
    });
    await world.settle();
    assert.deepEqual(world.viewed(), ['/']);
    await run(() => history.pushState({}, '', '/a'));
    await views(2);
    await run(() => history.replaceState({}, '', '/b'));
    await views(3);
    assert.deepEqual(world.viewed(), ['/', '/a', '/b']);
  });

  test(`back and forward count once each (${way})`, async () => {
    await begin();
    await run(() => history.pushState({}, '', '/a'));
    await views(2);
    await run(() => history.back());
    await views(3);
    await run(() => history.forward());
    await views(4);
    await world.settle();
    assert.deepEqual(world.viewed(), ['/', '/a', '/', '/a']);
  });

  test(`a step names the page before, the first view the site before (${way})`, async () => {
    if (prepare) await world.page.addInitScript(prepare);
    await world.open(`${world.site.add('/')}?token=s3cret`, { referer: 'https://other.example/' });
    await run(() => history.pushState({}, '', '/a'));
    await views(2);
    await run(() => history.pushState({}, '', '/b'));
    await views(3);
    const { origin } = world.site;
    assert.deepEqual(
      world.recorder.named('pageview').map(({ r, nt }) => [r, nt]),
      [
        ['https://other.example/', 'n'],
        [`${origin}/`, 's'],
        [`${origin}/a`, 's'],
      ],
    );
    assert.equal(new Set(world.recorder.named('pageview').map(({ pv }) => pv)).size, 3);
  });

  test(`a redirect in the same task is one view, of where it ended (${way})`, async () => {
    await begin();
    await run(() => {
      history.pushState({}, '', '/old');
      history.replaceState({}, '', '/new');
    });
    await views(2);
    await world.settle();
    assert.deepEqual(world.viewed(), ['/', '/new']);
  });

  test(`an event right after a step belongs to the new page (${way})`, async () => {
    await begin();
    await run(() => {
      history.pushState({}, '', '/thanks');
      window.mostik('Order');
    });
    await world.recorder.until(() => world.recorder.named('Order').length);
    await world.settle();
    const [, view] = world.recorder.named('pageview');
    const [order] = world.recorder.named('Order');
    assert.equal(order.u, `${world.site.origin}/thanks`);
    assert.equal(order.pv, view.pv);
    assert.deepEqual(world.viewed(), ['/', '/thanks']);
  });

  test(`in hash mode fragments are pages, and back counts once (${way})`, async () => {
    await begin('/app', { attributes: 'data-hash' });
    await run(() => {
      location.hash = '#/one';
    });
    await views(2);
    await run(() => history.back());
    await views(3);
    await world.settle();
    assert.deepEqual(world.viewed(), ['/app', '/app#/one', '/app']);
  });

  test(`others may patch the history before and after us (${way})`, async () => {
    const patch = () => {
      const original = history.pushState;
      history.pushState = function (...args) {
        window.patched = (window.patched || 0) + 1;
        return original.apply(this, args);
      };
    };
    await world.page.addInitScript(patch);
    await begin();
    await run(patch);
    await run(() => history.pushState({}, '', '/a'));
    await views(2);
    await world.settle();
    assert.deepEqual(world.viewed(), ['/', '/a']);
    assert.equal(await run(() => window.patched), 2);
  });
}

test('a frozen history is left alone, and back and forward still count', async () => {
  await world.page.addInitScript(removeNavigation);
  await world.page.addInitScript(() => Object.freeze(history));
  await world.open(world.site.add('/'));
  await run(() => history.pushState({}, '', '/a'));
  await run(() => history.pushState({}, '', '/b'));
  await run(() => history.back());
  await views(2);
  assert.deepEqual(world.viewed(), ['/', '/a']);
  assert.deepEqual(world.errors, []);
});

test('data-spa="false" counts documents only', async () => {
  await world.open(world.site.add('/', { attributes: 'data-spa="false"' }));
  await run(() => history.pushState({}, '', '/a'));
  await world.settle();
  assert.deepEqual(world.viewed(), ['/']);
});

test('data-auto="false" counts nothing but what it is told', async () => {
  await world.page.goto(world.site.add('/manual', { attributes: 'data-auto="false"' }));
  await run(() => history.pushState({}, '', '/b'));
  await world.settle();
  assert.deepEqual(world.viewed(), []);
  await run(() => window.mostik.pageview({ url: '/virtual', props: { tab: 'two' }, referrer: 'https://other.example/x?y' }));
  await views(1);
  const [{ u, p, r }] = world.recorder.named('pageview');
  assert.deepEqual([u, p, r], [`${world.site.origin}/virtual`, { tab: 'two' }, 'https://other.example/x']);
});

test('a page view by hand for the page just shown replaces the automatic one', async () => {
  await world.open(world.site.add('/'));
  await run(() => {
    history.pushState({}, '', '/a');
    window.mostik.pageview();
  });
  await views(2);
  await world.settle();
  assert.deepEqual(world.viewed(), ['/', '/a']);
});

test('an excluded page sends nothing and is never named; leaving it works', async () => {
  await world.page.goto(world.site.add('/admin/users', { attributes: 'data-exclude="/admin/**"' }));
  await run(() => window.mostik('Secret'));
  await run(() => history.pushState({}, '', '/a'));
  await views(1);
  await run(() => history.pushState({}, '', '/admin/users/7'));
  await run(() => history.pushState({}, '', '/b'));
  await views(2);
  await world.settle();
  assert.deepEqual(world.arrived().filter((name) => name !== 'engagement'), ['pageview', 'pageview']);
  assert.deepEqual(world.viewed(), ['/a', '/b']);
  assert.ok(!world.recorder.requests.some(({ body }) => body.includes('admin')));
});

test('a mask stands for the path, in the address and in the referrer', async () => {
  const url = world.site.add('/user/17', { attributes: 'data-mask="/user/*, /курсы/**"' });
  await world.open(`${url}?utm_source=mail`);
  await run(() => history.pushState({}, '', '/курсы/rust/3'));
  await views(2);
  await run(() => history.pushState({}, '', '/user/18'));
  await views(3);
  assert.deepEqual(world.viewed().map(decodeURI), ['/user/*?utm_source=mail', '/курсы/**', '/user/*']);
  assert.equal(world.recorder.named('pageview')[1].r, `${world.site.origin}/user/*?utm_source=mail`);
});

test('only included pages count', async () => {
  await world.open(world.site.add('/blog/a', { attributes: 'data-include="/blog/*"' }), {
    referer: 'https://other.example/elsewhere',
  });
  await run(() => history.pushState({}, '', '/shop'));
  await world.page.evaluate(() => window.mostik('Ignored'));
  await run(() => history.pushState({}, '', '/blog/b/'));
  await views(2);
  assert.deepEqual(world.viewed(), ['/blog/a', '/blog/b/']);
  assert.equal(world.recorder.named('pageview')[0].r, 'https://other.example/elsewhere');
});
