// Paths and patterns.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './pure.mjs';

const { pattern } = await load(['globs']);

for (const [glob, path, want] of [
  ['/', '/', true],
  ['/a', '/a/', true],
  ['/a', '/ab', false],
  ['/a', '/x/a', false],
  ['/a/*', '/a/b', true],
  ['/a/*', '/a/b/c', false],
  ['/a/**', '/a/b/c', true],
  ['/*/edit', '/posts/edit', true],
  ['/a.html', '/axhtml', false],
  ['/a(b)+c?', '/a(b)+c', false],
  ['/курсы/*', new URL('https://x.test/курсы/rust').pathname, true],
  ['/👍', new URL('https://x.test/👍').pathname, true],
]) {
  test(`${glob} ${want ? 'fits' : 'does not fit'} ${path}`, () => assert.equal(pattern(glob).test(path), want));
}
