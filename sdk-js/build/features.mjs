// Which feature is in which artefact, in the order the size table adds them up.

export const FEATURES = [
  ['FIT', 'props cut to the limits'],
  ['GLOBS', 'include, exclude, mask'],
  ['ENGAGEMENT', 'engaged time, scroll depth'],
  ['LINKS', 'outbound links, downloads'],
  ['TAGGED', 'events in HTML'],
  ['FORMS', 'form submissions'],
  ['NOT_FOUND', '404 from the status'],
  ['RETRY', 'retry in memory'],
  ['CONSENT', 'consent state, holding'],
  ['IMAGE', 'image where CSP forbids fetch'],
  ['TRANSFORM', 'transform hook'],
];

const ALL = FEATURES.map(([name]) => name);

/** Limits are brotli, quality 11, in bytes: DESIGN section 10. */
export const SCRIPTS = [
  { file: 'core.js', features: [], brotliBytesMax: 1150 },
  { file: 'i.js', features: ALL, brotliBytesMax: 2250 },
];

export const PACKAGE = { file: 'mostik.mjs', features: ALL };

/** esbuild's `define` for a set of features. */
export const define = (features) =>
  Object.fromEntries(ALL.map((name) => [`__${name}__`, String(features.includes(name))]));
