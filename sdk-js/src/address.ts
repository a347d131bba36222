// The address as it may leave the page. What we would not keep is not sent:
// credentials, the fragment, and every query parameter the owner has not listed.

import type { List } from './api';
import { pattern } from './globs';
import { list, on, settings } from './settings';

/** Longest address the collector takes, in characters (wire format v1). */
const ADDRESS_MAX = 2000;

/** Undefined: no address at all. */
export const strip = (href: string): URL | void => {
  try {
    const url = new URL(href, location as unknown as URL);
    for (const [key] of [...url.searchParams]) {
      if (!(/^utm_/.test(key) || list('ref,source,' + settings.query).includes(key))) url.searchParams.delete(key);
    }
    // A fragment that routes may carry parameters of its own: `#/reset?token=…`.
    url.hash = on(settings.hash) ? url.hash.replace(/[?&=].*/, '') : '';
    url.username = url.password = '';
    return url;
  } catch {
    // No address.
  }
};

/** The same as text. Undefined also for a page of the site that is not to be counted. */
export const clean = (href: string): string | undefined => {
  const url = href && strip(href);
  if (!url) return;
  if (__GLOBS__ && url.host == location.host) {
    const fitting = (globs: List): string | undefined =>
      list(globs).find((glob) => pattern(glob).test(url.pathname + url.hash));
    if (!fitting(settings.include ?? '**') || fitting(settings.exclude)) return;
    const mask = fitting(settings.mask);
    if (mask) [url.pathname, url.hash = ''] = mask.split('#') as [string];
  }
  return url.href.slice(0, ADDRESS_MAX);
};
