// The size promise: everything a first visit loads, as sent with brotli, stays
// within the budget (DESIGN.md section 10). There is no later load: the map and
// both languages are in the one script, so this is the whole application.

import { fileURLToPath } from 'node:url';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Brotli bytes of a first load, at most. */
const FIRST_LOAD_BYTES_MAX = 60 * 1000;

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
let total = 0;
for (const name of readdirSync(DIST).filter((file) => file.endsWith('.br'))) {
  const bytes = statSync(join(DIST, name)).size;
  total += bytes;
  process.stdout.write(`${String(bytes).padStart(7)}  ${name}\n`);
}
process.stdout.write(`${String(total).padStart(7)}  of ${FIRST_LOAD_BYTES_MAX} bytes\n`);
if (total === 0 || total > FIRST_LOAD_BYTES_MAX) {
  process.stderr.write(`first load is ${total} bytes, the budget is ${FIRST_LOAD_BYTES_MAX}\n`);
  process.exit(1);
}
