// The budget, and that what is served is what was measured.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { SCRIPTS } from '../build/features.mjs';

const dist = (file) => readFileSync(new URL(`../dist/${file}`, import.meta.url));
const manifest = new Map(JSON.parse(dist('manifest.json')).files.map((entry) => [entry.file, entry]));

for (const { file, brotliBytesMax, gzipBytesMax } of SCRIPTS) {
  test(`${file} stays within ${brotliBytesMax} bytes of brotli and ${gzipBytesMax} of gzip`, () => {
    const { brotli_bytes, gzip_bytes } = manifest.get(file);
    assert.ok(brotli_bytes <= brotliBytesMax, `${brotli_bytes} bytes`);
    assert.ok(gzip_bytes <= gzipBytesMax, `${gzip_bytes} bytes`);
  });

  test(`${file}: manifest and compressed forms describe the file`, () => {
    const entry = manifest.get(file);
    const bytes = dist(file);
    assert.deepEqual(brotliDecompressSync(dist(`${file}.br`)), bytes);
    assert.deepEqual(gunzipSync(dist(`${file}.gz`)), bytes);
    assert.equal(dist(`${file}.br`).length, entry.brotli_bytes);
    assert.equal(dist(`${file}.gz`).length, entry.gzip_bytes);
    assert.equal(entry.integrity, `sha384-${createHash('sha384').update(bytes).digest('base64')}`);
    assert.match(entry.immutable, /^[\w.-]+\.[0-9a-f]{12}\.js$/);
    assert.deepEqual(dist(entry.immutable), bytes);
  });

  test(`${file} holds no setting of anyone's and uses nothing a strict policy forbids`, () => {
    const text = dist(file).toString();
    const never = 'eval( Function( cookie sessionStorage indexedDB sendBeacon XMLHttpRequest unload preventDefault innerHTML'.split(' ');
    assert.deepEqual(never.filter((word) => text.includes(word)), []);
  });
}

test('core.js leaves out what it promises to leave out', () => {
  const text = dist('core.js').toString();
  for (const feature of ['engagement', 'Outbound', 'mostik-event', '404', 'online', 'consent', 'setItem']) {
    assert.ok(!text.includes(feature), feature);
  }
});
