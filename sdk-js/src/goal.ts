// A goal as sites tell it to Yandex's tag becomes an event of ours.

import type { Mostik } from './api';

export const page = window as unknown as Record<string, any> & { mostik: Mostik };

const { counters, params: listed } = (document.currentScript as HTMLScriptElement).dataset;

/** The words of `data-counters` or `data-params`. */
const words = (text?: string): string[] => text?.match(/[^\s,]+/g) || [];

/** The counters whose calls are ours to hear, as text. */
export const ours = words(counters);

/** Names with these characters are refused by Yandex's tag as well. Users' ids, contacts
 * and parameters nobody listed are never looked at. */
export const reachGoal = (goal: string, params?: Record<string, any>): void => {
  if (!/^[^/&=?#]+$/.test(goal ?? '')) return;
  const { currency, price, order_price: amount = price } = params || {};
  const props: Record<string, any> = {};
  for (const key of words(listed)) {
    if (/^[snb]/.test(typeof params?.[key])) props[key] = params?.[key];
  }
  // Without a currency a price is no money.
  page.mostik(goal, { props, revenue: amount && currency && { amount, currency } });
};
