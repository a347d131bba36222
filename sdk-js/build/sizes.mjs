// Prints what each feature costs, added one after the other.

import { brotli, bundleScript, gzip } from './bundle.mjs';
import { FEATURES } from './features.mjs';

export async function printSizes() {
  const row = (...cells) => console.log(cells.map((cell, i) => (i ? String(cell).padStart(8) : cell.padEnd(34))).join(''));
  row('added, one after the other', 'min', 'gzip', 'brotli', '+');
  const features = [];
  let before = 0;
  for (const [name, words] of [[null, 'core'], ...FEATURES]) {
    if (name) features.push(name);
    const text = await bundleScript(features);
    const bytes = brotli(text).length;
    row(words, Buffer.byteLength(text), gzip(text).length, bytes, bytes - before);
    before = bytes;
  }
}

if (import.meta.url === `file://${process.argv[1]}`) await printSizes();
