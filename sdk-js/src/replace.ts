// In place of Yandex's tag: its calls are answered, its old names stand. What it would
// learn of a person (`userParams`, `setUserID`, `firstPartyParams`) is never looked at.

import { ours, page, reachGoal } from './goal';

type Callback = (...args: unknown[]) => void;

/** Calls back later, as the tag does, with the `this` that follows the callback. */
const answer = (args: any[], ...values: unknown[]): void => {
  const at = args.findIndex((arg) => typeof arg == 'function');
  if (at >= 0) setTimeout(() => (args[at] as Callback).apply(args[at + 1], values));
};

/** A hit for the page in the address bar is the automatic view; only another is new. Looked
 * at again afterwards, since some sites tell the hit before the step. */
const hit = (url?: string): void => {
  const isShown = (): boolean => new URL(url || '', location.href).pathname == location.pathname;
  if (!isShown()) setTimeout(() => isShown() || page.mostik.pageview({ url }));
};

/** The counter's own object, as `yaCounter1.reachGoal('…')` expects it. */
export const counter = (id: number): Record<string, Callback> =>
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

/** What sites and wrappers look for when the tag has loaded. */
export const standIn = (): void => {
  // A class, since the squeezer makes arrows of functions.
  class Counter {
    constructor(options: { id: number }) {
      const made = counter(options.id);
      made.init?.(options);
      return made;
    }
  }
  page.Ya = { ...page.Ya, Metrika: Counter, Metrika2: Counter };
  for (const id of ours) counter(+id);
  for (const name of ['yandex_metrika_callbacks', 'yandex_metrika_callbacks2']) {
    const waiting: Callback[] = page[name] || [];
    // Wrappers begin when a component mounts, long after us.
    page[name] = { push: (begin: Callback) => begin() };
    for (const begin of waiting) begin();
  }
};
