// The script tag: settings from its attributes and from the stub, then the global.

import type { Mostik, Options } from './api';
import { consent } from './consent';
import { isOptedOut, optIn, optOut } from './refusal';
import { init, show, track } from './start';
import { attributesAfter } from './tagged';

/** What the stub has gathered, or an earlier copy of this script has left. */
interface Before {
  /** Calls, each the `arguments` of one. */
  q?: Parameters<typeof track>[];
  /** Settings given to `init`. */
  o?: Options;
  /** Endpoint and site of the copy that runs. */
  l?: string;
}

// A module script does not know itself; an empty element has nothing to say either.
const script = (document.currentScript || new Image()) as HTMLScriptElement;
const before: Before = (window as { mostik?: Before }).mostik || {};
const options: Options = {
  // An inlined script has no origin of its own; then it is the page's.
  api: new URL('/api/event', script.src || document.baseURI).href,
  ...script.dataset,
  ...(__TAGGED__ && { props: attributesAfter('data-prop-', script) }),
  ...before.o,
};
const running = (options.api as string) + options.domain;

// Frameworks insert scripts twice; two sites on one page are fine.
if (before.l != running) {
  (window as { mostik?: Partial<Mostik> }).mostik = Object.assign(track, {
    l: running,
    track,
    pageview: show,
    init,
    ...(__CONSENT__ && { consent, optOut, optIn, isOptedOut }),
  });
  init(options);
  for (const call of before.q || []) track(...call);
}
