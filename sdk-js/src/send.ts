// Sending, and keeping what has not arrived: failed events, and those that wait for
// consent. In memory only; a persistent queue would store a visitor's doings on the
// device.
//
// `fetch` with `keepalive` outlives the page and, unlike `sendBeacon`, says when it
// failed and can leave cookies at home.

import type { EventOptions, Result, Unsent } from './api';
import { listen } from './listen';
import { mayCount } from './refusal';
import { settings } from './settings';

/** Events kept, at most. */
const HELD_MAX = 50;
/** Pause before the first new try; each further one is four times as long. */
const RETRY_MS = 5000;
/** New tries by the clock alone. More only when something has changed. */
const RETRIES_MAX = 4;
/** Too many requests, and the collector's own trouble. Lesser refusals are final. */
const RETRY_STATUS_MIN = 429;

/** Each sends its event again. */
const held: (() => void)[] = [];
let retries = 0;
/** The page's policy lets no `fetch` through: an image carries the event. */
let isForbidden = false;

const isPending = (): boolean => __CONSENT__ && settings.consent == 'pending';

/** Sends, if there is an event and it may be counted. Never throws, whatever the page has
 * done to `fetch`. The callback is called in every case, since sites navigate in it. */
export const send = async (
  event: Unsent,
  at: number,
  callback?: EventOptions['callback'],
): Promise<void> => {
  let result: Result | undefined;
  let isDone;
  if (event && mayCount()) {
    if (__RETRY__) {
      // When it happened, by the wall clock: it runs while a laptop sleeps, but may be set back.
      if (at) event.a = Math.max(0, Date.now() - at);
      else at = Date.now();
    }
    if (!isPending()) {
      // What was said before anyone agreed does not gain the mark, and a withdrawal marks all.
      if (__CONSENT__) event.c = { granted: event.c, denied: 0 as const }[settings.consent as 'denied'];
      try {
        result = await (__IMAGE__ && isForbidden
          ? Object.assign(new Image(), {
              crossOrigin: '', // that is `anonymous`: no cookies across sites here either
              src: settings.api + '?j=' + encodeURIComponent(JSON.stringify(event)),
            })
              .decode()
              .then(() => ({ status: 200 }))
          : fetch(settings.api as string, {
              method: 'POST',
              body: JSON.stringify(event), // sent as text/plain, which needs no preflight
              keepalive: true,
              credentials: 'omit',
            }));
        // Looked at here, since a replaced `fetch` may answer with nothing.
        isDone = (result!.status as number) < RETRY_STATUS_MIN;
      } catch (error) {
        result = { error };
      }
    }
    if (__RETRY__) {
      if (isDone) retryNow();
      else {
        if (held.length < HELD_MAX) held.push(() => send(event, at));
        if (retries < RETRIES_MAX) setTimeout(sendHeld, RETRY_MS * 4 ** retries++);
      }
    }
  }
  callback?.(result);
};

/** Sends the first; the next follows when that one has arrived. */
const sendHeld = (): void => {
  if (!isPending()) held.shift()?.();
};

/** Something has changed for the better. */
export const retryNow = (): void => {
  retries = 0;
  sendHeld();
};

/** Listens for what makes another try worthwhile; leaving the page is the last chance. */
export const watchConnection = (): void => {
  listen('online visibilitychange', retryNow);
  if (__IMAGE__) {
    listen('securitypolicyviolation', ({ blockedURI }: SecurityPolicyViolationEvent) => {
      // Where nothing is held, the policy only reports: the request has arrived.
      if (held.length && blockedURI == settings.api) {
        isForbidden = true;
        retryNow();
      }
    });
  }
};
