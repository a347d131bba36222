// The shapes of `/api/v1/sites/{id}/metrika` (docs/api.md), and the calls.

import { owned } from '../api';

export type Mode = 'off' | 'preview' | 'live';
export type Value = { kind: 'none' } | { kind: 'event'; step_e4: number; currency: string } | { kind: 'fixed'; amount_e4: number; currency: string };

export interface Goal { event: string; goal: string; value: Value; guarantee: 'at_most_once' | 'at_least_once' }

export interface Rules {
  consent: 'event' | 'visit';
  goals: Goal[];
  paths: string[];
  delay_seconds: [number, number];
  release_at: number;
  round_seconds: number;
  visit_threshold_seconds: number;
  nightly: boolean;
  /** Goals too old for Measurement Protocol go as a file. */
  late: boolean;
  /** Tags of campaigns, and properties of events, that may be said, with their values. */
  campaign: Listed[];
  params: Listed[];
}

export interface Listed { key: string; values: string[] }

export interface Settings { counter: number; has_token: boolean; has_oauth: boolean; has_upload: boolean; mode: Mode; tested: number; rules: Rules }

export interface Preview {
  source: { event: string; at: number; path: string; host: string; revenue_e4: number; currency: string; dropped: { field: string; why: string }[] };
  requests: [string, string];
  /** The file that would leave instead, were the goal eleven hours late. */
  late: string | null;
}

interface Last { at: number; status: number | null; class: string }

export interface Road { breaker: string; until: number | null; last: Last | null }

export interface Collector {
  node: number;
  at: number;
  is_silent: boolean;
  /** `late`: the road of late goals; null: it is closed. */
  state: (Road & { mode: Mode; late: Road | null }) | null;
  waiting: { goal: string; state: string; held: number; n: number; next_due: number }[];
  previews: Preview[];
}

export interface Forward { goal: string; hour: number; state: string; reason: string; payload: string; seal: string }

export interface Finding { check: string; is_ok: boolean; found: string[] }

/** A goal that may be forwarded: of the counter, or of pasted code. */
export interface Proposal { name: string; goal: string }

export interface Judged { goal: string; day: string; here: { accepted: number; uncertain: number; lost: number }; recorded: number | null; verdict: string }

interface Seen { visitors: number; visits: number; views: number }

export interface TagDay {
  day: string;
  ours: Seen;
  /** Null: the report is not exact yet. */
  theirs: Seen | null;
  refused: Record<string, number>;
  goals: { goal: string; ours: number; theirs: number | null }[];
}

/** What the counter's own tag saw beside what we saw, the newest day first. */
export interface Tag { days: TagDay[]; site_zone: string; counter_zone: string | null; left_out: number }

export interface MetrikaPage {
  now: number;
  settings: Settings | null;
  collectors: Collector[];
  weeks: { from: number; goals: Record<string, Record<string, Record<string, number>>> }[];
  forwards: Forward[];
  /** What the nights have found, the newest day first. */
  compared: Judged[];
}

/** What a new site begins with. */
export const RULES: Rules = {
  consent: 'event', goals: [], paths: [], delay_seconds: [300, 1200], release_at: 1, round_seconds: 60, visit_threshold_seconds: 1800, nightly: false, late: false, campaign: [], params: [],
};

const at = (site: number) => `/api/v1/sites/${site}/metrika`;

export const metrika = {
  page: (site: number, signal: AbortSignal) => owned<MetrikaPage>('GET', at(site), undefined, signal),
  save: (site: number, settings: { counter: number; rules: Rules; token?: string; oauth?: string; upload?: string }) => owned<Settings>('PUT', at(site), settings),
  mode: (site: number, mode: Mode) => owned<Settings>('POST', `${at(site)}/mode`, { mode }),
  test: (site: number) => owned<Settings>('POST', `${at(site)}/test`),
  check: (site: number) => owned<{ findings: Finding[]; proposals: Proposal[] }>('POST', `${at(site)}/check`, {}),
  createGoals: (site: number, oauth: string) => owned<{ created: string[] }>('POST', `${at(site)}/goals`, { oauth }),
  reconcile: (site: number) => owned<{ days: Judged[] }>('POST', `${at(site)}/reconcile`, {}),
  tag: (site: number, asked: { counter: number; oauth?: string }) => owned<Tag>('POST', `${at(site)}/tag`, asked),
  stop: () => owned<unknown>('POST', '/api/v1/metrika/stop'),
  export: (site: number) => `${at(site)}/forwards.csv`,
};
