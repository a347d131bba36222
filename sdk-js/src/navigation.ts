// Steps of a single-page application.

import { look } from './engagement';
import { listen } from './listen';
import { hasMoved, pageview } from './pageview';

let watching = false;

/** Counts the page in the address bar, if it is a new one. */
export const settle = (): void => {
  if (watching && hasMoved()) pageview();
};

const moved = (): void => {
  if (__ENGAGEMENT__ && hasMoved()) look(); // while the old page is still laid out
  setTimeout(settle); // a router's redirect in the same task is no page of its own
};

// Unlike an assignment, Reflect.set does not throw where the history is frozen.
const patch = (name: 'pushState' | 'replaceState'): void => {
  const original = history[name];
  Reflect.set(history, name, (...args: Parameters<typeof original>) => {
    original.apply(history, args);
    moved();
  });
};

export const watchNavigation = (): void => {
  watching = true;
  if ((window as any).navigation) {
    (window as any).navigation.addEventListener('currententrychange', moved);
  } else {
    // WebKitGTK 2.50 and older browsers have no Navigation API.
    listen('popstate', moved);
    patch('pushState');
    patch('replaceState');
  }
};
