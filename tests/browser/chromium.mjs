// The browser under test: Debian's Chromium, or what MOSTIK_CHROMIUM names.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const CHROMIUM =
  process.env.MOSTIK_CHROMIUM || execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();

/** Keeps the browser to itself: no request of its own leaves the machine. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Playwright switches the back-forward cache off; here it is wanted. */
export const launch = (...flags) =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: ['--headless=new', ...FLAGS, ...flags],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });

/** One that passes for a person's, and finds the domains of the test on this machine. Name
 * and language are those of the whole process: what a driver lays over a page is gone when
 * the page leaves for another site, and its last request then says "HeadlessChrome". */
export async function launchPerson() {
  const [version] = execFileSync(CHROMIUM, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).match(/\d+/);
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`;
  const browser = await launch(
    '--disable-blink-features=AutomationControlled',
    '--host-resolver-rules=MAP *.test 127.0.0.1',
    `--user-agent=${userAgent}`,
    '--accept-lang=ru-RU',
  );
  return { browser, newContext: () => browser.newContext() };
}

/** A browser nobody drives, for what a driver prevents: prerendering. The page drives
 * itself. Ends the whole process group, which is ours alone. */
export function openUndriven(url) {
  const profile = mkdtempSync(join(tmpdir(), 'mostik-chromium-'));
  const child = spawn(CHROMIUM, ['--headless=new', ...FLAGS, `--user-data-dir=${profile}`, url], {
    stdio: 'ignore',
    detached: true,
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return async () => {
    process.kill(-child.pid, 'SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
}
