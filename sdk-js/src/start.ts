// From settings to a running script: once per page.
//
// Nothing leaves a page nobody has seen: a prerendered page and a tab opened in the
// background wait, and so does everything the site says meanwhile.

import { watchActions } from './actions';
import type { EventOptions, Options, PageviewOptions } from './api';
import { watchEngagement } from './engagement';
import { record } from './event';
import { listen } from './listen';
import { settle, watchNavigation } from './navigation';
import { pageview } from './pageview';
import { watchConnection } from './send';
import { on, settings } from './settings';
import { watchVitals } from './vitals';

/** What the site says meanwhile; 0 once the page has been seen. */
let waiting: (() => void)[] | 0 = [];

/** Runs `act` now, or once the page has been seen. */
const whenReady = (act: () => void): void => {
  if (waiting) waiting.push(act);
  else act();
};

type Prerendered = { prerendering?: boolean };

/** At the first moment the page is visible. A prerendered page is hidden, and becomes
 * visible on activation, just before `document.prerendering` turns false (Chromium 156). */
const begin = (event?: Event): void => {
  if (!waiting || document.hidden) return;
  const navigation = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
  if (on(settings.auto ?? true)) {
    pageview((document as Prerendered).prerendering ? 'p' : (navigation?.type || 'n')[0]);
    if (on(settings.spa ?? true)) watchNavigation();
    listen('pageshow', (event: PageTransitionEvent) => {
      if (event.persisted) pageview('c');
    });
  }
  if (__NOT_FOUND__ && on(settings[404]) && navigation?.responseStatus == 404) record('404', { interactive: false });
  // An event that comes first is the visitor's first look, or the prerendered page's.
  if (__VITALS__ && (!__VITALS_ASKED__ || on(settings.vitals)) && (!event || (document as Prerendered).prerendering)) watchVitals();
  if (__ENGAGEMENT__) watchEngagement();
  if (__LINKS__ || __TAGGED__) watchActions();
  if (__RETRY__) watchConnection();
  for (const act of waiting) act();
  waiting = 0;
};

/** Does nothing without a domain, and nothing once there is one. */
export const init = (options: Options): void => {
  if (!settings.domain) {
    Object.assign(settings, options);
    if (settings.domain) {
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

export const show = (options?: PageviewOptions): void => whenReady(() => pageview('s', options));
