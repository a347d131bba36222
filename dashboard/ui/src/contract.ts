// The shapes of docs/api.md, word for word. Nothing here is invented by the UI.

import type { Rule } from './goals/contract';

export const DIMENSIONS = [
  'page', 'entry', 'exit', 'source', 'channel', 'referrer', 'utm_source', 'utm_medium', 'utm_campaign',
  'utm_content', 'utm_term', 'country', 'browser', 'os', 'device', 'event', 'property', 'goal', 'host',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export const METRICS = [
  'visitors', 'visits', 'views', 'views_per_visit', 'bounce_ratio', 'duration_seconds', 'engaged_seconds', 'conversion_ratio',
] as const;
export type Metric = (typeof METRICS)[number];

export const OPERATORS = ['is', 'is_not', 'contains', 'matches'] as const;
export type Operator = (typeof OPERATORS)[number];

export const PERIODS = [
  'today', 'yesterday', '7d', '30d', '91d', 'month', 'last_month', '12mo', 'year', 'custom',
] as const;
/** The last half hour is no period of days: it has a report of its own. */
export type Period = (typeof PERIODS)[number] | 'realtime';

export const COMPARISONS = ['previous', 'year', 'custom', 'none'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** What a point of the chart may stand for when there is more than one day; a single day is drawn by the hour. */
export const GRAINS = ['day', 'week', 'month'] as const;
export type ChosenGrain = (typeof GRAINS)[number];
export type Grain = 'hour' | ChosenGrain;

export interface Session {
  state: 'setup' | 'signed_out' | 'signed_in' | 'shared';
  email?: string;
  is_admin?: boolean;
  version: string;
}

export interface Site {
  id: number;
  domain: string;
  time_zone: string;
  hosts: string[];
  props: string[];
  created_at: string;
  /** What one may do with it. */
  role: 'viewer' | 'editor' | 'owner';
}

export interface SiteStatus {
  first_event: boolean;
  script: string;
}

export interface Filter {
  dimension: Dimension;
  operator: Operator;
  values: string[];
}

export interface Row {
  value: string;
  visitors?: number | null;
  visits?: number | null;
  views?: number | null;
  events?: number | null;
  /** Of a goal: what it brought. */
  revenue?: { currency: string; amount: number }[];
  /** Of a goal: days closed before it was declared, whose visits are not known. */
  undecided_days?: number;
}

export interface Panel {
  rows: Row[];
  total: number;
  /** Values not shown because of how few people they are. */
  hidden?: number;
  /** Nothing true can be told under these filters. */
  unavailable?: boolean;
}

export interface Figure {
  value: number | null;
  previous: number | null;
}

type Values = (number | null)[];

export interface Overview {
  period: {
    from: string;
    to: string;
    grain: Grain;
    today: string;
    now: string;
    compare_from?: string | null;
    compare_to?: string | null;
    /** While a single day is not over: the last hour that `previous` includes, so that a morning is compared with a morning. */
    compare_until?: string | null;
  };
  metrics: Record<Metric, Figure>;
  series: { at: string[]; previous: Partial<Record<Metric, Values>> | null } & Record<Metric, Values>;
  panels: Partial<Record<Dimension, Panel>>;
  funnels?: { id: number; title: string; steps: { rule: Rule; visits: number | null }[]; undecided_days?: number }[];
  /** Days that know nothing of a goal among the filters. */
  undecided_days?: number;
  /** Closed days that the conversion leaves out. */
  conversion_undecided_days?: number;
  /** The bounce rate of these visits by others' definitions. */
  bounce_elsewhere: { metrika: number | null; ga4: number | null };
  balance: {
    received: number;
    stored: number;
    refused: { reason: string; n: number }[];
    waiting: number;
  };
  /** The filters leave too few people to show. */
  few?: boolean;
  unfinished_from: string | null;
  /** How far visitors and visits can be trusted under the filters. */
  counting?: Record<'visitors' | 'visits', 'exact' | 'about'>;
}
