// Runs the browser tests one file after another against dist/: they share two
// cores with whatever else is being built.

import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const TESTS = fileURLToPath(new URL('../tests', import.meta.url));
const files = readdirSync(TESTS).filter((file) => file.endsWith('.test.mjs')).map((file) => join(TESTS, file));
const run = spawnSync(process.execPath, ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files], { stdio: 'inherit' });
process.exit(run.status ?? 1);
