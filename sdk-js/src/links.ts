// Links that leave the site or fetch a file.

import { strip } from './address';
import { record } from './event';
import { list, on, settings } from './settings';

/** Endings of files, as a pattern; `data-downloads="fb2,svg"` adds to them. */
const FILES = 'pdf|docx?|xlsx?|pptx?|csv|zip|rar|7z|exe|apk|dmg|mp[34]';

export const followed = (link: HTMLAnchorElement): void => {
  // Within SVG the address is an object.
  const url = strip((link.href as unknown as SVGAnimatedString).baseVal ?? link.href);
  const endings = [FILES, ...list(settings.downloads)].join('|');
  // Only what has a host is a place: not `mailto:`, `tel:`, `javascript:`.
  if (url?.host) {
    const name =
      on(settings.downloads) && (link.matches('[download]') || new RegExp(`\\.(${endings})$`, 'i').test(url.pathname))
        ? 'File Download'
        : on(settings.outbound) && url.host != location.host && 'Outbound Link: Click';
    if (name) record(name, { props: { url: url.href } });
  }
};
