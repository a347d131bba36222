// The visitor's answer, wire key `c`.

import type { Consent } from './api';
import { tell } from './engagement';
import { retryNow } from './send';
import { settings } from './settings';

/** What has waited for the answer moves on; and the answer is told now, since a withdrawal
 * must not depend on whether something else will happen on this page. */
export const consent = (state: Consent): void => {
  settings.consent = state;
  retryNow();
  if (__ENGAGEMENT__) tell();
};
