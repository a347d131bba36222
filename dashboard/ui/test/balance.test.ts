// Received = stored + refused + waiting, or the page says by how much not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sumOf } from '../src/balance';
import { learn } from '../src/i18n';
import { en } from '../src/i18n/en';

learn('en', en);
const refused = [{ reason: 'gpc', n: 2 }, { reason: 'not_json', n: 3 }, { reason: 'not_utf8', n: 4 }];

test('a balance that adds up misses nothing', () => assert.equal(sumOf({ received: 20, stored: 10, refused, waiting: 1 }).missing, 0));
test('a lost event shows', () => assert.equal(sumOf({ received: 21, stored: 10, refused, waiting: 1 }).missing, 1));
test('reasons with the same word are one, the greatest first', () => assert.deepEqual(
  sumOf({ received: 9, stored: 0, refused, waiting: 0 }).reasons, [{ word: 'unreadable', n: 7 }, { word: 'Global Privacy Control', n: 2 }]));
