// The npm package: importable anywhere, and typed as documented.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const before = new Set(Object.getOwnPropertyNames(globalThis));
const mostik = await import('../dist/mostik.mjs');

test('importing it on a server does nothing', () => {
  const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name));
  assert.deepEqual(added, []);
});

test('every function may be called on a server', () => {
  mostik.init({ domain: 'site.test' });
  mostik.track('Order', { props: { plan: 'pro' } });
  mostik.pageview();
  mostik.consent('granted');
  mostik.optOut();
  mostik.optIn();
  assert.equal(mostik.isOptedOut(), false);
});

test('it exports what its types declare, and nothing else', () => {
  const types = readFileSync(new URL('../dist/mostik.d.ts', import.meta.url), 'utf8');
  const declared = [...types.matchAll(/^export declare (?:function|const) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(Object.keys(mostik).sort(), declared.sort());
  assert.ok(!/from ['"]/.test(types), 'the types stand in one file');
});
