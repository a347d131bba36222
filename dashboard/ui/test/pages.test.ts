// Small decisions of single pages.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { world } from '../build/geography.mjs';
import { shadeOf } from '../src/shade';
import { domainOf } from '../src/domain';
import { snippet } from '../src/snippets';
import { isZone, matchingZones } from '../src/zones';

test('a pasted address is taken for its host', () => {
  assert.equal(domainOf(' https://www.Example.com/path?x=1 '), 'example.com');
  assert.equal(domainOf('example.com.'), 'example.com');
  assert.equal(domainOf('пример.рф'), 'xn--e1afmkfd.xn--p1ai');
});
test('what is no domain is not taken for one', () => {
  for (const text of ['', 'example', 'a b.com', 'http://', '/path']) assert.equal(domainOf(text), null, text);
});
test('zones are found by any part of their name, the one that begins so first', () => {
  assert.equal(matchingZones('mosc')[0], 'Europe/Moscow');
  assert.equal(matchingZones('new york')[0], 'America/New_York');
  assert.deepEqual(matchingZones('atlantis'), []);
});
test('only a real zone is a zone', () => {
  assert.ok(isZone('Europe/Moscow'));
  assert.ok(!isZone('Europe/Mosc'));
  assert.ok(!isZone(''));
});
test('one great country does not leave the others without a shade', () => {
  assert.equal(shadeOf(0, 10_000), 0);
  assert.equal(shadeOf(10_000, 10_000), 6);
  assert.ok(shadeOf(100, 10_000) >= 3);
  assert.equal(shadeOf(1, 1), 6);
});
test('every country of the map has a code that has a name', () => {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  for (const code of Object.keys(world().paths)) assert.ok(names.of(code), code);
});
test('no country of the map is torn across it', () => {
  const { paths, width } = world();
  for (const [code, path] of Object.entries(paths)) {
    for (const ring of path.split('M').slice(1)) {
      const [start = '', steps = ''] = ring.split('l');
      let x = Number(start.split(' ')[0]);
      const numbers = (steps.match(/-?\d+/g) ?? []).map(Number);
      for (let i = 0; i < numbers.length; i += 2) {
        assert.ok(Math.abs(numbers[i]!) < width / 6, `${code} jumps`);
        x += numbers[i]!;
        assert.ok(x >= 0 && x <= width, `${code} leaves the map`);
      }
    }
  }
});

test('every snippet carries the address and the domain, and none of them breaks its quotes', () => {
  const script = '<script defer src="https://stats.example.ru/i.js" data-domain="example.ru"></script>';
  for (const kind of ['html', 'wordpress', 'tilda', 'bitrix', 'next', 'nuxt', 'gtm'] as const) {
    const text = snippet(kind, script);
    assert.match(text, /https:\/\/stats\.example\.ru\/i\.js/, kind);
    assert.match(text, /data-domain['"]?[=:,] ?['"]example\.ru['"]/, kind);
    assert.equal(text.split("'").length % 2, 1, `${kind}: quotes come in pairs`);
  }
});
