// What a site may say to us, in types. Erased from every build.

/** Anything else in `props` (objects, functions, null) is left out. */
export type PropValue = string | number | boolean | null | undefined;
export type Props = Record<string, PropValue>;

export interface Revenue {
  /** A decimal. As a string it is sent untouched; a number is rounded to four decimals. */
  amount: number | string;
  /** ISO 4217, `RUB`. */
  currency: string;
}

export interface Result {
  status?: number;
  error?: unknown;
}

export interface EventOptions {
  props?: Props | undefined;
  revenue?: Revenue | undefined;
  /** `false`: the event alone does not keep a visit from being a bounce. */
  interactive?: boolean | undefined;
  /** The page it belongs to, if not the one in the address bar. May be relative. */
  url?: string | undefined;
  /** Called once in every case. Without a result: nothing was sent now (ignored, or held until consent is given). */
  callback?: ((result?: Result) => void) | undefined;
}

export interface PageviewOptions {
  props?: Props | undefined;
  url?: string | undefined;
  referrer?: string | undefined;
  callback?: ((result?: Result) => void) | undefined;
}

/** `granted`: events carry the mark that lets goals go on to Metrika. `pending`: they wait. */
export type Consent = 'granted' | 'denied' | 'pending';

/** On: `true`, `""` (an attribute without a value). Off: `false`, `"false"`, absent. */
export type Switch = boolean | string | undefined;
/** `["/a/*", "/b/**"]` or `"/a/*, /b/**"`. */
export type List = string | readonly string[] | undefined;

/**
 * One name per setting: `hash` here is `data-hash` on the script tag.
 */
export interface Options {
  /** The site as it is named in Mostik. */
  domain?: string | undefined;
  /** Where events go. Default: `/api/event` on the script's origin (npm: on the page's). */
  api?: string | undefined;
  /** `false`: no page view by itself, call `pageview()`. */
  auto?: Switch;
  /** `false`: no page views for `pushState`, `replaceState`, back and forward. */
  spa?: Switch;
  /** The fragment is part of the path. */
  hash?: Switch;
  /** Query parameters to keep besides `utm_*`, `ref` and `source`. */
  query?: List;
  /** Only these pages. */
  include?: List;
  /** Never these pages. */
  exclude?: List;
  /** Send the pattern in place of the path it matches. */
  mask?: List;
  /** Count clicks on links to other hosts. */
  outbound?: Switch;
  /** Count downloads; a list of endings adds to ours. */
  downloads?: boolean | List;
  /** Count form submissions. Never a field's value. */
  forms?: Switch;
  /** Send `404` when the server answered so. */
  404?: Switch;
  /** Measure web vitals. Of the package alone; with a tag the file decides. */
  vitals?: Switch;
  /** Consent before the visitor has said anything here. */
  consent?: Consent | undefined;
  /** Props of every page view and event. */
  props?: Props | undefined;
  /** Last word on what is sent: return it changed, or nothing to drop it. */
  transform?: ((event: Wire) => Unsent) | undefined;
  /** Count on localhost. */
  local?: Switch;
  /** Do not mark automated browsers: for tests. */
  bots?: Switch;
}

/** Milliseconds, but `cls`. */
export interface Vitals {
  lcp?: number | undefined;
  fcp?: number | undefined;
  ttfb?: number | undefined;
  inp?: number | undefined;
  cls?: number | undefined;
}

/** One event as it travels; README.md lists every key. */
export interface Wire {
  n: string;
  d: string;
  u: string;
  v: number;
  pv: string;
  x: string;
  r?: string | undefined;
  p?: Props | undefined;
  $?: { amount: number | string; currency: string } | undefined;
  i?: boolean | undefined;
  h?: 1 | undefined;
  e?: number | undefined;
  sd?: number | undefined;
  wv?: Vitals | undefined;
  a?: number | undefined;
  nt?: string | undefined;
  b?: number | undefined;
  c?: 0 | 1 | undefined;
}

/** What `transform` leaves, or nothing. */
export type Unsent = Wire | '' | null | undefined | void;

/** The global `mostik`. */
export interface Mostik {
  (name: string, options?: EventOptions): void;
  track(name: string, options?: EventOptions): void;
  pageview(options?: PageviewOptions): void;
  /** Once per page; later calls do nothing. */
  init(options: Options): void;
  /** Counts nothing in this browser any more. Writes one flag to localStorage. */
  optOut(): void;
  optIn(): void;
  isOptedOut(): boolean;
  consent(state: Consent): void;
}
