// Numbers, shares, durations and days as a reader of the language writes them.
// Short where space is short; the exact value is always one hover away.

import type { Grain, Metric } from './contract';
import { phrase } from './i18n';
import { moment } from './period';
import type { Language } from './preference';

/** Up to here a count is printed in full; beyond, in thousands. */
const FULL_COUNT_MAX = 99_999;

const NONE = '–';
const NBSP = '\u00a0';

const formats = new Map<string, Intl.NumberFormat>();
function numbers(lang: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = lang + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.NumberFormat(lang, options)));
  return format;
}

/** Russian writes four digits without a gap by rule, with one in tables; ui.md settles `12 431`, so every group is set off. */
const GROUPED: Intl.NumberFormatOptions = { useGrouping: 'always' as unknown as boolean };

export function exactCount(lang: Language, value: number | null): string {
  return value === null ? NONE : numbers(lang, { maximumFractionDigits: 0, ...GROUPED }).format(value);
}

export function count(lang: Language, value: number | null): string {
  if (value === null || Math.abs(value) <= FULL_COUNT_MAX) return exactCount(lang, value);
  const steps: [number, string][] = lang === 'ru'
    ? [[1e9, 'млрд'], [1e6, 'млн'], [1e3, 'тыс.']]
    : [[1e9, 'B'], [1e6, 'M'], [1e3, 'k']];
  for (const [step, word] of steps) {
    // Rounded first: 999,700 is 1 M, not 1,000 k.
    const scaled = value / step;
    const digits = Math.abs(scaled) < 99.95 ? 1 : 0;
    if (Math.abs(Number(scaled.toFixed(digits))) >= 1) {
      return `${numbers(lang, { maximumFractionDigits: digits }).format(scaled)}${NBSP}${word}`;
    }
  }
  return exactCount(lang, value);
}

export function share(lang: Language, ratio: number | null): string {
  if (ratio === null) return NONE;
  if (ratio > 0 && ratio < 0.001) return `<${NBSP}${numbers(lang, { style: 'percent', maximumFractionDigits: 1 }).format(0.001)}`;
  const digits = ratio !== 0 && Math.abs(ratio) < 0.0995 ? 1 : 0;
  return numbers(lang, { style: 'percent', maximumFractionDigits: digits }).format(ratio);
}

export function duration(lang: Language, seconds: number | null): string {
  if (seconds === null) return NONE;
  const whole = Math.round(seconds);
  const parts: [number, string, string][] = [[Math.floor(whole / 3600), 'h', 'ч'], [Math.floor(whole / 60) % 60, 'm', 'мин'], [whole % 60, 's', 'с']];
  const from = parts.findIndex(([n]) => n > 0);
  const shown = from === -1 ? parts.slice(2) : parts.slice(from, from + 2).filter(([n], i) => n > 0 || i === 0);
  return shown.map(([n, short, long]) => (lang === 'ru' ? `${n}${NBSP}${long}` : `${n}${short}`)).join(lang === 'ru' ? NBSP : ' ');
}

/** A metric's value, as long as space allows. */
export function metricValue(lang: Language, metric: Metric, value: number | null): string {
  switch (metric) {
    case 'visitors': case 'visits': case 'views': return count(lang, value);
    case 'views_per_visit': return value === null ? NONE : numbers(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
    case 'bounce_ratio': return share(lang, value === null ? null : Math.round(value * 100) / 100);
    case 'duration_seconds': case 'engaged_seconds': return duration(lang, value);
    case 'conversion_ratio': return share(lang, value);
  }
}

/** The same with every digit there is, for hovering and for tables. */
export function exactMetric(lang: Language, metric: Metric, value: number | null): string {
  switch (metric) {
    case 'visitors': case 'visits': case 'views': return exactCount(lang, value);
    case 'views_per_visit': return value === null ? NONE : numbers(lang, { maximumFractionDigits: 2 }).format(value);
    case 'bounce_ratio': case 'conversion_ratio': return value === null ? NONE : numbers(lang, { style: 'percent', maximumFractionDigits: 1 }).format(value);
    case 'duration_seconds': case 'engaged_seconds': return duration(lang, value);
  }
}

export interface Change {
  /** "+8 %", "−2 pp"; the sign is part of it. */
  text: string;
  direction: 'up' | 'down' | 'same';
  /** A rising bounce ratio is no reason for joy. */
  good: boolean;
}

/** Against the compared period; null when there is nothing to compare with. */
export function change(lang: Language, metric: Metric, value: number | null, previous: number | null): Change | null {
  if (value === null || previous === null) return null;
  const bounce = metric === 'bounce_ratio';
  const points = bounce || metric === 'conversion_ratio';
  // From nothing to something has no percentage.
  if (!points && previous === 0) return null;
  // Most conversions are a few per cent: there half a point is much.
  const amount = points ? Math.round((value - previous) * (bounce ? 100 : 1000)) / (bounce ? 1 : 10) : Math.round((value / previous - 1) * 100);
  const direction = amount > 0 ? 'up' : amount < 0 ? 'down' : 'same';
  const sign = amount > 0 ? '+' : amount < 0 ? '−' : '';
  const size = Math.abs(amount);
  const text = points
    ? `${sign}${numbers(lang, {}).format(size)}${NBSP}${phrase(lang, 'points')}`
    : sign + (size > 999 ? `${count(lang, size)}${lang === 'ru' ? NBSP : ''}%` : numbers(lang, { style: 'percent' }).format(size / 100));
  return { text, direction, good: direction === 'same' ? true : (direction === 'up') !== bounce };
}

const dates = new Map<string, Intl.DateTimeFormat>();
function dating(lang: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = lang + JSON.stringify(options);
  let format = dates.get(key);
  // British order in English: day before month, as in Russian, and 24 hours.
  if (!format) dates.set(key, (format = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, { timeZone: 'UTC', ...options })));
  return format;
}

/** A label on the time axis; a month says its year where one begins. */
export function tick(lang: Language, grain: Grain, at: string, first = false): string {
  const options: Intl.DateTimeFormatOptions = grain === 'hour' ? { hour: '2-digit', minute: '2-digit' }
    : grain !== 'month' ? { day: 'numeric', month: 'short' } : first || at.endsWith('-01') ? { month: 'short', year: 'numeric' } : { month: 'short' };
  return dating(lang, options).format(moment(at)).replace(/\sг\.$/, '').replace('.', '');
}

/** A bucket named in full, for the tooltip and the table. */
export function bucket(lang: Language, grain: Grain, at: string): string {
  const options: Intl.DateTimeFormatOptions = grain === 'hour' ? { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }
    : grain === 'day' ? { weekday: 'short', day: 'numeric', month: 'long' } : grain === 'week' ? { day: 'numeric', month: 'long' } : { month: 'long', year: 'numeric' };
  const text = dating(lang, options).format(moment(at)).replace(/\sг\.$/, '');
  return grain === 'week' ? phrase(lang, 'chart.week', { day: text }) : text;
}

/** "25 Oct – 23 Nov 2026". */
export function range(lang: Language, from: string, to: string): string {
  const format = dating(lang, { day: 'numeric', month: 'short', year: 'numeric' });
  const text = from === to ? format.format(moment(from)) : format.formatRange(moment(from), moment(to));
  return text.replaceAll(/\sг\./g, '');
}

const regions = new Map<Language, Intl.DisplayNames>();
export function countryName(lang: Language, code: string): string {
  if (!/^[A-Z]{2}$/.test(code) || code === 'ZZ') return phrase(lang, 'unknown');
  let names = regions.get(lang);
  if (!names) regions.set(lang, (names = new Intl.DisplayNames(lang, { type: 'region', fallback: 'code' })));
  return names.of(code) ?? code;
}
