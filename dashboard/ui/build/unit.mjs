// Bundles test/*.test.ts (Node 20 does not read TypeScript) and runs them with
// node --test, so the tests import the very modules the page is made of.

import { fileURLToPath } from 'node:url';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

const UI = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(UI, 'node_modules/.cache/mostik-unit');

rmSync(OUT, { recursive: true, force: true });
const sources = readdirSync(join(UI, 'test')).filter((file) => file.endsWith('.test.ts'));
await build({
  absWorkingDir: UI,
  entryPoints: sources.map((file) => `test/${file}`),
  outdir: OUT,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  inject: ['test/browser.ts'],
  logLevel: 'warning',
});
const run = spawnSync(process.execPath, ['--test', OUT], { stdio: 'inherit' });
process.exit(run.status ?? 1);
