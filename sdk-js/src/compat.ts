// The add-on for sites that speak to Plausible's script: its global, the options of its
// `init`, and its class names. Stands before the tag of `i.js`.

import type { EventOptions, Mostik, Options, Wire } from './api';
import { listen } from './listen';

/** Plausible's stub, or its script. */
interface Plausible {
  (name: string, options?: EventOptions & { u?: string }): void;
  init(options?: Theirs): void;
  q?: ArrayLike<unknown>[];
  o?: Theirs;
  l?: unknown;
}

/** The options of its `init`, as of 0.4.6. */
interface Theirs extends Record<string, any> {
  customProperties?: Record<string, string> | ((name: string) => Record<string, string>);
  transformRequest?: Options['transform'];
}

const globals = window as unknown as {
  mostik: Mostik & { q?: IArguments[]; o?: Options };
  plausible: Plausible;
};

/** Their name, ours. */
const NAMES = [
  ['domain', 'domain'],
  ['endpoint', 'api'],
  ['autoCapturePageviews', 'auto'],
  ['hashBasedRouting', 'hash'],
  ['outboundLinks', 'outbound'],
  ['fileDownloads', 'downloads'],
  ['formSubmissions', 'forms'],
  ['captureOnLocalhost', 'local'],
] as const;

const translated = (theirs: Theirs): Options => {
  const ours: Record<string, any> = {};
  for (const [name, own] of NAMES) if (name in theirs) ours[own] = theirs[name]?.fileExtensions || theirs[name];
  const { customProperties: props, transformRequest } = theirs;
  ours.transform = (event: Wire) => {
    const more = typeof props == 'function' ? props(event.n) : props;
    if (more) event.p = { ...more, ...event.p };
    return transformRequest ? transformRequest(event) : event;
  };
  return ours;
};

const theirs = (globals.plausible || {}) as Plausible;
// Their own script runs here: that is its business.
if (!theirs.l) {
  globals.mostik ||= function () {
    (globals.mostik.q ||= []).push(arguments);
  } as never;
  globals.mostik.init ||= (options) => {
    globals.mostik.o = options;
  };
  const plausible = ((name, { u, ...options } = {}) => {
    const own = { url: u, ...options };
    // A view told before our script has come is an event of that name.
    if (name == 'pageview' && globals.mostik.pageview) globals.mostik.pageview(own);
    else globals.mostik(name, own);
  }) as Plausible;
  plausible.init = (options = {}) => globals.mostik.init(translated(options));
  plausible.l = 1;
  globals.plausible = plausible;
  if (theirs.o) plausible.init(theirs.o);
  for (const call of theirs.q || []) plausible(...(Array.from(call) as [string]));
}

/** `plausible-event-name=Sign+Up` and `plausible-event-name--Sign+Up` as an attribute of ours. */
listen('click auxclick submit', (event: Event) => {
  for (const node of event.composedPath() as Element[]) {
    for (const [, key = '', value = ''] of `${node.getAttribute?.('class')}`.matchAll(/plausible-event-([\w-]+?)(?:=|--)(\S+)/g)) {
      node.setAttribute(`data-mostik-${key == 'name' ? 'event' : `prop-${key}`}`, value.replace(/\+/g, ' '));
    }
  }
});
