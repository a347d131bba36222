// Measures what other trackers publish on npm with the compressors of our own table:
// `npm run peers`. Fetches into a folder that is removed; nothing of theirs is kept.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotli, gzip } from './bundle.mjs';

/** Package, version, the file a script tag gets. */
const PEERS = [
  ['@plausible-analytics/tracker', '0.4.6', 'plausible.js'],
  ['web-vitals', '6.2.3', 'dist/web-vitals.iife.js'],
  ['@openpanel/web', '1.4.1', 'dist/src/tracker.global.js'],
  ['swetrix', '4.6.1', 'dist/swetrix.js'],
];

const folder = mkdtempSync(join(tmpdir(), 'mostik-peers-'));
try {
  for (const [name, version, file] of PEERS) {
    const archive = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', `${name}@${version}`], { cwd: folder, encoding: 'utf8' }).trim();
    execFileSync('tar', ['xzf', archive], { cwd: folder });
    const text = readFileSync(join(folder, 'package', file));
    console.log(`${name} ${version}: ${text.length} min, ${gzip(text).length} gzip, ${brotli(text).length} brotli`);
    rmSync(join(folder, 'package'), { recursive: true });
  }
} finally {
  rmSync(folder, { recursive: true });
}
