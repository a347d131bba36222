// What a site says about an event, cut to the limits of the wire format: a long
// value is worth its beginning, while the collector would refuse the whole event.

import type { Props } from './api';

/** Wire format v1. */
const PROPS_MAX = 30;
/** Characters of a value. The collector keeps 100 bytes of it; and however 30 such values
 * are encoded, an event stays under the 16 KiB it reads. */
const VALUE_MAX = 120;

export const fit = (props: Props): Props | undefined => {
  let kept: Props | undefined;
  for (const [key, value] of Object.entries(props).slice(0, PROPS_MAX)) {
    // Objects (null is one) and functions are refused by the collector.
    if (/^[snb]/.test(typeof value)) {
      // Without half characters: a lone surrogate is no JSON to a strict reader.
      (kept ||= {})[key] = (value + '').slice(0, VALUE_MAX).replace(/\p{Cs}/gu, '');
    }
  }
  return kept;
};
