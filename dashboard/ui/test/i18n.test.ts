// Both languages say the same things, and plurals agree with their numbers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learn, phrase, worded, type Entry } from '../src/i18n';
import { en } from '../src/i18n/en';
import { ru } from '../src/i18n/ru';
import * as door from '../src/door-words';

learn('en', en);
learn('ru', ru);

const texts = (entry: Entry) => (typeof entry === 'string' ? [entry] : Object.values(entry));
const holes = (entry: Entry) => [...new Set(texts(entry).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

const ALL: [Record<string, Entry>, Record<string, Entry>][] = [[en, ru], [door.en, door.ru]];
test('the dictionaries have the same keys', () => {
  for (const [one, other] of ALL) assert.deepEqual(Object.keys(other).sort(), Object.keys(one).sort());
});
test('the same values are put in, in both', () => {
  for (const [one, other] of ALL) for (const key of Object.keys(one)) assert.deepEqual(holes(other[key]!), holes(one[key]!), key);
});
test('no text is empty', () => {
  for (const dictionary of ALL.flat()) for (const [key, entry] of Object.entries(dictionary)) for (const text of texts(entry)) assert.ok(text.trim(), key);
});
test('Russian plurals have their three forms', () => {
  for (const [, dictionary] of ALL) for (const [key, entry] of Object.entries(dictionary)) if (typeof entry !== 'string') assert.deepEqual(Object.keys(entry).filter((form) => form !== 'other').sort(), ['few', 'many', 'one'], key);
});
const visitors = (n: number) => phrase('ru', 'live.title', { n }).split(' за ')[0];
test('1 посетитель, 2 посетителя, 5 посетителей', () => {
  assert.equal(visitors(1), '1 посетитель');
  assert.equal(visitors(2), '2 посетителя');
  assert.equal(visitors(5), '5 посетителей');
  assert.equal(visitors(11), '11 посетителей');
  assert.equal(visitors(21), '21 посетитель');
});
test('numbers inside a text are grouped as the language groups them', () => {
  assert.equal(phrase('en', 'panel.all', { n: 1213 }), 'All 1,213 →');
});
test('a reason the page has never heard of is shown as it is', () => assert.equal(worded('reason', 'solar_flare'), 'solar flare'));
