// What of a series is over, what is filling, what has not begun.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Overview } from '../src/contract';
import { bucketOf, dayAfter, monthEnd, partsOf } from '../src/period';

function parts(grain: 'hour' | 'day' | 'week' | 'month', at: string[], unfinished_from: string | null) {
  return partsOf({ period: { grain, now: '2026-11-23T14:05:00+03:00' }, series: { at }, unfinished_from } as unknown as Overview);
}
const hours = Array.from({ length: 24 }, (_, h) => `2026-11-23T${String(h).padStart(2, '0')}`);

test('of today the present hour is unfinished and the next has not begun', () => assert.deepEqual(parts('hour', hours, '2026-11-23T14'), { unfinished: 14, future: 15 }));
test('a finished day is finished to its end', () => assert.deepEqual(parts('hour', hours.map((h) => h.replace('-23', '-22')), null), { unfinished: 24, future: 24 }));
test('of some days the open one is unfinished', () => assert.deepEqual(parts('day', ['2026-11-21', '2026-11-22', '2026-11-23'], '2026-11-23'), { unfinished: 2, future: 3 }));
test('a day that waits to be closed is unfinished too', () => assert.deepEqual(parts('day', ['2026-11-21', '2026-11-22', '2026-11-23'], '2026-11-22'), { unfinished: 1, future: 3 }));
test('of a month the days to come have not begun', () => assert.deepEqual(parts('day', ['2026-11-22', '2026-11-23', '2026-11-24'], '2026-11-23'), { unfinished: 1, future: 2 }));
test('of a year the present month is unfinished', () => assert.deepEqual(parts('month', ['2026-10', '2026-11'], '2026-11'), { unfinished: 1, future: 2 }));
test('of weeks the present one is unfinished and the next has not begun', () => assert.deepEqual(parts('week', ['2026-11-16', '2026-11-23', '2026-11-30'], '2026-11-23'), { unfinished: 1, future: 2 }));
test('the present bucket is spelt as the series spells it', () => {
  assert.equal(bucketOf('2026-11-23T14:05:00+03:00', 'hour'), '2026-11-23T14');
  assert.equal(bucketOf('2026-11-23T14:05:00+03:00', 'month'), '2026-11');
});
test('days are counted over the ends of months', () => {
  assert.equal(dayAfter('2026-02-28', 1), '2026-03-01');
  assert.equal(dayAfter('2026-01-01', -1), '2025-12-31');
  assert.equal(monthEnd('2028-02'), '2028-02-29');
});
