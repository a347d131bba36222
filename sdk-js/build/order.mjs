// Tries other orders of the modules and prints the best: `npm run order -- 200`.

import { readdirSync } from 'node:fs';
import { brotli, bundleScript, SOURCE } from './bundle.mjs';
import { SCRIPTS } from './features.mjs';

const tries = Number(process.argv[2] ?? 100);
const modules = readdirSync(SOURCE)
  .map((file) => file.replace(/\.ts$/, ''))
  .filter((name) => !/^(tag|ym|goal|replace|mostik|api|flags\.d)$/.test(name));
const { features } = SCRIPTS.find(({ file }) => file === 'i.js');

/** Fisher and Yates, with a small generator of its own so that a run can be repeated. */
let seed = 1;
const next = (below) => (seed = (seed * 48271) % 2147483647) % below;
const shuffled = (list) => {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = next(i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
};

let best = brotli(await bundleScript(features)).length;
console.log(`${best} bytes now`);
for (let i = 0; i < tries; i++) {
  const order = shuffled(modules);
  const bytes = brotli(await bundleScript(features, [...order, 'tag'])).length;
  if (bytes < best) console.log(`${(best = bytes)} bytes: ${order.join(' ')}`);
}
