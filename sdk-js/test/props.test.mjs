// What becomes of props on their way to the wire.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './pure.mjs';

const { fit } = await load(['props']);

test('strings, numbers and truth values stay, as text', () =>
  assert.deepEqual(fit({ a: 'x', b: 1.5, c: false, d: 10n }), { a: 'x', b: '1.5', c: 'false', d: '10' }));
test('what the collector would refuse is left out', () =>
  assert.equal(fit({ a: null, b: undefined, c: {}, d: [], e() {} }), undefined));
test('30 keys at most, the first', () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, i]));
  assert.deepEqual(Object.keys(fit(many)), Object.keys(many).slice(0, 30));
});
test('120 characters of each, the first', () =>
  assert.deepEqual(fit({ a: 'x'.repeat(119) + 'yz', b: 'z' }), { a: 'x'.repeat(119) + 'y', b: 'z' }));
test('a pair of surrogates is never torn', () =>
  assert.deepEqual(fit({ a: 'x'.repeat(119) + '😀' }), { a: 'x'.repeat(119) }));
test('a torn one from the site does not spoil the event', () => assert.deepEqual(fit({ a: '\udc00b' }), { a: 'b' }));
