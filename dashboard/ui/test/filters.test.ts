// What a click on a row does to the filters.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { added, isChosen, toggled } from '../src/filters';

test('a click filters and a second click does not any more', () => {
  const once = toggled([], 'country', 'RU');
  assert.ok(isChosen(once, 'country', 'RU'));
  assert.deepEqual(toggled(once, 'country', 'RU'), []);
});
test('another value of the same dimension widens the filter', () => assert.deepEqual(
  toggled(toggled([], 'country', 'RU'), 'country', 'KZ'), [{ dimension: 'country', operator: 'is', values: ['RU', 'KZ'] }]));
test('another dimension narrows', () => assert.equal(toggled(toggled([], 'country', 'RU'), 'page', '/').length, 2));
test('“is not” is not touched by a click', () => {
  const not = added([], { dimension: 'country', operator: 'is_not', values: ['RU'] });
  assert.equal(toggled(not, 'country', 'RU').length, 2);
});
test('the same value is not put in twice', () => assert.deepEqual(
  added(added([], { dimension: 'page', operator: 'contains', values: ['a'] }), { dimension: 'page', operator: 'contains', values: ['a'] })[0]!.values, ['a']));
