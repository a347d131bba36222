// Site-local days and hours as the server writes them. They are text without a
// zone; reading them as UTC and printing them as UTC keeps the browser's own
// zone out of the picture.

import type { Grain, Overview } from './contract';

export function moment(at: string): Date {
  const full = at.length === 7 ? `${at}-01` : at;
  return new Date(full.length > 10 ? `${full.slice(0, 16).padEnd(16, ':00')}Z` : full);
}

export function dayAfter(day: string, days: number): string {
  const date = moment(day);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** Last day of the month that `at` ("2026-11" or longer) lies in. */
export function monthEnd(at: string): string {
  const date = moment(at.slice(0, 7));
  date.setUTCMonth(date.getUTCMonth() + 1);
  date.setUTCDate(0);
  return date.toISOString().slice(0, 10);
}

/** The bucket that holds `now` ("2026-11-23T14:05:00+03:00"), in the same spelling as `series.at`. */
export function bucketOf(now: string, grain: Grain): string {
  // A week is named by its first day: today itself stands after this week's name and before the next one's.
  return now.slice(0, grain === 'hour' ? 13 : grain === 'month' ? 7 : 10);
}

export interface Parts {
  /** First bucket that can still change; the length of the series if none can. */
  unfinished: number;
  /** First bucket that has not begun. */
  future: number;
}

/** Splits a series into finished, unfinished and not yet begun buckets. */
export function partsOf(overview: Pick<Overview, 'period' | 'series' | 'unfinished_from'>): Parts {
  const { at } = overview.series;
  const { grain, now } = overview.period;
  const current = bucketOf(now, grain);
  const firstAfter = at.findIndex((a) => a > current);
  const future = firstAfter === -1 ? at.length : firstAfter;
  const since = overview.unfinished_from;
  const found = since === null ? -1 : at.findIndex((a) => a >= since);
  return { unfinished: Math.min(found === -1 ? at.length : found, future), future };
}

/** Can the numbers of this period still change? */
export function isOpen(overview: Overview): boolean {
  return overview.unfinished_from !== null || overview.balance.waiting > 0;
}
