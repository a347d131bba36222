// Page views: the first, single-page steps, returns from the back-forward cache.

import { clean } from './address';
import type { PageviewOptions } from './api';
import { resetEngagement } from './engagement';
import { record } from './event';
import { page } from './page';
import { random } from './random';
import { on, settings } from './settings';

/** Path of the page view in progress. */
let path: string;

const currentPath = (): string => location.pathname + (on(settings.hash) ? location.hash : '');

/** True when the address bar shows another page than the one counted. Queries do not count. */
export const hasMoved = (): boolean => path != currentPath();

/** `reached` is the wire's `nt`: how the visitor came to this page. */
export const pageview = (reached = 's', options: PageviewOptions = {}): void => {
  // A page from the back-forward cache has its own again. An uncounted page is never named.
  const referrer = options.referrer || (reached != 'c' && page.u) || document.referrer;
  page.pv = random();
  path = currentPath();
  page.u = record('pageview', options, { r: clean(referrer), nt: reached });
  if (__ENGAGEMENT__) resetEngagement();
};
