// One listener for clicks and submissions: links that leave the site or fetch a file, forms,
// and tags. What is both tagged and, say, an outbound
// link is told once, as the tag says.
//
// Of a form it is told that it was submitted, never what was in it. A form the browser
// finds invalid sends no `submit`, and neither does a script's `form.submit()`.

import { strip } from './address';
import { record } from './event';
import { listen } from './listen';
import { list, on, settings } from './settings';
import { attributesAfter, nearest } from './tagged';

/** `data-downloads="fb2,svg"` adds to ours. */
const endings = (): RegExp =>
  new RegExp('\\.(' + ['pdf|(doc|xls|ppt)x?|csv|zip|rar|7z|exe|apk|dmg|mp[34]', ...list(settings.downloads)].join('|') + ')$', 'i');

const acted = (event: MouseEvent | SubmitEvent): void => {
  const { button } = event as MouseEvent;
  const isSubmit = event.type == 'submit';
  const link = nearest(event, 'a[href]') as HTMLAnchorElement | undefined;
  const tag = __TAGGED__ ? nearest(event, '[data-mostik-event]') : undefined;
  // The middle button opens links and does nothing else; the right one, no more than a menu.
  if (button > 1 || (button && !link)) return;
  if (tag) {
    const [amount, currency] = (tag.dataset.mostikRevenue + '').split(' ') as [string, any];
    // A click within a tagged form is not yet its submission.
    if (isSubmit == tag.matches('form')) {
      record(tag.dataset.mostikEvent as string, {
        props: attributesAfter('data-mostik-prop-', tag),
        revenue: currency && { amount, currency },
      });
    }
  } else if (isSubmit) {
    if (__FORMS__ && on(settings.forms)) record('Form: Submission');
  } else if (__LINKS__ && link) {
    // Within SVG the address is an object.
    const url = strip((link.href as unknown as SVGAnimatedString).baseVal ?? link.href);
    // Only what has a host is a place: not `mailto:`, `tel:`, `javascript:`.
    if (url?.host) {
      const name =
        on(settings.downloads) && (link.matches('[download]') || endings().test(url.pathname))
          ? 'File Download'
          : on(settings.outbound) && url.host != location.host && 'Outbound Link: Click';
      if (name) record(name, { props: { url: url.href } });
    }
  }
};

export const watchActions = (): void => listen('click auxclick submit', acted);
