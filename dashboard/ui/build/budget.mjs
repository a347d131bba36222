// The size promise: everything the overview loads, as sent with brotli, stays
// within the budget (DESIGN.md section 10): the page, all that it names, and the
// larger of the two languages. What it does not name is fetched when it is asked for.

import { fileURLToPath } from 'node:url';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Brotli bytes of a first load, at most. */
const FIRST_LOAD_BYTES_MAX = 60 * 1000;

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const files = readdirSync(DIST)
  .filter((file) => file.endsWith('.br'))
  .map((name) => ({ name, bytes: statSync(join(DIST, name)).size }));
const languages = files.filter((file) => /^(en|ru)-/.test(file.name)).sort((a, b) => a.bytes - b.bytes);
const page = readFileSync(join(DIST, 'index.html'), 'utf8');
const later = (file) => file.name !== 'index.html.br' && file !== languages[1] && !page.includes(file.name.slice(0, -'.br'.length));
let total = 0;
for (const file of files) {
  if (!later(file)) total += file.bytes;
  process.stdout.write(`${String(file.bytes).padStart(7)}  ${file.name}${later(file) ? '  (not loaded at first)' : ''}\n`);
}
process.stdout.write(`${String(total).padStart(7)}  of ${FIRST_LOAD_BYTES_MAX} bytes\n`);
if (total === 0 || languages.length !== 2 || total > FIRST_LOAD_BYTES_MAX) {
  process.stderr.write(`first load is ${total} bytes, the budget is ${FIRST_LOAD_BYTES_MAX}\n`);
  process.exit(1);
}
