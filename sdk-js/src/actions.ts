// One listener for clicks and submissions. What is both tagged and, say, an outbound
// link is told once, as the tag says.
//
// Of a form it is told that it was submitted, never what was in it. A form the browser
// finds invalid sends no `submit`, and neither does a script's `form.submit()`.

import { record } from './event';
import { followed } from './links';
import { listen } from './listen';
import { on, settings } from './settings';
import { nearest, readTag } from './tagged';

const acted = (event: MouseEvent | SubmitEvent): void => {
  const { button } = event as MouseEvent;
  const isSubmit = event.type == 'submit';
  const link = nearest(event, 'a[href]') as HTMLAnchorElement | undefined;
  const tag = __TAGGED__ && nearest(event, '[data-mostik-event]');
  // The middle button opens links and does nothing else; the right one, no more than a menu.
  if (button > 1 || (button && !link)) return;
  if (tag) {
    // A click within a tagged form is not yet its submission.
    if (isSubmit == tag.matches('form')) record(tag.dataset.mostikEvent as string, readTag(tag));
  } else if (isSubmit) {
    if (__FORMS__ && on(settings.forms)) record('Form: Submission');
  } else if (__LINKS__ && link) followed(link);
};

export const watchActions = (): void => listen('click auxclick submit', acted);
