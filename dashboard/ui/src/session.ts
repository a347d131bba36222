// Who is here, and which sites are theirs. Every page stands on these two
// signals; what they hold came from the server, never from storage.

import { signal } from '@preact/signals';
import { api, ApiError, onSignedOut } from './api';
import type { Session, Site } from './contract';

export const session = signal<Session | null>(null);
export const sites = signal<Site[] | null>(null);
/** Why the very first question was not answered; the page then offers to ask again. */
export const sessionError = signal<ApiError | null>(null);

onSignedOut(() => {
  // Through a link there is nobody to sign in: the page asks anew whether the link is good.
  if (session.value?.state === 'shared') return location.reload();
  if (session.value?.state === 'signed_in') session.value = { version: session.value.version, state: 'signed_out' };
  sites.value = null;
});

export async function askSession(): Promise<void> {
  try {
    const answer = await api.session();
    sites.value = answer.state === 'signed_in' ? (await api.sites()).sites : null;
    session.value = answer;
    sessionError.value = null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    sessionError.value = error;
  }
}

export const siteOf = (id: number | null) => sites.value?.find((site) => site.id === id);

/** Whether what is counted there may be changed; through a link one only looks. */
export const mayChange = (site: Site | undefined) => site !== undefined && site.role !== 'viewer';

export async function signOut(): Promise<void> {
  await api.signOut();
  await askSession();
}

export function remember(site: Site): void {
  const others = (sites.value ?? []).filter((s) => s.id !== site.id);
  sites.value = [...others, site].sort((a, b) => a.id - b.id);
}
