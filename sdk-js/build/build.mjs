// Writes dist/: the scripts with their compressed forms, each also under a name that never
// means another content, the npm module with its types, and manifest.json, from which a server and the documentation take names and hashes.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotli, bundleModule, bundleScript, gzip } from './bundle.mjs';
import { PACKAGE, SCRIPTS } from './features.mjs';
import { printSizes } from './sizes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** Characters of the hash in an immutable name: 48 bits tell versions apart. */
const NAME_HASH_CHARS = 12;

const hash = (algorithm, text, encoding) => createHash(algorithm).update(text).digest(encoding);

function describe(file, text) {
  return {
    file,
    immutable: file.replace(/(\.\w+)$/, `.${hash('sha256', text, 'hex').slice(0, NAME_HASH_CHARS)}$1`),
    integrity: `sha384-${hash('sha384', text, 'base64')}`,
    bytes: Buffer.byteLength(text),
    brotli_bytes: brotli(text).length,
    gzip_bytes: gzip(text).length,
  };
}

/** One file of declarations: what api.ts and mostik.ts declare, without the way between. */
function declarations() {
  const folder = mkdtempSync(join(tmpdir(), 'mostik-types-'));
  try {
    execFileSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', root, '--declaration', '--emitDeclarationOnly', '--rootDir', join(root, 'src'), '--outDir', folder],
      { stdio: 'inherit' },
    );
    const read = (name) => readFileSync(join(folder, `${name}.d.ts`), 'utf8');
    const own = read('mostik')
      .replace(/^import .*\n/gm, '')
      .replace(/^export type \{[^}]*\} from '.\/api';\n/gm, '');
    return read('api') + own;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A reader sees the old file or the new one, never half of it. A file that would stay
 * the same is left alone: the collector, which contains it, is then not built again. */
function save(file, content) {
  const bytes = Buffer.from(content);
  if (existsSync(join(dist, file)) && readFileSync(join(dist, file)).equals(bytes)) return;
  writeFileSync(join(dist, `.${file}`), bytes);
  renameSync(join(dist, `.${file}`), join(dist, file));
}

mkdirSync(dist, { recursive: true });
const manifest = [];
const write = (file, text) => {
  save(file, text);
  manifest.push(describe(file, text));
};
for (const { file, features, modules } of SCRIPTS) {
  const text = await bundleScript(features, modules);
  write(file, text);
  save(manifest.at(-1).immutable, text);
  save(`${file}.br`, brotli(text));
  save(`${file}.gz`, gzip(text));
}
write(PACKAGE.file, await bundleModule(PACKAGE.features));
save(PACKAGE.file.replace('.mjs', '.d.ts'), declarations());
const hashed = new Set(manifest.map(({ immutable }) => immutable));
for (const file of readdirSync(dist)) if (/\.[0-9a-f]{12}\.js$/.test(file) && !hashed.has(file)) rmSync(join(dist, file));
save('manifest.json', JSON.stringify({ files: manifest }, null, 2) + '\n');
await printSizes();
for (const { immutable, integrity } of manifest) console.log(`${immutable} ${integrity}`);
