// Web vitals as docs/api.md has them, and how their figures are written.

import { owned } from '../api';
import { language } from '../i18n';
import { query, type View } from '../url';
import { w } from './words';

export const VITALS = ['lcp', 'inp', 'cls', 'fcp', 'ttfb'] as const;
export type Vital = (typeof VITALS)[number];
export type Rating = 'good' | 'middling' | 'poor';

export interface Measured {
  p75: number;
  views: number;
  good_ratio: number;
  poor_ratio: number;
  rating: Rating;
}

export type Figures = Partial<Record<Vital, Measured>>;
export type VitalsRow = { value: string; views: number } & Figures;

export interface Vitals {
  overall: Figures;
  views: number;
  rows: VitalsRow[];
  total: number;
  hidden?: number;
  unavailable?: boolean;
}

export function vitalsAddress(site: number, asked: View, by: 'page' | 'device', search: string): string {
  const params = query({ ...asked, compare: 'none', compareFrom: null });
  params.set('by', by);
  if (search) params.set('search', search);
  return `/api/v1/sites/${site}/vitals?${params}`;
}

export const askVitals = (site: number, asked: View, by: 'page' | 'device', search: string, signal: AbortSignal) => owned<Vitals>('GET', vitalsAddress(site, asked, by, search), undefined, signal);

/** Milliseconds from here on are told in seconds. */
const SECOND_MS = 1000;

export function written(vital: Vital, p75: number): string {
  const format = (n: number, digits: number) => new Intl.NumberFormat(language.value, { maximumFractionDigits: digits }).format(n);
  if (vital === 'cls') return format(p75, 3);
  return p75 < SECOND_MS ? w('ms', { n: format(p75, 0) }) : w('s', { n: format(p75 / SECOND_MS, p75 < 9_950 ? 1 : 0) });
}
