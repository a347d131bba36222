// Prints what each feature costs, added one after the other, and what each file has of its budget.

import { pathToFileURL } from 'node:url';
import { brotli, bundleScript, gzip } from './bundle.mjs';
import { FEATURES, SCRIPTS } from './features.mjs';

const row = (name, ...cells) => console.log(name.padEnd(34) + cells.map((cell) => String(cell).padStart(8)).join(''));

export async function printSizes() {
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
  row('file', 'min', 'gzip', 'brotli', 'limit');
  for (const { file, features, modules, brotliBytesMax } of SCRIPTS) {
    const text = await bundleScript(features, modules);
    row(file, Buffer.byteLength(text), gzip(text).length, brotli(text).length, brotliBytesMax);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await printSizes();
