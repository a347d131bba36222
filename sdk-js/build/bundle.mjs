// Source to script: esbuild joins and drops what is switched off, terser squeezes.

import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import esbuild from 'esbuild';
import { minify } from 'terser';
import { define } from './features.mjs';

const source = (file) => fileURLToPath(new URL(`../src/${file}`, import.meta.url));

/** Oldest language level spoken: Chromium 80, Firefox 74, Safari 13.1. */
const TARGET = 'es2020';

async function join(entry, features, format) {
  const built = await esbuild.build({
    entryPoints: [source(entry)],
    bundle: true,
    write: false,
    format,
    target: TARGET,
    define: define(features),
    minifySyntax: format === 'iife',
    charset: 'utf8',
    // The script must run in sloppy pages as it does in strict ones; the directive is 14 bytes.
    tsconfigRaw: { compilerOptions: { target: TARGET, alwaysStrict: false } },
  });
  return built.outputFiles[0].text;
}

/** The script for a script tag. */
export async function bundleScript(features) {
  const squeezed = await minify(await join('tag.ts', features, 'iife'), {
    ecma: 2020,
    toplevel: true,
    compress: { passes: 5, unsafe: true, unsafe_arrows: true, unsafe_methods: true, pure_getters: true },
    mangle: true,
    format: { comments: false },
  });
  return squeezed.code + '\n';
}

/** The module for npm: left readable, since the site's bundler squeezes it anyway. */
export const bundleModule = (features) => join('mostik.ts', features, 'esm');

export const brotli = (text) =>
  brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: Buffer.byteLength(text) } });

export const gzip = (text) => gzipSync(text, { level: 9 });
