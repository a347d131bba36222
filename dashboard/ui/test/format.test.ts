// Numbers as readers of each language write them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucket, change, count, countryName, duration, exactCount, metricValue, range, share, tick } from '../src/format';
import { learn } from '../src/i18n';
import { en } from '../src/i18n/en';
import { ru } from '../src/i18n/ru';

learn('en', en);
learn('ru', ru);

/** Every kind of narrow or unbreakable space is a space to the eye. */
const seen = (text: string) => text.replaceAll(/[\u00a0\u202f\u2009]/g, ' ');
const check = (printed: string, expected: string) => assert.equal(seen(printed), expected);

test('counts are whole up to 99,999', () => {
  check(count('en', 99_999), '99,999');
  check(count('ru', 12_431), '12 431');
  check(count('ru', 1_204), '1 204');
});
test('beyond, counts are in thousands', () => {
  check(count('en', 124_400), '124 k');
  check(count('ru', 124_400), '124 тыс.');
});
test('millions keep one digit, and a rounded-up thousand thousand is a million', () => {
  check(count('en', 1_240_000), '1.2 M');
  check(count('ru', 1_240_000), '1,2 млн');
  check(count('en', 999_960), '1 M');
});
test('nought is nought and unknown is not nought', () => {
  check(count('en', 0), '0');
  check(exactCount('en', null), '–');
});
test('shares have a space in Russian and none in English', () => {
  check(share('ru', 0.38), '38 %');
  check(share('en', 0.38), '38%');
});
test('small shares keep a digit, tiny ones say so', () => {
  check(share('en', 0.064), '6.4%');
  check(share('en', 0.0004), '< 0.1%');
  check(share('en', 0), '0%');
});
test('durations use the two greatest units', () => {
  check(duration('en', 134), '2m 14s');
  check(duration('ru', 134), '2 мин 14 с');
  check(duration('en', 3_725), '1h 2m');
  check(duration('ru', 3_600), '1 ч');
  check(duration('en', 0), '0s');
  check(duration('en', 59.6), '1m');
});
test('a bounce rate is a share and an impossible one is a dash', () => {
  check(metricValue('en', 'bounce_ratio', 0.384), '38%');
  check(metricValue('en', 'bounce_ratio', null), '–');
});

const moved = (metric: 'visitors' | 'bounce_ratio', value: number | null, previous: number | null) => change('en', metric, value, previous);
test('a change carries its sign', () => {
  check(moved('visitors', 108, 100)!.text, '+8%');
  check(moved('visitors', 92, 100)!.text, '−8%');
});
test('more visitors are good, more bounces are not', () => {
  assert.equal(moved('visitors', 2, 1)!.good, true);
  assert.equal(moved('bounce_ratio', 0.4, 0.3)!.good, false);
});
test('bounces change by points, not by per cent of per cent', () => check(moved('bounce_ratio', 0.4, 0.3)!.text, '+10 pp'));
test('from nothing, and from the unknown, there is no change to tell', () => {
  assert.equal(moved('visitors', 5, 0), null);
  assert.equal(moved('visitors', 5, null), null);
  assert.equal(moved('bounce_ratio', null, 0.3), null);
});
test('a change that rounds to nought is neither up nor down', () => assert.equal(moved('visitors', 1_000, 1_001)!.direction, 'same'));

test('days are printed in no zone but the site’s', () => {
  check(bucket('en', 'day', '2026-11-23'), 'Mon 23 November');
  check(tick('ru', 'hour', '2026-11-23T00'), '00:00');
});
test('a month tells its year where one begins', () => {
  check(tick('en', 'month', '2026-01'), 'Jan 2026');
  check(tick('en', 'month', '2026-02'), 'Feb');
  check(tick('ru', 'month', '2025-12', true), 'дек 2025');
});
test('a range within a year says the year once', () => check(range('en', '2026-10-25', '2026-11-23'), '25 Oct – 23 Nov 2026'));
test('August keeps its г', () => check(tick('ru', 'day', '2026-08-25'), '25 авг'));
test('Russian ranges have no г.', () => assert.ok(!range('ru', '2025-12-01', '2026-11-23').includes('г.')));
test('countries have names, unknown ones say so', () => {
  check(countryName('ru', 'DE'), 'Германия');
  check(countryName('en', 'ZZ'), 'Unknown');
  check(countryName('en', ''), 'Unknown');
});
