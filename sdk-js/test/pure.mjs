// A module of src/ on its own, for tests that need no browser.

import esbuild from 'esbuild';
import { SOURCE } from '../build/bundle.mjs';
import { define, FEATURES } from '../build/features.mjs';

/** `globals` are what the module finds in place of a browser's. */
export async function load(names, globals = {}) {
  const built = await esbuild.build({
    stdin: { contents: names.map((name) => `export * from './${name}';`).join('\n'), resolveDir: SOURCE, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'module',
    define: define(FEATURES.map(([name]) => name)),
    logLevel: 'error',
  });
  return new Function(...Object.keys(globals), `${built.outputFiles[0].text}; return module;`)(...Object.values(globals));
}
