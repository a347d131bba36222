// A running Mostik with its sites, in a folder of its own, and what its ClickHouse holds.
// MOSTIK_BIN, MOSTIK_LIBCHDB and MOSTIK_GEO come from tests/run.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from './until.mjs';

function given(variable) {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: start the tests with tests/run`);
  return value;
}

const metric = (text, name) => Number(text.match(new RegExp(`^${name} (\\d+)$`, 'm'))?.[1]);

/** `sites` is a list of `{domain, props}`; `publicUrl` is where a proxy serves the dashboard. */
export async function startMostik(sites, publicUrl) {
  const data = await mkdtemp(join(tmpdir(), 'mostik-'));
  await writeFile(
    join(data, 'mostik.toml'),
    `[collector]
listen = "127.0.0.1:0"
ops_listen = "127.0.0.1:0"
trusted_proxies = ["127.0.0.1"]
geo_file = ${JSON.stringify(given('MOSTIK_GEO'))}
[dashboard]
listen = "127.0.0.1:0"
${publicUrl ? `public_url = ${JSON.stringify(publicUrl)}` : ''}
[engine]
library = ${JSON.stringify(given('MOSTIK_LIBCHDB'))}
`,
  );
  const child = spawn(given('MOSTIK_BIN'), ['up', '--json', '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([once(lines, 'line').then(([text]) => text), exited.then(() => '{}')]);
  const ready = JSON.parse(line);
  assert.ok(ready.public, 'Mostik did not start');
  const metrics = async () => (await fetch(`http://${ready.ops}/metrics`)).text();

  const dashboard = `http://${ready.dashboard}`;
  const headers = { 'content-type': 'application/json', origin: dashboard };
  const call = async (method, path, body) => {
    const answer = await fetch(dashboard + path, { method, headers, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer;
  };
  const token = new URL(ready.setup_link).hash.slice(1);
  const setup = await call('POST', '/api/v1/setup', { token, email: 'owner@example.test', password: 'correct horse battery' });
  headers.cookie = setup.headers.get('set-cookie').split(';')[0];
  for (const { domain, props } of sites) {
    const { id } = await (await call('POST', '/api/v1/sites', { domain, time_zone: 'UTC' })).json();
    await call('PATCH', `/api/v1/sites/${id}`, { props });
  }
  // The empty dashboard's settings have version 1; each change made one more.
  const version = 1 + sites.length + sites.filter(({ props }) => props.length).length;
  await until('the collector knows the sites', async () => metric(await metrics(), 'collector_settings_version') >= version);

  /** Rows of a query, as objects. */
  const rows = (sql) =>
    new Promise((resolve, reject) => {
      const path = `/?query=${encodeURIComponent(`${sql} FORMAT JSONEachRow`)}`;
      const asked = request({ socketPath: ready.engine_socket, path, method: 'POST' }, async (answer) => {
        const chunks = [];
        for await (const chunk of answer) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200) resolve(text.split('\n').filter(Boolean).map((row) => JSON.parse(row)));
        else reject(new Error(text));
      });
      asked.on('error', reject);
      asked.end();
    });

  return {
    origin: `http://${ready.public}`,
    dashboard,
    /** What a command of `mostik` prints. */
    async command(...words) {
      const command = spawn(given('MOSTIK_BIN'), [...words, '--data', data, '--log', 'warn'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const chunks = [];
      command.stdout.on('data', (chunk) => chunks.push(chunk));
      const [code] = await once(command, 'close');
      assert.equal(code, 0, `mostik ${words.join(' ')}`);
      return Buffer.concat(chunks).toString();
    },
    /** A call of the owner's, who is signed in. */
    call,
    /** Views of a person's, until the dashboard knows of the first. */
    async visit(domain, paths) {
      const agent = { 'content-type': 'text/plain', 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0' };
      for (const path of paths) {
        const event = JSON.stringify({ n: 'pageview', u: `https://${domain}${path}`, d: domain });
        const answer = await fetch(`http://${ready.public}/api/event`, { method: 'POST', headers: agent, body: event });
        assert.equal(answer.status, 202);
      }
      await until('the first event is seen', async () => (await (await call('GET', '/api/v1/sites/1/status')).json()).first_event);
    },
    /** What a site's server proves itself with. */
    serverToken: (await readFile(join(data, 'secrets/server.token'), 'utf8')).trim(),
    rows,
    /** Resolves with the rows once there are `count`. */
    rowsOnce: (count, sql) =>
      until(`${count} rows of ${sql}`, async () => {
        const found = await rows(sql);
        return found.length >= count && found;
      }),
    async stop() {
      child.kill('SIGTERM');
      const [code] = await exited;
      await rm(data, { recursive: true });
      assert.equal(code, 0, 'Mostik did not end cleanly');
    },
  };
}
