// The size promise: everything the overview loads, as sent with brotli, stays
// within the budget (DESIGN.md section 10). Left out is what
// the page does not wait for: the smaller of the two languages, the pages in
// front of the overview (sign in, set-up, install), what lies over it when
// asked for (the full list, a filter's value, the help, the pages of forwarding to
// Metrika and of goals), and the licences.

import { fileURLToPath } from 'node:url';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Brotli bytes of a first load, at most. */
const FIRST_LOAD_BYTES_MAX = 60 * 1000;

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const files = readdirSync(DIST)
  .filter((file) => file.endsWith('.br'))
  .map((name) => ({ name, bytes: statSync(join(DIST, name)).size }));
const languages = files.filter((file) => /^(en|ru)-/.test(file.name)).sort((a, b) => a.bytes - b.bytes);
const later = (file) => file === languages[0] || /^(door|over|metrika|goals)-|^licenses\.txt/.test(file.name);
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
