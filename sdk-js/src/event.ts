// From a name and what the site says about it to one event on the wire.

import { clean } from './address';
import type { EventOptions, Unsent, Wire } from './api';
import { page } from './page';
import { fit } from './props';
import { random } from './random';
import { send } from './send';
import { on, settings } from './settings';

/** Number of this build's behaviour, wire key `v`. Plausible's are below 1000. */
const BUILD = 1000;
/** GoatCounter's number for a driven browser. Its others name browsers too old for this script. */
const WEBDRIVER = 153;

/** Makes the event and hands it on. Returns the address it carries; undefined: a page
 * that is not counted. */
export const record = (name: string, options: EventOptions = {}, extra: Partial<Wire> = {}): string | undefined => {
  const u = extra.u || clean(options.url || (location as unknown as string));
  let event: Unsent = u && {
    n: name,
    d: settings.domain as string,
    u,
    v: BUILD,
    pv: (page.pv ||= random()),
    x: random(),
    p: __FIT__ ? fit({ ...settings.props, ...options.props }) : options.props,
    $: options.revenue,
    i: options.interactive,
    h: on(settings.hash) ? 1 : undefined,
    // Taken back by send() unless consent has been given by then.
    ...(__CONSENT__ && ({ c: 1 } as const)),
    // Told, not dropped: the collector decides.
    b: navigator.webdriver && !on(settings.bots) ? WEBDRIVER : undefined,
    ...extra,
  };
  if (__TRANSFORM__ && event && settings.transform) event = settings.transform(event);
  void send(event, 0, options.callback);
  return u;
};
