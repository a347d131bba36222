// Debian's Firefox ESR, driven by its own remote protocol, Marionette: JSON after its length
// and a colon, over one local connection. Debian has no geckodriver, and nothing more than
// this is needed of one.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.mjs';

/** Key of an element in answers (WebDriver, "web element identifier"). */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Keeps the browser to itself: whatever is not on this machine is asked of a closed port. */
const PREFERENCES = {
  'marionette.port': 0,
  'network.proxy.type': 1,
  'network.proxy.http': '127.0.0.1',
  'network.proxy.http_port': 9,
  'network.proxy.ssl': '127.0.0.1',
  'network.proxy.ssl_port': 9,
  'network.proxy.no_proxies_on': 'localhost, 127.0.0.1',
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'app.normandy.enabled': false,
  'browser.safebrowsing.downloads.remote.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'browser.startup.homepage_override.mstone': 'ignore',
};

/** A process with a profile of its own. */
async function start(args, preferences) {
  const profile = await mkdtemp(join(tmpdir(), 'mostik-firefox-'));
  const all = Object.entries({ ...PREFERENCES, ...preferences });
  await writeFile(join(profile, 'user.js'), all.map(([key, value]) => `user_pref(${JSON.stringify(key)}, ${JSON.stringify(value)});\n`).join(''));
  const command = process.env.MOSTIK_FIREFOX || 'firefox-esr';
  const child = spawn(command, ['--headless', '--no-remote', '--profile', profile, ...args], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, HOME: profile },
  });
  const ended = once(child, 'exit').then(([code]) => `${command} ended with ${code}`);
  const remove = () => rm(profile, { recursive: true, force: true, maxRetries: 5 });
  return { child, ended, profile, remove };
}

/** One nobody drives, for what driving prevents: the back-forward cache. The page drives itself.
 * Ends the whole process group, which is ours alone. */
export async function openUndrivenFirefox(url) {
  const { child, ended, remove } = await start([url], {});
  return async () => {
    process.kill(-child.pid, 'SIGKILL');
    await ended;
    await remove();
  };
}

/** `preferences` of the test are added to ours. */
export async function launchFirefox(preferences = {}) {
  const { ended, profile, remove } = await start(['--marionette', 'about:blank'], preferences);
  const port = await Promise.race([
    until('Firefox listens', () => readFile(join(profile, 'MarionetteActivePort'), 'utf8').then(Number, () => 0)),
    ended.then((why) => Promise.reject(new Error(why))),
  ]);
  const send = await marionette(port);
  await send('WebDriver:NewSession', { capabilities: { alwaysMatch: { pageLoadStrategy: 'normal' } } });
  return {
    open: (url) => send('WebDriver:Navigate', { url }),
    /** Runs a function in the page; a promise of its is waited for. */
    run: async (script, ...args) =>
      (
        await send('WebDriver:ExecuteAsyncScript', {
          script: `const done = arguments[arguments.length - 1]; Promise.resolve((${script})(...Array.from(arguments).slice(0, -1))).then(done, (error) => done('failed: ' + error))`,
          args,
          sandbox: null,
        })
      ).value,
    /** A click as a hand does it. */
    async click(selector) {
      const { value } = await send('WebDriver:FindElement', { using: 'css selector', value: selector });
      await send('WebDriver:ElementClick', { id: value[ELEMENT] });
    },
    async close() {
      await send('Marionette:Quit', { flags: ['eForceQuit'] }).catch(() => {});
      await ended;
      await remove();
    },
  };
}

/** Connects and returns a function that sends a command and resolves with its result. */
async function marionette(port) {
  const socket = connect(port, '127.0.0.1');
  const waiting = new Map();
  let received = Buffer.alloc(0);
  let last = 0;
  const settle = ([, id, error, result]) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(`${error.error}: ${error.message}`));
    else resolve(result);
  };
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const colon = received.indexOf(':');
      const end = colon + 1 + Number(received.subarray(0, colon));
      if (colon < 0 || received.length < end) return;
      const message = JSON.parse(received.subarray(colon + 1, end));
      received = received.subarray(end);
      // The greeting is an object, an answer a list.
      if (Array.isArray(message)) settle(message);
    }
  });
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Firefox has gone'));
  });
  await once(socket, 'connect');
  return (name, parameters) =>
    new Promise((resolve, reject) => {
      waiting.set((last += 1), { resolve, reject });
      const text = JSON.stringify([0, last, name, parameters]);
      socket.write(`${Buffer.byteLength(text)}:${text}`);
    });
}
