// How long and how far a page was read. Both figures are totals of the page view, so
// a lost message costs only the tail and a repeated one nothing.
//
// Time runs while the page is visible and its window has the focus.

import { record } from './event';
import { listen } from './listen';
import { page } from './page';
import { readVitals } from './vitals';

/** A message for fewer new milliseconds is not worth it; the first always is. */
const WORTH_MS = 3000;
/** Also told this long after the view began: the message of a leaving page may be lost. */
const FIRST_TELL_MS = 10_000;
const SECOND_TELL_MS = 60_000;

let engagedMs = 0;
/** More than this is worth telling. */
let worthMs = 0;
/** Lowest edge seen, in CSS pixels: the page may grow, so the share is made when told. */
let bottom = 0;
/** When the clock was started; 0 while it stands. */
let since = 0;

// `| 0` makes a whole number of a fraction, and 0 where there is no document any more.
const percentSeen = (): number =>
  Math.min(100, (100 * bottom) / (document.scrollingElement?.scrollHeight as number) + 0.5 | 0);

/** Brings both figures up to date. Tells them, if they have grown enough, when the page
 * is left (on navigation `pagehide` comes first, while it is still visible) and when
 * called without an event. */
export const look = (event?: Event): void => {
  const now = performance.now();
  const leaves = event?.type == 'pagehide' || document.hidden;
  engagedMs += since && now - since;
  // Focus in an embedded video blurs the window, yet `hasFocus()` stays true.
  since = !leaves && document.hasFocus() ? now : 0;
  bottom = Math.max(bottom, scrollY + innerHeight);
  if (page.u && (leaves || !event) && engagedMs > worthMs) {
    worthMs = engagedMs + WORTH_MS;
    record('engagement', {}, {
      u: page.u,
      p: undefined,
      e: engagedMs | 0,
      sd: percentSeen(),
      ...(__VITALS__ && { wv: readVitals() }),
    });
  }
};

/** Tells the totals even if they have not grown enough. */
export const tell = (): void => {
  worthMs = 0;
  look();
};

/** For a new page view. */
export const resetEngagement = (): void => {
  look({} as Event); // starts the clock, tells nothing
  engagedMs = worthMs = bottom = 0;
  setTimeout(look, FIRST_TELL_MS);
  setTimeout(look, SECOND_TELL_MS);
};

export const watchEngagement = (): void =>
  listen('focus blur scroll visibilitychange pagehide', look);
