// Builds dist/: index.html, content-hashed script and styles, and a .br and .gz
// beside each, so that the server only ever hands out finished bytes.
//
// Promises: the same sources give the same names; nothing in index.html is
// inline, so the page lives under `default-src 'self'`.

import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/**
 * uPlot hangs its optional parts (bars, steps, splines, joining of tables) on
 * itself, which keeps a bundler from leaving them out. This page uses lines
 * only: without those assignments the parts fall away, about 3 KB of brotli.
 */
const linesOnlyPlugin = {
  name: 'lines-only',
  setup(bundler) {
    bundler.onLoad({ filter: /uPlot\.esm\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const from = source.indexOf('\nuPlot.assign = assign;');
      const to = source.indexOf('\nexport { uPlot as default };');
      if (from === -1 || to < from) throw new Error('uPlot has changed its shape: look at what its last lines hang on it');
      return { contents: source.slice(0, from) + source.slice(to), loader: 'js' };
    });
  },
};

const bundled = await build({
  absWorkingDir: UI,
  entryPoints: { app: 'src/main.tsx' },
  chunkNames: '[name]-[hash]',
  outdir: DIST,
  entryNames: '[name]-[hash]',
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: 'esm',
  splitting: true,
  // Cyrillic as itself: escaped, the Russian dictionary would be three times its size.
  charset: 'utf8',
  target: ['es2022', 'chrome111', 'firefox113', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  plugins: [worldPlugin, linesOnlyPlugin],
});

// Runs before anything else, so it is a plain script and whole in itself.
const first = await build({
  absWorkingDir: UI,
  entryPoints: { theme: 'src/theme-first.ts' },
  outdir: DIST,
  entryNames: '[name]-[hash]',
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  target: 'es2020',
});

const files = new Map([...bundled.outputFiles, ...first.outputFiles].map((file) => [file.path.slice(DIST.length + 1), Buffer.from(file.contents)]));
const named = (name, ending) => [...files.keys()].find((file) => file.startsWith(`${name}-`) && file.endsWith(ending));

// Chunks that the application imports outright are fetched beside it, not after it.
const outputs = bundled.metafile.outputs;
const appPath = Object.keys(outputs).find((path) => outputs[path].entryPoint === 'src/main.tsx');
const outright = new Set();
const follow = (path) => outputs[path].imports.filter((i) => i.kind === 'import-statement' && !outright.has(i.path)).forEach((i) => { outright.add(i.path); follow(i.path); });
follow(appPath);
const preload = [...outright].map((path) => path.replace(/^dist\//, '')).map((name) => `<link rel="modulepreload" href="/${name}">\n`).join('');

const icon = readFileSync(join(UI, 'src/icon.svg'));
const iconName = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8).toUpperCase()}.svg`;
files.set(iconName, icon);

const page = readFileSync(join(UI, 'src/index.html'), 'utf8')
  .replace('{theme}', named('theme', '.js'))
  .replace('{script}', named('app', '.js'))
  .replace('{style}', named('app', '.css'))
  .replace('{preload}', preload)
  .replace('{icon}', iconName);
files.set('index.html', Buffer.from(page));

/** What is inside whose licence asks to be named with it. */
const INSIDE = ['preact', '@preact/signals', '@preact/signals-core', 'uplot', 'world-atlas'];
files.set('licenses.txt', Buffer.from(INSIDE.map((name) => {
  const folder = join(UI, 'node_modules', name);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no licence file`);
  return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}).join(`\n${'-'.repeat(72)}\n\n`)));

const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
const finished = [...files].flatMap(([name, bytes]) => [[name, bytes], [`${name}.br`, brotli(bytes)], [`${name}.gz`, gzipSync(bytes, { level: 9 })]]);

// Everything is ready before the old build goes: whoever embeds dist meanwhile misses nothing for long.
rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST, { recursive: true });
for (const [name, bytes] of finished) writeFileSync(join(DIST, name), bytes);
