// Events written in HTML:
// <a data-mostik-event="Buy" data-mostik-prop-plan="pro" data-mostik-revenue="10.50 RUB">

import type { Props } from './api';

/** The nearest element of an event's way that `selector` fits, through shadow roots. */
export const nearest = (event: Event, selector: string): HTMLElement | undefined =>
  (event.composedPath() as HTMLElement[]).find((node) => node.matches?.(selector));

/** `data-prop-plan="pro"` with the prefix `data-prop-` is `{plan: "pro"}`. */
export const attributesAfter = (prefix: string, element: Element): Props => {
  const props: Props = {};
  for (const { name, value } of element.attributes) {
    const [, key] = name.split(prefix);
    if (key) props[key] = value;
  }
  return props;
};
