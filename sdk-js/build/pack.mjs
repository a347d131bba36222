// Looks for an order of modules and letters that packs better, by small random changes, and
// prints what it finds: `npm run pack -- 60` (seconds).

import { brotli, bundleScript } from './bundle.mjs';
import { LETTERS, ORDER, SCRIPTS } from './features.mjs';

/** Tries with other letters for each with another order: they cost far less. */
const LETTERS_PER_ORDER = 60;
/** Stand for letters until those are chosen; no script of ours has such a character. */
const PLACES = Array.from(LETTERS, (_, at) => `ζ${at}ζ`);

const end = Date.now() + 1000 * Number(process.argv[2] ?? 60);
/** A small generator of its own, so that a run can be repeated. */
let seed = Number(process.argv[3] ?? 1);
const below = (limit) => (seed = (seed * 48271) % 2147483647) % limit;

/** A few elements moved or swapped. */
function changed(list) {
  const out = [...list];
  for (let left = 1 + below(3); left > 0; left--) {
    const [from, to] = [below(out.length), below(out.length)];
    if (below(2)) [out[from], out[to]] = [out[to], out[from]];
    else out.splice(to, 0, ...out.splice(from, 1));
  }
  return out;
}

const bundled = SCRIPTS.filter(({ modules }) => !modules);
const inOrder = (order) => Promise.all(bundled.map(({ features }) => bundleScript(features, [...order, 'tag'], PLACES)));

/** With letters in their places, and `{u:u}` as `{u}` where they have become the same. */
const lettered = (text, letters) => text.replace(/ζ(\d+)ζ/g, (_, at) => letters[at]).replace(/([{,])(\w+):\2(?=[,}])/g, '$1$2');

/** Bytes over the budgets count most, then bytes. */
function measured(order, texts, letters) {
  const sizes = texts.map((text) => brotli(lettered(text, letters)).length);
  const cost = sizes.reduce((sum, bytes, at) => sum + bytes + 10 * Math.max(0, bytes - bundled[at].brotliBytesMax), 0);
  return { order, texts, letters, sizes, cost };
}

function bestLetters(start) {
  let best = start;
  for (let left = LETTERS_PER_ORDER; left > 0; left--) {
    const found = measured(best.order, best.texts, changed(best.letters));
    if (found.cost <= best.cost) best = found;
  }
  return best;
}

let best = measured(ORDER, await inOrder(ORDER), [...LETTERS]);
console.log(`${best.sizes.join(' ')} bytes now`);
while (Date.now() < end) {
  const order = below(2) ? changed(best.order) : best.order;
  const found = bestLetters(measured(order, await inOrder(order), best.letters));
  if (found.cost > best.cost) continue;
  if (found.cost < best.cost) console.log(`${found.sizes.join(' ')} bytes: ${found.order.join(' ')} | ${found.letters.join('')}`);
  best = found;
}
