// The calls of one's own account and of sharing a site, as in docs/api.md.

import { call, owned } from '../api';

export type Role = 'viewer' | 'editor' | 'owner';
export const ROLES: readonly Role[] = ['viewer', 'editor', 'owner'];
export type Scope = 'stats:read' | 'manage';

export interface Account { email: string; is_admin: boolean; two_step: boolean; recovery_codes_left: number }
export interface Offer { secret: string; address: string; qr: { size: number; path: string } }
export interface SessionLine { id: string; created_at: number; seen_at: number; is_current: boolean }
export interface ApiToken { id: number; name: string; scope: Scope; site_id: number | null; created_at: number; expires_at: number | null; used_at: number | null }
export interface AuditLine { id: number; at: number; actor: string; action: string; subject: string; detail: string; hash: string }
export interface AuditCheck { is_whole: boolean; rows: number | null; head: string | null; broken_at: number | null }
export interface ShareLink { id: string; name: string; is_public: boolean; has_password: boolean; frames: string[]; created_at: number; expires_at: number | null }
export interface Member { user_id: number; email: string; role: Role; is_admin: boolean; two_step: boolean }
export interface Invitation { id: number; email: string; role: Role; expires_at: number }

export type ExportFormat = 'csv' | 'parquet';
export interface Export { id: string; format: ExportFormat; state: 'waiting' | 'running' | 'ready' | 'failed'; rows_done: number; rows_total: number; bytes: number; created_at: number; expires_at: number }

export interface NewLink { name: string; is_public: boolean; password?: string; life_days?: number; frames: string[] }
export interface NewToken { name: string; scope: Scope; site_id: number | null; life_days: number | null }

export const account = {
  show: () => owned<Account>('GET', '/api/v1/account'),
  password: (password: string, next: string) => owned<void>('PUT', '/api/v1/account/password', { password, new: next }),
  offer: () => owned<Offer>('POST', '/api/v1/account/two-step'),
  begin: (password: string, secret: string, code: string) => owned<{ recovery_codes: string[] }>('PUT', '/api/v1/account/two-step', { password, secret, code }),
  end: (password: string, code: string) => owned<void>('DELETE', '/api/v1/account/two-step', { password, code }),
  sessions: () => owned<{ sessions: SessionLine[] }>('GET', '/api/v1/account/sessions'),
  endSession: (id: string) => owned<void>('DELETE', `/api/v1/account/sessions/${id}`),
  tokens: () => owned<{ tokens: ApiToken[] }>('GET', '/api/v1/tokens'),
  makeToken: (token: NewToken) => owned<ApiToken & { token: string }>('POST', '/api/v1/tokens', token),
  endToken: (id: number) => owned<void>('DELETE', `/api/v1/tokens/${id}`),
  audit: (before: number | null) => owned<{ lines: AuditLine[] }>('GET', `/api/v1/audit${before ? `?before=${before}` : ''}`),
  checkAudit: () => owned<AuditCheck>('GET', '/api/v1/audit/check'),
};

export const sharing = {
  links: (site: number) => owned<{ links: ShareLink[] }>('GET', `/api/v1/sites/${site}/links`),
  makeLink: (site: number, link: NewLink) => owned<ShareLink & { secret?: string }>('POST', `/api/v1/sites/${site}/links`, link),
  endLink: (site: number, id: string) => owned<void>('DELETE', `/api/v1/sites/${site}/links/${id}`),
  people: (site: number) => owned<{ members: Member[]; invitations: Invitation[] }>('GET', `/api/v1/sites/${site}/people`),
  invite: (site: number, email: string, role: Role) => owned<Invitation & { token: string }>('POST', `/api/v1/sites/${site}/invitations`, { email, role }),
  endInvitation: (site: number, id: number) => owned<void>('DELETE', `/api/v1/sites/${site}/invitations/${id}`),
  setRole: (site: number, user: number, role: Role) => owned<void>('PATCH', `/api/v1/sites/${site}/people/${user}`, { role }),
  exports: (site: number) => owned<{ exports: Export[] }>('GET', `/api/v1/sites/${site}/exports`),
  beginExport: (site: number, format: ExportFormat) => owned<Export>('POST', `/api/v1/sites/${site}/exports`, { format }),
  endExport: (site: number, id: string) => owned<void>('DELETE', `/api/v1/sites/${site}/exports/${id}`),
  remove: (site: number, user: number) => owned<void>('DELETE', `/api/v1/sites/${site}/people/${user}`),
};

/** What a stranger with a link or an invitation asks. */
export const stranger = {
  view: (link: string, secret: string | null, password: string | null) =>
    call<{ token: string; site: import('../contract').Site; version: string }>('POST', `/api/v1/share/${link}`, { ...(secret ? { secret } : {}), ...(password ? { password } : {}) }),
  invitation: (token: string) => call<{ email: string; domain: string; role: Role; has_account: boolean }>('POST', '/api/v1/invitations/open', { token }),
  passwordLink: (token: string) => call<{ email: string }>('POST', '/api/v1/password/open', { token }),
  setPassword: (token: string, password: string) => call<void>('POST', '/api/v1/password', { token, password }),
  accept: (token: string, password: string | null) => call<void>('POST', '/api/v1/invitations/accept', { token, ...(password ? { password } : {}) }),
};
