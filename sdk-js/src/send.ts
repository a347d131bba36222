// Sending, and keeping what has not arrived: failed events, and those that wait for
// consent. In memory only; a persistent queue would store a visitor's doings on the
// device.
//
// `fetch` with `keepalive` outlives the page and, unlike `sendBeacon`, says when it
// failed and can leave cookies at home.

import type { Consent, EventOptions, Result, Unsent, Wire } from './api';
import { isForbidden, sendImage, watchPolicy } from './image';
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

/** With the time each happened, in milliseconds of the wall clock, which runs while a laptop
 * sleeps. */
const held: [event: Wire, at: number][] = [];
let retries = 0;

const isPending = (): boolean => __CONSENT__ && settings.consent == 'pending';

/** Sends, if there is an event and it may be counted. Never throws, whatever the page has
 * done to `fetch`. The callback is called in every case, since sites navigate in it. */
export const send = async (
  event: Unsent,
  callback?: EventOptions['callback'],
  at = Date.now(),
): Promise<void> => {
  let result: Result = {};
  let isDone = false;
  if (event && mayCount()) {
    if (!isPending()) {
      // Withdrawn meanwhile, or never given.
      if (__CONSENT__ && settings.consent != 'granted') delete event.c;
      try {
        result = await (__IMAGE__ && isForbidden()
          ? sendImage(event)
          : fetch(settings.api as string, {
              method: 'POST',
              body: JSON.stringify(event), // sent as text/plain, which needs no preflight
              keepalive: true,
              credentials: 'omit',
            }));
        // Looked at here, since a replaced `fetch` may answer with nothing.
        isDone = (result.status as number) < RETRY_STATUS_MIN;
      } catch (error) {
        result = { error };
      }
    }
    if (__RETRY__) {
      if (isDone) retryNow();
      else {
        if (held.length < HELD_MAX) held.push([event, at]);
        if (retries < RETRIES_MAX) setTimeout(sendHeld, RETRY_MS * 4 ** retries++);
      }
    }
  }
  callback?.(result);
};

/** Sends the first; the next follows when that one has arrived. */
const sendHeld = (): void => {
  const first = !isPending() && held.shift();
  if (first) {
    first[0].a = Math.max(0, Date.now() - first[1]);
    void send(first[0], undefined, first[1]);
  }
};

/** Something has changed for the better. */
const retryNow = (): void => {
  retries = 0;
  sendHeld();
};

/** Listens for what makes another try worthwhile; leaving the page is the last chance. */
export const watchConnection = (): void => {
  listen('online visibilitychange', retryNow);
  if (__IMAGE__) watchPolicy(retryNow);
};

/** The visitor's answer: what has waited for it moves on. */
export const consent = (state: Consent): void => {
  settings.consent = state;
  retryNow();
};
