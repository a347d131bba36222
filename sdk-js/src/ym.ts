// The add-on for sites that call `ym(…)`: goals become events of ours.
//
// Mirror (default): Yandex's tag stays and never notices; each `reachGoal` counts here,
// too. Replace (`data-replace`): the tag is gone and its calls are answered here. Users'
// ids, contacts and parameters nobody listed are never looked at.

import type { Mostik } from './api';

type Call = ArrayLike<unknown>;
type Callback = (...args: unknown[]) => void;
type Page = Record<string, any> & { mostik: Mostik & { q?: Call[] } };

const page = window as unknown as Page;
const { counters, params: listed, replace } = (document.currentScript as HTMLScriptElement).dataset;
const words = (text?: string): string[] => text?.match(/[^\s,]+/g) || [];

/** The callback among a call's arguments, and the `this` that follows it. */
const answer = (args: any[], ...values: unknown[]): void => {
  const at = args.findIndex((arg) => typeof arg == 'function');
  if (at >= 0) setTimeout(() => (args[at] as Callback).apply(args[at + 1], values));
};

/** Names with these characters are refused by Yandex's tag as well. */
const reachGoal = (goal: unknown, params?: Record<string, any>): void => {
  if (!/^[^/&=?#]+$/.test((goal ?? '') as string)) return;
  const { currency, price, order_price: amount = price } = params || {};
  const props: Record<string, any> = {};
  for (const key of words(listed)) {
    if (/^[snb]/.test(typeof params?.[key])) props[key] = params?.[key];
  }
  // Without a currency a price is no money.
  page.mostik(goal as string, { props, revenue: amount && currency ? { amount, currency } : undefined });
};

/** A hit for the page in the address bar is the automatic view; only another is new. Looked
 * at again afterwards, since some sites tell the hit before the step. */
const hit = (url?: string): void => {
  const isShown = (): boolean => new URL(url || '', location.href).pathname == location.pathname;
  if (!isShown()) setTimeout(() => isShown() || page.mostik.pageview({ url }));
};

/** The counter's own object, as `yaCounter1.reachGoal('…')` expects it. */
const counter = (id: number): object =>
  (page['yaCounter' + id] ||= new Proxy(
    {},
    {
      get: (_, method) => (...args: any[]) => {
        if (method == 'reachGoal') reachGoal(args[0], args[1]);
        if (method == 'hit') hit(args[0]);
        if (method == 'init' && args[0]?.triggerEvent) setTimeout(() => document.dispatchEvent(new Event(`yacounter${id}inited`)));
        // Options may hold the callback; where they may hold a person's data they stay unread.
        const { callback, ctx } = (/^(hit|notBounce|extLink|file)$/.test(method as string) && args.find((arg) => arg?.callback)) || {};
        answer(callback ? [callback, ctx] : args, null);
        return page['yaCounter' + id];
      },
    },
  ));

const heard = ([id, method, ...args]: any[]): void => {
  const number = parseInt(id);
  if (!words(counters).includes(number + '')) return;
  if (replace != null) (counter(number) as Record<string, Callback>)[method]?.(...args);
  else if (method == 'reachGoal') reachGoal(args[0], args[1]);
};

// The script may come later: what is told before waits in its queue.
page.mostik ||= function () {
  (page.mostik.q ||= []).push(arguments);
} as unknown as Page['mostik'];
page.ym ||= function () {
  page.ym.a.push(arguments);
};
const calls: Call[] = (page.ym.a ||= []);
// Yandex's tag wraps `push` in the same way and calls the one it found.
const { push } = calls;
calls.push = (...added) => {
  const result = push.apply(calls, added);
  for (const call of added) heard(Array.from(call));
  return result;
};
for (const call of calls) heard(Array.from(call));

if (replace != null) {
  // A class, since the squeezer makes arrows of functions.
  class Counter {
    constructor(options: { id: number }) {
      const made = counter(options.id) as { init: Callback };
      made.init(options);
      return made;
    }
  }
  page.Ya = { ...page.Ya, Metrika: Counter, Metrika2: Counter };
  for (const id of words(counters)) counter(+id);
  for (const begin of [...(page.yandex_metrika_callbacks || []), ...(page.yandex_metrika_callbacks2 || [])]) begin();
}
