// Builds dist/: index.html, content-hashed script and styles, and a .br and .gz
// beside each, so that the server only ever hands out finished bytes.
//
// Promises: the same sources give the same names; nothing in index.html is
// inline, so the page lives under `default-src 'self'`.

import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { world } from './geography.mjs';

const UI = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(UI, 'dist');

/** `import … from 'mostik:world'` is the drawing of the world, made at build time. */
export const worldPlugin = {
  name: 'world',
  setup(bundler) {
    bundler.onResolve({ filter: /^mostik:world$/ }, () => ({ path: 'world', namespace: 'mostik' }));
    bundler.onLoad({ filter: /.*/, namespace: 'mostik' }, () => ({ contents: JSON.stringify(world()), loader: 'json' }));
  },
};

const bundled = await build({
  absWorkingDir: UI,
  entryPoints: { app: 'src/main.tsx', theme: 'src/theme-first.ts' },
  outdir: DIST,
  entryNames: '[name]-[hash]',
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: 'iife',
  target: ['es2022', 'chrome111', 'firefox113', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  plugins: [worldPlugin],
});

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST, { recursive: true });

const files = new Map(bundled.outputFiles.map((file) => [file.path.slice(DIST.length + 1), Buffer.from(file.contents)]));
const named = (name, ending) => [...files.keys()].find((file) => file.startsWith(`${name}-`) && file.endsWith(ending));

const icon = readFileSync(join(UI, 'src/icon.svg'));
const iconName = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8).toUpperCase()}.svg`;
files.set(iconName, icon);

const page = readFileSync(join(UI, 'src/index.html'), 'utf8')
  .replace('{theme}', named('theme', '.js'))
  .replace('{script}', named('app', '.js'))
  .replace('{style}', named('app', '.css'))
  .replace('{icon}', iconName);
files.set('index.html', Buffer.from(page));

for (const [name, bytes] of files) {
  writeFileSync(join(DIST, name), bytes);
  writeFileSync(join(DIST, `${name}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
  writeFileSync(join(DIST, `${name}.gz`), gzipSync(bytes, { level: 9 }));
}
