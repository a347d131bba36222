// Stands where the collector stands and writes down what arrives, byte for byte. It
// decides nothing: what becomes of an event is tested against the real collector.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

/** Read once: another test may build the script anew meanwhile. */
const DIST = fileURLToPath(new URL('../../sdk-js/dist/', import.meta.url));
const FILES = new Map(['i.js', 'i.vitals.js', 'core.js', 'compat.js', 'optout.js', 'ym.js', 'ym-replace.js', 'mostik.mjs'].map((file) => [`/${file}`, readFileSync(DIST + file)]));
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** How long a condition may take to come true, in milliseconds, before a test fails. */
const PATIENCE_MS = 20_000;

export async function startRecorder() {
  /** Every request to the endpoint, in the order of arrival. */
  const requests = [];
  const waiting = new Set();
  /** What the endpoint answers; a test may change it. */
  const behaviour = { status: 202, delayMs: 0, cors: true, hangUp: false };

  const events = () => requests.flatMap((request) => request.events);
  const named = (name) => events().filter((event) => event.n === name);
  const until = (condition, what = condition.toString()) =>
    new Promise((resolve, reject) => {
      const give = (end, value) => {
        clearTimeout(timer);
        waiting.delete(check);
        end(value);
      };
      const check = () => {
        const value = condition();
        if (value) give(resolve, value);
      };
      const timer = setTimeout(
        () => give(reject, new Error(`never: ${what}\n${JSON.stringify(events(), null, 1)}`)),
        PATIENCE_MS,
      );
      waiting.add(check);
      check();
    });

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (pathname === '/until') {
      // For pages that drive themselves: answers once this event has arrived.
      response.setHeader('access-control-allow-origin', '*');
      await until(() => named(searchParams.get('n')).length, searchParams.get('n')).catch(() => {});
      response.end();
      return;
    }
    if (pathname !== '/api/event') {
      serveFile(pathname, response);
      return;
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = request.method === 'GET' ? searchParams.get('j') : Buffer.concat(chunks).toString('utf8');
    requests.push({ method: request.method, headers: request.headers, body, events: parse(body) });
    for (const check of waiting) check();
    const { status, delayMs, cors, hangUp } = behaviour;
    if (hangUp) response.setHeader('connection', 'close');
    if (cors) response.setHeader('access-control-allow-origin', '*');
    const answer = () =>
      request.method === 'GET'
        ? response.writeHead(200, { 'content-type': 'image/gif' }).end(GIF)
        : response.writeHead(status).end();
    if (delayMs) setTimeout(answer, delayMs);
    else answer();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    /** On another site than the pages, so that CORS and preflights are real. */
    origin: `http://localhost:${server.address().port}`,
    /** The same server under the name the pages have, for cookies: they know no port. */
    sameSiteOrigin: `http://127.0.0.1:${server.address().port}`,
    requests,
    behaviour,
    events,
    named,
    names: () => events().map((event) => event.n),
    /** Resolves with the first truthy value of `condition`, looked at with every arrival. */
    until,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function parse(body) {
  if (!body) return [];
  const value = JSON.parse(body);
  return Array.isArray(value) ? value : [value];
}

function serveFile(pathname, response) {
  const file = FILES.get(pathname);
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('content-type', 'text/javascript; charset=utf-8');
  response.writeHead(file ? 200 : 404).end(file);
}
