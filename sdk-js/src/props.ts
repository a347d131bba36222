// What a site says about an event, cut to the limits of the wire format: a long
// value is worth its beginning, while the collector would refuse the whole event.

import type { Props } from './api';

// Wire format v1, in characters.
const PROPS_MAX = 30;
/** All values together: what one alone may have. However they are encoded, an event
 * stays under the 16 KiB the collector reads. */
const VALUES_MAX = 2000;

export const fit = (props: Props): Props | undefined => {
  let kept: Props | undefined;
  let room = VALUES_MAX;
  for (const [key, value] of Object.entries(props).slice(0, PROPS_MAX)) {
    // Objects (null is one) and functions are refused by the collector.
    if (/^[snb]/.test(typeof value)) {
      const text = (value + '').slice(0, room);
      room -= text.length;
      // Without half characters: a lone surrogate is no JSON to a strict reader.
      (kept ||= {})[key] = text.replace(/\p{Cs}/gu, '');
    }
  }
  return kept;
};
