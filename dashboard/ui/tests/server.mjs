// The fixture server: hands out dist/ as the real one does (brotli, strict CSP,
// index.html for pages) and answers docs/api.md from made-up figures. `world`
// is its state; tests change it while the page is open.

import { createServer } from 'node:http';
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { acted, speed, ways } from './acting.mjs';
import { answerGoals, declared } from './declaring.mjs';
import { answerRemarks, remarks } from './remarks.mjs';
import { breakdown, overview } from './figures.mjs';
import { answerForwarding } from './forwarding.mjs';
import { halfHour } from './half-hour.mjs';
import { answerSettings, answerStranger, settings } from './settings.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const KINDS = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export const SITE = { id: 1, domain: 'lampa.example', time_zone: 'Europe/Moscow', hosts: [], props: [], created_at: '2025-11-23T10:00:00Z', role: 'owner' };
const SCRIPT = '<script defer src="https://stats.lampa.example/i.js" data-domain="lampa.example"></script>';

export function freshWorld() {
  return {
    state: 'signed_in', sites: [{ ...SITE }, { ...SITE, id: 2, domain: 'blog.example' }],
    token: 'first-start', email: 'owner@lampa.example', password: 'correct horse battery',
    firstEvent: true, figures: {}, live: 7, quiet: false,
    /** Forwarding that nobody has set up. */
    metrika: { now: 0, settings: null, collectors: [], weeks: [], forwards: [], compared: [] },
    /** Account, tokens, links, people. */
    settings: settings(),
    /** Somebody looks through a link. */
    leave: false,
    /** Goals and funnels, and the rules that were previewed. */
    declared: declared(), previewed: [],
    /** What the check of a site finds. */
    findings: null,
    /** Segments and annotations. */
    remarks: remarks(),
    /** Bodies of calls below `/metrika`, as they came. */
    told: [],
    /** status → answer that status on every statistics call. */
    broken: null, limited: null, hold: null,
    /** Every API call, as "METHOD path". */
    calls: [],
  };
}

const refuse = (status, code, headers = {}) => ({ status, headers, body: { error: { code, message: code } } });

function answer(world, method, url, body) {
  const { pathname, searchParams } = url;
  const is = (m, p) => method === m && pathname === p;
  if (is('GET', '/api/v1/session')) return { body: { state: world.state, version: '0.1.0', ...(world.state === 'signed_in' ? { email: world.email, is_admin: true } : {}) } };
  if (is('POST', '/api/v1/setup')) {
    if (world.state !== 'setup') return refuse(410, 'setup_done');
    if (body.token !== world.token) return refuse(403, 'token_wrong');
    if (!/.+@.+/.test(body.email)) return refuse(422, 'email_invalid');
    Object.assign(world, { state: 'signed_in', sites: [], email: body.email, password: body.password, firstEvent: false });
    return { status: 201, body: {} };
  }
  if (is('POST', '/api/v1/session')) {
    if (world.limited) return refuse(429, 'too_many_attempts', { 'retry-after': String(world.limited) });
    if (body.email !== world.email || body.password !== world.password) return refuse(401, 'wrong_credentials');
    world.state = 'signed_in';
    return { status: 201, body: {} };
  }
  if (is('DELETE', '/api/v1/session')) { world.state = 'signed_out'; return { status: 204 }; }
  const strange = answerStranger(world, method, pathname, body);
  if (strange) return strange;
  if (world.state !== 'signed_in' && !world.leave) return refuse(401, 'signed_out');
  const kept = answerSettings(world, method, pathname, body);
  if (kept) return kept;
  if (is('GET', '/api/v1/sites')) return { body: { sites: world.sites } };
  if (is('POST', '/api/v1/sites')) {
    if (world.sites.some((s) => s.domain === body.domain)) return refuse(409, 'domain_taken');
    const site = { ...SITE, id: world.sites.length + 1, domain: body.domain, time_zone: body.time_zone };
    world.sites.push(site);
    return { status: 201, body: site };
  }
  if (is('POST', '/api/v1/metrika/stop')) return { body: { stopped: Object.assign(world.metrika.settings, { mode: 'off' }) && 1 } };
  const forwarded = /^\/api\/v1\/sites\/1\/metrika(\/\w+)?$/.exec(pathname);
  if (forwarded) {
    if (body) world.told.push(body);
    const told = answerForwarding(world, method, forwarded[1] ?? '', body);
    return told ? { body: told } : refuse(404, 'not_found');
  }
  const declares = /^\/api\/v1\/sites\/1\/(goals|funnels)(?:\/(\w+))?$/.exec(pathname);
  if (declares) return answerGoals(world, method, declares[1], declares[2], body);
  if (is('POST', '/api/v1/sites/1/check')) {
    world.told.push(body);
    return new URL(body.page).hostname.endsWith('lampa.example') ? { body: { findings: world.findings } } : refuse(422, 'page_invalid');
  }
  const remarked = /^\/api\/v1\/sites\/\d+\/(segments|annotations)(?:\/(\w+))?$/.exec(pathname);
  if (remarked) return answerRemarks(world, method, remarked[1], remarked[2], body);
  const match = /^\/api\/v1\/sites\/(\d+)(?:\/(\w+))?$/.exec(pathname);
  const site = match && world.sites.find((s) => s.id === Number(match[1]));
  if (!site) return refuse(404, 'not_found');
  if (method === 'PATCH') return { body: Object.assign(site, body) };
  if (method === 'DELETE') {
    if (body.domain !== site.domain) return refuse(422, 'domain_invalid');
    world.sites = world.sites.filter((other) => other !== site);
    return { status: 204 };
  }
  if (world.broken) return refuse(world.broken, world.broken === 503 ? 'store_unavailable' : 'internal');
  switch (match[2]) {
    case 'status': return { body: { first_event: world.firstEvent, script: SCRIPT } };
    case 'realtime': return { body: halfHour({ quiet: world.quiet }) };
    case 'live': return { body: { visitors: world.live } };
    case 'overview': return { body: overview(searchParams, world.figures) };
    case 'breakdown': return { body: acted(searchParams, site.props) ?? breakdown(searchParams, world.figures) };
    case 'paths': return { body: ways(searchParams) };
    case 'vitals': return { body: speed(searchParams, { quiet: world.quiet }) };
    default: return refuse(404, 'not_found');
  }
}

function file(request, path) {
  const known = readdirSync(DIST);
  const name = known.includes(path.slice(1)) ? path.slice(1) : 'index.html';
  if (name === 'index.html' && extname(path)) return { status: 404, headers: {}, bytes: Buffer.alloc(0) };
  const brotli = /\bbr\b/.test(request.headers['accept-encoding'] ?? '');
  return {
    status: 200,
    headers: {
      'content-type': KINDS[extname(name)], 'content-security-policy': POLICY,
      'cache-control': name === 'index.html' ? 'no-cache' : 'public, max-age=31536000, immutable',
      ...(brotli ? { 'content-encoding': 'br' } : {}),
    },
    bytes: readFileSync(join(DIST, brotli ? `${name}.br` : name)),
  };
}

/** Listens on a port of the system's choosing. */
export async function serve() {
  const fixture = { world: freshWorld(), origin: '', close: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://fixture');
    if (!url.pathname.startsWith('/api/')) {
      const { status, headers, bytes } = file(request, url.pathname);
      response.writeHead(status, headers).end(bytes);
      return;
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { world } = fixture;
    world.calls.push(`${request.method} ${url.pathname}${url.search}`);
    if (world.hold) await world.hold;
    const told = answer(world, request.method, url, chunks.length ? JSON.parse(Buffer.concat(chunks)) : null);
    response.writeHead(told.status ?? 200, { 'content-type': 'application/json', ...told.headers });
    response.end(told.body === undefined ? undefined : JSON.stringify(told.body));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  fixture.origin = `http://127.0.0.1:${server.address().port}`;
  return fixture;
}
