// Made-up account, tokens, links and people, and what the fixture server makes of the calls
// about them.

const NOW = Date.parse('2026-11-23T11:00:00Z') / 1000;
const DAY = 24 * 60 * 60;

export function settings() {
  return {
    account: { email: 'owner@lampa.example', is_admin: true, two_step: false, recovery_codes_left: 0 },
    sessions: [
      { id: '00'.repeat(8), created_at: NOW, seen_at: NOW, is_current: true },
      { id: '11'.repeat(8), created_at: NOW - 9 * DAY, seen_at: NOW - DAY, is_current: false },
    ],
    tokens: [{ id: 1, name: 'Grafana', scope: 'stats:read', site_id: 1, created_at: NOW - 9 * DAY, expires_at: null, used_at: NOW }],
    links: [
      { id: 'ab'.repeat(8), name: 'Everybody', is_public: true, has_password: false, frames: ['https://lampa.example'], created_at: NOW, expires_at: null },
      { id: 'cd'.repeat(8), name: 'Press', is_public: false, has_password: true, frames: [], created_at: NOW, expires_at: NOW + 30 * DAY },
    ],
    members: [
      { user_id: 1, email: 'owner@lampa.example', role: 'owner', is_admin: true, two_step: true },
      { user_id: 2, email: 'editor@lampa.example', role: 'editor', is_admin: false, two_step: false },
    ],
    invitations: [{ id: 1, email: 'new@lampa.example', role: 'viewer', expires_at: NOW + 7 * DAY }],
    exports: [],
    lines: [
      { id: 2, at: NOW, actor: 'owner@lampa.example', action: 'token_made', subject: 'Grafana', detail: '{}', hash: 'ab'.repeat(32) },
      { id: 1, at: NOW - DAY, actor: 'system', action: 'setup_link_made', subject: '', detail: '{}', hash: 'cd'.repeat(32) },
    ],
  };
}

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

/** What the server makes of a call; null: it is about something else. */
export function answerSettings(world, method, pathname, body) {
  const { settings: kept } = world;
  const is = (m, p) => method === m && pathname === p;
  if (is('GET', '/api/v1/account')) return { body: kept.account };
  if (is('GET', '/api/v1/account/sessions')) return { body: { sessions: kept.sessions } };
  if (method === 'DELETE' && pathname.startsWith('/api/v1/account/sessions/')) {
    kept.sessions = kept.sessions.filter((session) => !pathname.endsWith(session.id));
    return { status: 204 };
  }
  if (is('POST', '/api/v1/account/two-step')) return { body: { secret: SECRET, address: `otpauth://totp/Mostik:owner?secret=${SECRET}`, qr: { size: 29, path: 'M0 0h7v1h-7z' } } };
  if (is('PUT', '/api/v1/account/two-step')) {
    if (body.code !== '123456') return { status: 422, body: { error: { code: 'code_wrong', message: '' } } };
    kept.account = { ...kept.account, two_step: true, recovery_codes_left: 10 };
    return { body: { recovery_codes: Array.from({ length: 10 }, (_, i) => `abcd-efgh-jkmn-000${i}`) } };
  }
  if (is('PUT', '/api/v1/account/password')) return { status: 204 };
  if (is('GET', '/api/v1/tokens')) return { body: { tokens: kept.tokens } };
  if (is('POST', '/api/v1/tokens')) {
    const token = { id: kept.tokens.length + 1, name: body.name, scope: body.scope, site_id: body.site_id, created_at: NOW, expires_at: null, used_at: null };
    kept.tokens.push(token);
    return { status: 201, body: { ...token, token: `mst_${'0123456789abcdef'.repeat(4)}` } };
  }
  if (is('GET', '/api/v1/audit')) return { body: { lines: kept.lines } };
  if (is('GET', '/api/v1/audit/check')) return { body: { is_whole: true, rows: 2, head: 'ab'.repeat(32), broken_at: null } };
  if (is('GET', '/api/v1/sites/1/links')) return { body: { links: kept.links } };
  if (is('POST', '/api/v1/sites/1/links')) {
    const link = { id: 'ef'.repeat(8), name: body.name, is_public: body.is_public, has_password: Boolean(body.password), frames: body.frames, created_at: NOW, expires_at: null };
    kept.links.push(link);
    return { status: 201, body: { ...link, ...(body.is_public ? {} : { secret: '01'.repeat(32) }) } };
  }
  if (is('GET', '/api/v1/sites/1/exports')) {
    for (const one of kept.exports) if (one.state === 'running' && (one.rows_done += 250) >= one.rows_total) one.state = 'ready';
    return { body: { exports: kept.exports } };
  }
  if (is('POST', '/api/v1/sites/1/exports')) {
    kept.exports.unshift({ id: String(kept.exports.length), format: body.format, state: 'running', rows_done: 0, rows_total: 1000, bytes: 12_000_000, created_at: NOW, expires_at: NOW + DAY });
    return { status: 202, body: kept.exports[0] };
  }
  if (method === 'DELETE' && pathname.startsWith('/api/v1/sites/1/exports/')) {
    kept.exports = kept.exports.filter((one) => !pathname.endsWith(`/${one.id}`));
    return { status: 204 };
  }
  if (is('GET', '/api/v1/sites/1/people')) return { body: { members: kept.members, invitations: kept.invitations } };
  if (is('POST', '/api/v1/sites/1/invitations')) {
    const invitation = { id: 2, email: body.email, role: body.role, expires_at: NOW + 7 * DAY };
    kept.invitations.push(invitation);
    return { status: 201, body: { ...invitation, token: '23'.repeat(32) } };
  }
  if (method === 'PATCH' && pathname === '/api/v1/sites/1/people/2') {
    kept.members[1].role = body.role;
    return { status: 204 };
  }
  return null;
}

/** What a stranger with a link or an invitation is answered. */
export function answerStranger(world, method, pathname, body) {
  if (method === 'POST' && pathname === `/api/v1/share/${'ab'.repeat(8)}`) {
    if (body.secret !== 'secret') return { status: 404, body: { error: { code: 'not_found', message: '' } } };
    if (body.password !== 'correct horse battery') return { status: 401, body: { error: { code: body.password ? 'wrong_credentials' : 'password_needed', message: '' } } };
    world.leave = true;
    return { body: { token: 'msv_x', site: { ...world.sites[0], role: 'viewer' }, version: '0.1.0' } };
  }
  if (method === 'POST' && pathname === '/api/v1/invitations/open') {
    if (body.token !== 'invited') return { status: 404, body: { error: { code: 'not_found', message: '' } } };
    return { body: { email: 'new@lampa.example', domain: 'lampa.example', role: 'editor', has_account: false } };
  }
  return null;
}
