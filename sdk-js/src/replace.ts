// In place of Yandex's tag: its calls are answered, its old names stand. What it would
// learn of a person (`userParams`, `setUserID`, `firstPartyParams`) is never looked at.

import { ours, page, reachGoal } from './goal';

type Callback = (this: unknown, ...args: unknown[]) => void;

/** A hit for the page in the address bar is the automatic view; only another is new. Looked
 * at again afterwards, since some sites tell the hit before the step. */
const hit = (url = ''): void => {
  const isShown = (): boolean => new URL(url, location.href).pathname == location.pathname;
  if (!isShown()) setTimeout(() => isShown() || page.mostik.pageview({ url }));
};

/** The counter's own object, as `yaCounter1.reachGoal('…')` expects it. Has every method. */
export const counter = (id: number): Record<string, (...args: any[]) => unknown> =>
  (page['yaCounter' + id] ||= new Proxy(
    {},
    {
      get: (_, method: string) => (...args: any[]) => {
        if (method == 'reachGoal') reachGoal(args[0], args[1]);
        if (method == 'hit') hit(args[0]);
        if (method == 'init' && args[0].triggerEvent) setTimeout(() => document.dispatchEvent(new Event(`yacounter${id}inited`)));
        args.forEach((arg, at) => {
          // These have options, which may hold the callback. Others may hold a person's data.
          const own = typeof arg != 'function' && /hit|not|ext|file/.test(method) && arg;
          // Called later, as the tag does, with the `this` that is told with it.
          const callback: Callback = own ? own.callback : typeof arg == 'function' && arg;
          if (callback) setTimeout(() => callback.call(own ? own.ctx : args[at + 1], null));
        });
        return page['yaCounter' + id];
      },
    },
  ));

/** What sites and wrappers look for when the tag has loaded. */
export const standIn = (): void => {
  // A class, since the squeezer makes arrows of functions.
  class Counter {
    constructor(options: { id: number }) {
      return counter(options.id).init!(options) as Counter;
    }
  }
  page.Ya = { ...page.Ya, Metrika: Counter, Metrika2: Counter };
  ours.forEach((id) => counter(+id));
  for (const version of ['', 2]) {
    const name = 'yandex_metrika_callbacks' + version;
    const waiting: Callback[] = page[name] || [];
    // Wrappers begin when a component mounts, long after us.
    page[name] = { push: (begin: Callback) => begin() };
    waiting.forEach((begin) => begin());
  }
};
