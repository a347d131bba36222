// From settings to a running script: once per page.

import { watchActions } from './actions';
import type { EventOptions, Options, PageviewOptions } from './api';
import { watchEngagement } from './engagement';
import { record } from './event';
import { listen } from './listen';
import { settle, watchNavigation } from './navigation';
import { pageview } from './pageview';
import { hasBegun, ready, whenReady } from './ready';
import { watchConnection } from './send';
import { on, settings } from './settings';

/** The browser's account of how this document was reached. */
interface Navigation {
  type: string;
  responseStatus?: number;
}

/** At the first moment the page is visible. A prerendered page is hidden, and becomes
 * visible on activation, just before `document.prerendering` turns false (Chromium 156). */
const begin = (): void => {
  if (hasBegun() || document.visibilityState == 'hidden') return;
  const navigation = performance.getEntriesByType('navigation')[0] as Navigation | undefined;
  if (on(settings.auto ?? true)) {
    pageview({}, (document as { prerendering?: boolean }).prerendering ? 'p' : (navigation?.type || 'n')[0]);
    if (on(settings.spa ?? true)) watchNavigation();
    listen('pageshow', (event: PageTransitionEvent) => {
      if (event.persisted) pageview({}, 'c');
    });
  }
  if (__NOT_FOUND__ && on(settings[404]) && navigation?.responseStatus == 404) record('404', { interactive: false });
  if (__ENGAGEMENT__) watchEngagement();
  if (__LINKS__ || __TAGGED__) watchActions();
  if (__RETRY__) watchConnection();
  ready();
};

let started = false;

/** Does nothing without a domain, and nothing once it has begun. */
export const init = (options: Options): void => {
  if (!started) {
    Object.assign(settings, options);
    started = !!settings.domain;
    if (started) {
      listen('visibilitychange', begin);
      begin();
    }
  }
};

export const track = (name: string, options?: EventOptions): void =>
  whenReady(() => {
    settle(); // the event belongs to the page now shown
    record(name, options);
  });

export const show = (options?: PageviewOptions): void => whenReady(() => pageview(options));
