// The npm package: the same functions to import. Importing does nothing, on a server
// as in a browser; `init` begins.

import type { Consent, EventOptions, Mostik, Options, PageviewOptions } from './api';
import * as consenting from './consent';
import * as refusal from './refusal';
import * as running from './start';

const isBrowser = (): boolean => typeof document != 'undefined';

declare global {
  interface Window {
    /** Where the script tag is used; the npm module sets no global. */
    mostik?: Mostik;
  }
}

/** Begins. Does nothing on a server, without a domain, and the second time. */
export function init(options: Options): void {
  if (isBrowser()) running.init({ api: '/api/event', ...options });
}

/** Sends an event of the site's own. Waits for `init` if it comes before. */
export function track(name: string, options?: EventOptions): void {
  if (isBrowser()) running.track(name, options);
}

/** Counts a page view by hand: for `auto: false`, or a page the address bar does not show. */
export function pageview(options?: PageviewOptions): void {
  if (isBrowser()) running.show(options);
}

/** What the visitor said about passing goals on to Metrika. */
export function consent(state: Consent): void {
  if (isBrowser()) consenting.consent(state);
}

/** Counts nothing in this browser any more. Writes one flag to localStorage. */
export function optOut(): void {
  if (isBrowser()) refusal.optOut();
}

export function optIn(): void {
  if (isBrowser()) refusal.optIn();
}

export const isOptedOut = (): boolean => isBrowser() && refusal.isOptedOut();

export type {
  Consent,
  EventOptions,
  List,
  Mostik,
  Options,
  PageviewOptions,
  Props,
  PropValue,
  Result,
  Revenue,
  Switch,
  Unsent,
  Wire,
} from './api';
