// Goals and funnels as docs/api.md has them.

import { owned } from '../api';

export const PROPERTY_TESTS = ['is', 'is_not', 'contains'] as const;
export type PropertyTest = (typeof PROPERTY_TESTS)[number];

export interface PropertyRule {
  name: string;
  op: PropertyTest;
  values: string[];
}

export interface Rule {
  what: { page: string } | { event: string };
  props: PropertyRule[];
}

export interface Money {
  /** In ten-thousandths of the currency's unit. */
  amount_e4: number;
  currency: string;
}

export interface Goal {
  id: number;
  title: string;
  rule: Rule;
  value: Money | null;
}

export interface Funnel {
  id: number;
  title: string;
  steps: Rule[];
}

export interface Declared {
  goals: Goal[];
  funnels: Funnel[];
}

export interface Preview {
  days: number;
  events: number;
  visitors: number;
  counting: 'exact' | 'about';
}

/** As the server bounds them. */
export const STEPS_MIN = 2;
export const STEPS_MAX = 8;
export const PROPS_MAX = 5;

const at = (site: number, rest: string) => `/api/v1/sites/${site}/${rest}`;
const put = (site: number, kind: 'goals' | 'funnels', id: number | null, body: unknown) =>
  owned<unknown>(id === null ? 'POST' : 'PUT', at(site, id === null ? kind : `${kind}/${id}`), body);

export const goals = {
  all: (site: number, signal?: AbortSignal) => owned<Declared>('GET', at(site, 'goals'), undefined, signal),
  keep: (site: number, { id, ...goal }: Omit<Goal, 'id'> & { id: number | null }) => put(site, 'goals', id, goal),
  remove: (site: number, id: number) => owned<void>('DELETE', at(site, `goals/${id}`)),
  preview: (site: number, rule: Rule, signal?: AbortSignal) => owned<Preview>('POST', at(site, 'goals/preview'), { rule }, signal),
  keepFunnel: (site: number, { id, ...funnel }: Omit<Funnel, 'id'> & { id: number | null }) => put(site, 'funnels', id, funnel),
  removeFunnel: (site: number, id: number) => owned<void>('DELETE', at(site, `funnels/${id}`)),
};
