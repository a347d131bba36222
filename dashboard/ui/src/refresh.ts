// Keeps the overview's figures fresh: asks when the view changes, asks again on
// a beat while the page is visible, keeps the old figures while a new answer is
// on its way or missing. One question is out at a time.

import { computed, effect, signal, untracked } from '@preact/signals';
import { api, ApiError } from './api';
import type { Overview, Panel } from './contract';
import { isOpen } from './period';
import { siteId, view } from './route';
import { session } from './session';
import { query } from './url';

/** Between two questions while days of the period are open. An event must be seen within 5 s of its arrival, and shipping takes some of them. */
const BEAT_OPEN_MS = 3_000;
/** Through a link: its readers share one limit. */
const BEAT_SHARED_MS = 30_000;
/** For finished days: only late arrivals can change them. */
const BEAT_CLOSED_MS = 60_000;
/** A slow server gets at least this many times its own answering time of rest: the shorter of two
 * answers', since the first after a start comes from a database that has just woken. */
const REST_FACTOR = 10;
/** Countries fetched for the map: more than there are. */
const COUNTRIES_MAX = 300;

export interface Figures {
  /** The question these figures answer. */
  question: string;
  overview: Overview;
  countries: Panel | null;
  at: Date;
}

export const figures = signal<Figures | null>(null);
export const failure = signal<ApiError | null>(null);
export const live = signal<number | null>(null);
/** The view has changed and its figures are not here yet. */
export const stale = signal(false);

/** What the page asks right now; figures that answer another question are shown dimmed. */
export const wanted = computed(() => `${siteId.value}?${query(view.value)}&map=${view.value.tabs.places === 'map'}`);

const again = signal(0);
export const retry = () => { again.value += 1; };

/** Runs until the returned function is called. */
export function keepFresh(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | null = null;
  /** Milliseconds that the answer before took. */
  let before = 0;

  async function ask(site: number, question: string): Promise<void> {
    clearTimeout(timer);
    asking?.abort();
    const mine = (asking = new AbortController());
    const asks = untracked(() => view.value);
    const began = performance.now();
    try {
      const map = asks.tabs.places === 'map';
      const [overview, countries, now] = await Promise.all([
        api.overview(site, asks, mine.signal),
        map ? api.breakdown(site, asks, { dimension: 'country', limit: COUNTRIES_MAX }, mine.signal) : null,
        api.live(site, mine.signal),
      ]);
      if (mine.signal.aborted) return;
      figures.value = { question, overview, countries, at: new Date() };
      live.value = now.visitors;
      failure.value = null;
    } catch (error) {
      if (mine.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) return;
      failure.value = error;
    }
    stale.value = false;
    const known = figures.value;
    // A question the server cannot answer will not be answerable in three seconds either.
    const calm = failure.value ? failure.value.status >= 400 && failure.value.status < 500 : known && !isOpen(known.overview);
    const beat = calm ? BEAT_CLOSED_MS : session.peek()?.state === 'shared' ? BEAT_SHARED_MS : BEAT_OPEN_MS;
    const took = performance.now() - began;
    const rest = Math.min(Math.min(took, before) * REST_FACTOR, BEAT_CLOSED_MS);
    before = took;
    timer = setTimeout(() => {
      if (document.visibilityState === 'visible') void ask(site, question);
      else timer = undefined;
    }, Math.max(beat, rest));
  }

  const stop = effect(() => {
    const site = siteId.value;
    const question = wanted.value;
    const tries = again.value;
    if (site === null) return;
    const shown = figures.peek();
    // Another site's figures under this site's name would be a lie, even dimmed.
    if (shown && !shown.question.startsWith(`${site}?`)) { figures.value = null; live.value = null; failure.value = null; }
    if (asked === `${question}#${tries}`) return;
    asked = `${question}#${tries}`;
    stale.value = true;
    void ask(site, question);
  });

  const wake = () => {
    const site = siteId.peek();
    // A hidden page let its beat run out; catch up at once when it is seen again.
    if (document.visibilityState === 'visible' && timer === undefined && site !== null && asked) void ask(site, asked.slice(0, asked.lastIndexOf('#')));
  };
  document.addEventListener('visibilitychange', wake);
  return () => {
    stop();
    clearTimeout(timer);
    asking?.abort();
    asked = '';
    document.removeEventListener('visibilitychange', wake);
  };
}

/** The question last asked, so that a change that asks nothing new (a tab, the metric) asks nothing. */
let asked = '';
