// Who is not counted: decided here, in the browser, before anything is sent.

import { on, settings } from './settings';

// The one name ever written to the device is `mostik_ignore`, and only by `optOut()`.

/** Where storage is blocked the wish holds for this page at least. */
let optedOut = false;

export const isOptedOut = (): boolean => {
  try {
    optedOut ||= localStorage.mostik_ignore == 'true';
  } catch {
    // Blocked storage has no flag.
  }
  return optedOut;
};

const remember = (out: boolean): void => {
  optedOut = out;
  try {
    if (out) localStorage.mostik_ignore = out;
    else delete localStorage.mostik_ignore;
  } catch {
    // See `optedOut`.
  }
};

export const optOut = (): void => remember(true);
export const optIn = (): void => remember(false);

/** Global Privacy Control is obeyed without asking the owner. (Do Not Track travels as a
 * header, and the collector obeys it.) */
export const mayCount = (): boolean =>
  (on(settings.local) || !/^[fn]|\/localhost|\/127|\/\[/.test(location.origin)) &&
  !(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl &&
  !isOptedOut();
