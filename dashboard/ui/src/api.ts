// The one door to the server. Every failure leaves here as an ApiError with a
// stable code, so that the pages can say in the reader's language what happened
// and what to do; nothing fails into an empty answer.

import type { Dimension, Overview, Panel, Session, Site, SiteStatus } from './contract';
import { BASE, query, type View } from './url';

/** Milliseconds until an answer counts as missing. The slowest report promised is 1 s; a cold engine may take ten. */
const ANSWER_MS_MAX = 20_000;

export class ApiError extends Error {
  constructor(
    /** As in the answer's `error.code`, or `offline`, `slow`, `unreadable` when there was no such answer. */
    readonly code: string,
    readonly status: number,
    readonly retryAfterSeconds: number | null,
    message: string,
  ) {
    super(message);
  }
}

type Listener = () => void;
let signedOut: Listener = () => undefined;
/** Called when a session has ended on the server's side. */
export function onSignedOut(listener: Listener): void {
  signedOut = listener;
}

/** Leave to look through somebody's link; without it the browser's session speaks. */
let leave: string | null = null;
export function carry(token: string): void {
  leave = token;
}

export async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const limit = AbortSignal.timeout(ANSWER_MS_MAX);
  let answer: Response;
  try {
    answer = await fetch(BASE + path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      headers: { ...(leave ? { authorization: `Bearer ${leave}` } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(limit.aborted ? 'slow' : 'offline', 0, null, String(error));
  }
  if (answer.status === 204) return undefined as T;
  let content: unknown;
  try {
    content = await answer.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(answer.ok ? 'unreadable' : 'unavailable', answer.status, null, String(error));
  }
  if (answer.ok) return content as T;
  const told = (content as { error?: { code?: string; message?: string } } | null)?.error;
  const wait = Number(answer.headers.get('retry-after'));
  throw new ApiError(told?.code ?? 'unavailable', answer.status, wait > 0 ? wait : null, told?.message ?? '');
}

/** Calls that need a session: when it is gone, the whole page has to know. */
export async function owned<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  try {
    return await call<T>(method, path, body, signal);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) signedOut();
    throw error;
  }
}

export interface BreakdownAsk {
  dimension: Dimension;
  search?: string;
  /** With the dimension `property`: the values of that one only. */
  property?: string;
  limit: number;
  offset?: number;
}

export function breakdownPath(site: number, view: View, ask: BreakdownAsk): string {
  const params = query(view);
  params.set('dimension', ask.dimension);
  if (ask.search) params.set('search', ask.search);
  if (ask.property) params.set('property', ask.property);
  params.set('limit', String(ask.limit));
  params.set('offset', String(ask.offset ?? 0));
  return `/api/v1/sites/${site}/breakdown?${params}`;
}

export const api = {
  session: () => call<Session>('GET', '/api/v1/session'),
  setUp: (token: string, email: string, password: string) => call<unknown>('POST', '/api/v1/setup', { token, email, password }),
  signIn: (email: string, password: string, code: string) => call<unknown>('POST', '/api/v1/session', { email, password, ...(code ? { code } : {}) }),
  signOut: () => call<void>('DELETE', '/api/v1/session'),
  sites: () => owned<{ sites: Site[] }>('GET', '/api/v1/sites'),
  addSite: (domain: string, time_zone: string) => owned<Site>('POST', '/api/v1/sites', { domain, time_zone }),
  changeHosts: (site: number, hosts: string[]) => owned<Site>('PATCH', `/api/v1/sites/${site}`, { hosts }),
  status: (site: number, signal?: AbortSignal) => owned<SiteStatus>('GET', `/api/v1/sites/${site}/status`, undefined, signal),
  overview: (site: number, view: View, signal?: AbortSignal) =>
    owned<Overview>('GET', `/api/v1/sites/${site}/overview?${query(view)}`, undefined, signal),
  breakdown: (site: number, view: View, ask: BreakdownAsk, signal?: AbortSignal) =>
    owned<Panel>('GET', breakdownPath(site, view, ask), undefined, signal),
  live: (site: number, signal?: AbortSignal) => owned<{ visitors: number }>('GET', `/api/v1/sites/${site}/live`, undefined, signal),
  /** Such a file, for whoever has leave and no session: a link would not show it. */
  file: async (address: string): Promise<Blob> => {
    const answer = await fetch(address, { headers: { authorization: `Bearer ${leave}` } });
    if (!answer.ok) throw new ApiError('unavailable', answer.status, null, '');
    return answer.blob();
  },
};
