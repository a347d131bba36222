// The address and the view say the same thing, in both directions.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_VIEW, query, readFilter, readRoute, readView, writeFilter, writeRoute, writeView, type View } from '../src/url';

function comesBack(change: Partial<View>) {
  const view: View = { ...DEFAULT_VIEW, ...change };
  assert.deepEqual(readView(writeView(view)), view);
}

test('the default view has an empty query', () => assert.equal(writeView(DEFAULT_VIEW), ''));
test('a period comes back', () => comesBack({ period: '12mo' }));
test('a custom period comes back with its days', () => comesBack({ period: 'custom', from: '2026-10-01', to: '2026-10-05' }));
test('comparison, metric, list, table and panel come back', () => comesBack({ compare: 'year', metric: 'bounce_ratio', list: 'country', table: true, panel: 'goals' }));
test('a grain and a comparison of one’s own come back', () => comesBack({ grain: 'week', compare: 'custom', compareFrom: '2025-10-01' }));
test('a comparison of one’s own without its day falls back', () => assert.equal(readView('compare=custom').compare, 'previous'));
test('a single day is not asked for by week', () => {
  assert.equal(query({ ...DEFAULT_VIEW, grain: 'week' }).get('grain'), 'week');
  assert.equal(query({ ...DEFAULT_VIEW, grain: 'week', period: 'today' }).get('grain'), null);
});
test('a pattern comes back', () => comesBack({ filters: [{ dimension: 'page', operator: 'matches', values: ['/blog/*'] }] }));
test('tabs come back', () => comesBack({ tabs: { ...DEFAULT_VIEW.tabs, pages: 'exit', places: 'countries' }, campaign: 'utm_term' }));
test('filters come back in their order', () => comesBack({
  filters: [{ dimension: 'country', operator: 'is_not', values: ['RU', 'KZ'] }, { dimension: 'page', operator: 'contains', values: ['/blog/'] }],
}));
test('a value with every awkward character comes back', () => comesBack({
  filters: [{ dimension: 'page', operator: 'is', values: ['/a|b', '/100%', '/50%25', '/%7C', '/c:d&e=f#g?h+i j', '/сайт/', ''] }],
}));
test('slashes stay readable in the address', () => assert.equal(
  writeView({ ...DEFAULT_VIEW, filters: [{ dimension: 'page', operator: 'is', values: ['/blog/'] }] }), 'filter=page:is:/blog/'));
test('| and % are hidden inside a value, as the contract says', () => assert.equal(
  writeFilter({ dimension: 'page', operator: 'is', values: ['/a|b', '5%'] }), 'page:is:/a%7Cb|5%25'));
test('nonsense in the address is not taken for a view', () => assert.deepEqual(
  readView('period=soon&compare=never&metric=joy&list=shoes&filter=shoe:is:red&filter=page:looks:x&pages=x&table=yes'), DEFAULT_VIEW));
test('a custom period without an end falls back to the usual one', () => assert.equal(readView('period=custom&from=2026-10-01').period, '30d'));
test('a custom period that ends before it begins falls back', () => assert.equal(readView('period=custom&from=2026-10-02&to=2026-10-01').period, '30d'));
test('a day that does not exist is not a day', () => assert.equal(readView('period=custom&from=2026-13-01&to=2026-13-02').period, '30d'));
test('a filter keeps colons in its value', () => assert.deepEqual(readFilter('goal:is:a:b'), { dimension: 'goal', operator: 'is', values: ['a:b'] }));
test('the question to the server always names period and comparison', () => assert.equal(query(DEFAULT_VIEW).toString(), 'period=30d&compare=previous'));
test('routes come back', () => {
  for (const address of ['/', '/setup', '/sites/new', '/sites/7/install', '/sites/7', '/sites/7?period=today&filter=country:is:RU']) {
    const url = new URL(address, 'http://mostik');
    assert.equal(writeRoute(readRoute(url.pathname, url.search)), address);
  }
});
test('an unknown path leads home', () => assert.deepEqual(readRoute('/wp-admin', ''), { page: 'home' }));
