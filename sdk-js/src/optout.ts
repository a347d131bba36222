// The add-on for a site's own privacy page: `<button data-mostik-optout></button>` switches
// counting off in this browser, and on again. Works alone; where `i.js` runs too, it is told.

import type { Mostik } from './api';
import { listen } from './listen';
import { isOptedOut, optIn, optOut } from './refusal';

const alone = { isOptedOut, optIn, optOut };

/** `i.js` remembers the wish for its page: it is asked and told where it runs. */
const counting = (): typeof alone => {
  const { mostik } = window as unknown as { mostik?: Mostik };
  return mostik?.isOptedOut ? mostik : alone;
};

const WORDS = {
  en: ['Do not count my visits', 'Count my visits again', 'Not counted: your browser asks for it'],
  ru: ['Не считать мои посещения', 'Снова считать мои посещения', 'Не считаем: так просит ваш браузер'],
};

const show = (button: HTMLButtonElement): void => {
  const words = WORDS[/^ru/.test(document.documentElement.lang) ? 'ru' : 'en'];
  const asks = (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl;
  const out = counting().isOptedOut();
  button.disabled = !!asks;
  button.textContent = words[asks ? 2 : +out]!;
};

const BUTTONS = '[data-mostik-optout]';

const showAll = (): void => document.querySelectorAll<HTMLButtonElement>(BUTTONS).forEach(show);

listen('click', ({ target }: Event) => {
  if ((target as Element).closest?.(BUTTONS)) {
    const { isOptedOut, optIn, optOut } = counting();
    (isOptedOut() ? optIn : optOut)();
    showAll();
  }
});
if (document.readyState == 'loading') listen('DOMContentLoaded', showAll);
else showAll();
