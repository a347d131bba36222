// Which feature is in which artefact, in the order the size table adds them up.

export const FEATURES = [
  ['FIT', 'props of every event, cut to fit'],
  ['GLOBS', 'include, exclude, mask'],
  ['ENGAGEMENT', 'engaged time, scroll depth'],
  ['LINKS', 'outbound links, downloads'],
  ['TAGGED', 'events in HTML'],
  ['FORMS', 'form submissions'],
  ['NOT_FOUND', '404 from the status'],
  ['RETRY', 'retry in memory'],
  ['CONSENT', 'consent, opt-out'],
  ['TRANSFORM', 'transform hook'],
  ['IMAGE', 'image where CSP forbids fetch'],
  ['VITALS', 'web vitals'],
];

const ALL = FEATURES.map(([name]) => name);

/** Limits are brotli, quality 11, in bytes: DESIGN section 10. The gzip limits, level 9,
 * only keep a change from trading one for the other. */
export const SCRIPTS = [
  { file: 'core.js', features: [], brotliBytesMax: 1150, gzipBytesMax: 1350 },
  { file: 'i.js', features: ALL.filter((name) => name !== 'VITALS'), brotliBytesMax: 2250, gzipBytesMax: 2580 },
  { file: 'i.vitals.js', features: ALL, brotliBytesMax: 2600, gzipBytesMax: 2980 },
  { file: 'ym.js', features: [], modules: ['ym'], brotliBytesMax: 400, gzipBytesMax: 480 },
  // Larger than the add-on's budget, and so a file of its own: only sites without the tag load it.
  { file: 'ym-replace.js', features: ['REPLACE'], modules: ['ym'], brotliBytesMax: 800, gzipBytesMax: 900 },
  // For sites that leave Plausible; outside the budgets of DESIGN.
  { file: 'compat.js', features: [], modules: ['compat'], brotliBytesMax: 850, gzipBytesMax: 1000 },
  // For the privacy page of a site.
  { file: 'optout.js', features: [], modules: ['optout'], brotliBytesMax: 600, gzipBytesMax: 700 },
];

export const PACKAGE = { file: 'mostik.mjs', features: [...ALL, 'VITALS_ASKED'] };

/** The last ones of one artefact alone. */
const FLAGS = [...ALL, 'VITALS_ASKED', 'REPLACE'];

/** esbuild's `define` for a set of features. */
export const define = (features) =>
  Object.fromEntries(FLAGS.map((name) => [`__${name}__`, String(features.includes(name))]));

/**
 * The order of the modules within a script, and of the letters that become its names. They mean
 * nothing to the code (only `tag` does anything when it runs, and it is last) but some 40 bytes
 * to brotli: found by `npm run pack`, which tries others.
 */
export const ORDER =
  'tagged listen event refusal consent vitals settings address start page globs navigation actions props engagement random send pageview'.split(' ');
export const LETTERS = 'efgdukawlq$bOxEWjYZDSmocVQTRH_yInptAJvrBhXKUiMFNPzCsLG';
