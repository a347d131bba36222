// Source to script: esbuild joins and drops what is switched off, terser squeezes.

import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import esbuild from 'esbuild';
import { minify } from 'terser';
import { define, LETTERS, ORDER } from './features.mjs';

export const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

/** Oldest language level spoken: Chromium 85, Firefox 79, Safari 14. */
const TARGET = 'es2021';

/** Short names in the order of `letters`: one letter, then two. Those a language reserves are
 * left out by terser. */
const names = (letters) => ({
  get(number) {
    let name = '';
    for (let rest = number + 1; rest > 0; rest = Math.floor(rest / letters.length)) name += letters[--rest % letters.length];
    return name;
  },
});

async function join(modules, features, options) {
  const built = await esbuild.build({
    stdin: { contents: modules.map((name) => `import './${name}';`).join('\n'), resolveDir: SOURCE, loader: 'ts' },
    // The package promises its importers that it does nothing by itself; here it must run.
    ignoreAnnotations: true,
    bundle: true,
    write: false,
    target: TARGET,
    define: define(features),
    charset: 'utf8',
    // No "use strict": 14 bytes, and nothing here depends on it.
    tsconfigRaw: { compilerOptions: { target: TARGET, alwaysStrict: false } },
    ...options,
  });
  return built.outputFiles[0].text;
}

/** The script for a script tag; its last module is the one that runs. */
export async function bundleScript(features, modules = [...ORDER, 'tag'], letters = LETTERS) {
  const joined = await join(modules, features, { format: 'esm', minifySyntax: true });
  const squeezed = await minify(joined, {
    ecma: 2021,
    toplevel: true,
    mangle: { nth_identifier: names(letters) },
    compress: { passes: 4, unsafe: true, unsafe_arrows: true, unsafe_methods: true, pure_getters: true },
    format: { comments: false, ast: true },
  });
  // A block hides names as a function would, for less, where one `let` declares them all.
  const [first, ...others] = squeezed.ast.body.map(({ TYPE }) => TYPE);
  const code = squeezed.code.replace(/;$/, '');
  const isBlock = first == 'Var' && !others.some((type) => /^(Var|Let|Const|Defun|DefClass)$/.test(type));
  return isBlock ? `{${code.replace(/^var/, 'let')}}` : `(()=>{${code}})()`;
}

/** The module for npm: left readable, since the site's bundler squeezes it anyway. */
export const bundleModule = (features) =>
  join([], features, { stdin: undefined, entryPoints: [`${SOURCE}/mostik.ts`], format: 'esm' });

export const brotli = (text) =>
  brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: Buffer.byteLength(text),
    },
  });

export const gzip = (text) => gzipSync(text, { level: 9 });
