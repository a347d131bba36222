// nginx and Caddy from Debian, run by the recipes in deploy/ on a port of their own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.mjs';

const recipe = (path) => readFile(new URL(`../../deploy/${path}`, import.meta.url), 'utf8');

/** Neither server says which port it got, so it is given one that was free a moment ago. */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** What the recipes leave to the owner, and what differs between the owner's machine and a
 * test's. A word that is no longer in the recipe is an error of the test. */
function filledIn(text, values) {
  return Object.entries(values).reduce((filled, [word, value]) => {
    if (!filled.includes(word)) throw new Error(`the recipe has no ${word}`);
    return filled.replaceAll(word, value);
  }, text);
}

async function run(command, folder, port) {
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'inherit', 'inherit'], env: { PATH: `${process.env.PATH}:/usr/sbin`, HOME: folder } });
  const exited = once(child, 'exit');
  const origin = `http://127.0.0.1:${port}`;
  await Promise.race([
    until(`${command[0]} answers`, () => fetch(`${origin}/ready.txt`).then(({ ok }) => ok, () => false)),
    exited.then(([code]) => Promise.reject(new Error(`${command[0]} ended with ${code}`))),
  ]);
  return {
    origin,
    port,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

/** A folder with the site's `pages`, readable by the servers' own user. */
async function siteFolder(pages) {
  const folder = await mkdtemp(join(tmpdir(), 'mostik-proxy-'));
  await chmod(folder, 0o755);
  await mkdir(join(folder, 'www'));
  for (const [name, text] of Object.entries({ 'ready.txt': 'ready', ...pages })) await writeFile(join(folder, 'www', name), text);
  return folder;
}

async function nginx(http, folder, port) {
  const file = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
  await writeFile(file, `daemon off;\npid ${folder}/pid;\nerror_log stderr;\nevents {}\nhttp {\ntypes { text/html html; }\naccess_log off;\n${temporary}\n${http}\n}\n`);
  return run(['nginx', '-p', folder, '-c', file], folder, port);
}

/** The collector is at `upstream`, `host:port`. */
export const PROXIES = {
  async nginx(upstream, pages) {
    const [folder, port] = [await siteFolder(pages), await freePort()];
    const locations = filledIn(await recipe('nginx/same-origin.conf'), { '127.0.0.1:8787': upstream });
    return nginx(`server {\nlisten 127.0.0.1:${port};\nroot ${folder}/www;\n${locations}\n}`, folder, port);
  },
  async caddy(upstream, pages) {
    const [folder, port] = [await siteFolder(pages), await freePort()];
    const text = filledIn(await recipe('caddy/same-origin.Caddyfile'), {
      '127.0.0.1:8787': upstream,
      '/var/www/example.ru': `${folder}/www`,
      '\nexample.ru {': `\nhttp://:${port} {\nbind 127.0.0.1`,
      '\tlog default': '\tadmin off\n\tlog default',
    });
    await writeFile(join(folder, 'Caddyfile'), text);
    return run(['caddy', 'run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')], folder, port);
  },
};

/** nginx with the dashboard, at `upstream`, under a path of its site on `port`; `isLeft`: the path is
 * left on what it passes on. */
export async function nginxWithPath(port, upstream, isLeft) {
  const folder = await siteFolder({ 'index.html': '<!doctype html>the site' });
  const own = '127.0.0.1:8788/';
  const locations = filledIn(await recipe('nginx/under-path.conf'), { [own]: isLeft ? upstream : `${upstream}/` });
  return nginx(`server {\nlisten 127.0.0.1:${port};\nroot ${folder}/www;\n${locations}\n}`, folder, port);
}

/** nginx that tells of each page itself. */
export async function mirroringNginx(upstream, token, pages) {
  const [folder, port] = [await siteFolder(pages), await freePort()];
  const text = filledIn(await recipe('nginx/mirror.conf'), {
    '127.0.0.1:8787': upstream,
    'listen 80': `listen 127.0.0.1:${port}`,
    '/var/www/example.ru': `${folder}/www`,
    'Bearer TOKEN': `Bearer ${token}`,
  });
  return nginx(text, folder, port);
}
