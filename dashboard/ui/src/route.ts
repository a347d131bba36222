// Where the reader is, as a signal that follows the address bar. Every change
// that a reader makes is a step Back can undo; corrections by the program
// replace the current step instead.

import { computed, signal } from '@preact/signals';
import { DEFAULT_VIEW, readRoute, writeRoute, type Route, type View } from './url';

export const route = signal<Route>(readRoute(location.pathname, location.search));

addEventListener('popstate', () => {
  route.value = readRoute(location.pathname, location.search);
});

export function go(next: Route, how: 'push' | 'replace' = 'push'): void {
  const address = writeRoute(next);
  if (address !== location.pathname + location.search + (next.page === 'overview' ? location.hash : '')) {
    if (how === 'push') history.pushState(null, '', address);
    else history.replaceState(null, '', address);
    // A new page starts at its top; a changed view of the same page stays put.
    if (how === 'push' && next.page !== route.value.page) scrollTo(0, 0);
  }
  route.value = next;
}

export const view = computed<View>(() => (route.value.page === 'overview' ? route.value.view : DEFAULT_VIEW));
export const siteId = computed<number | null>(() => ('site' in route.value ? route.value.site : null));

/** Changes part of the view; outside the overview there is nothing to change. */
export function show(change: Partial<View>, how: 'push' | 'replace' = 'push'): void {
  const here = route.value;
  if (here.page === 'overview') go({ ...here, view: { ...here.view, ...change } }, how);
}

/** The address a change would lead to, for links that can be opened in a new tab. */
export function addressOf(change: Partial<View>): string {
  const here = route.value;
  return here.page === 'overview' ? writeRoute({ ...here, view: { ...here.view, ...change } }) : writeRoute(here);
}
