// What the fixture's visitors did, and how fast its pages were, in the shapes of docs/api.md.

const PROPERTIES = {
  'Outbound Link: Click': { url: ['https://t.me/lampa', 'https://vk.com/lampa', 'https://wildberries.example/lampa', ...Array.from({ length: 14 }, (_, i) => `https://shop-${i + 1}.example/lamp`)] },
  'File Download': { url: ['https://lampa.example/files/catalog-2026.pdf', 'https://lampa.example/files/price.xlsx'] },
  order: { plan: ['basic', 'pro', 'team'], delivery: ['courier', 'pickup'] },
};
const PAGES = { '404': ['/old/', '/catalog/removed/'], 'Form: Submission': ['/contacts/', '/'] };

const rowsOf = (values) => values.map((value, i) => ({ value, visitors: Math.round(240 / (i + 1)), events: Math.round(310 / (i + 1)) }));

/** A breakdown under a filter on one of these events; null for all others. */
export function acted(params, declared) {
  const filters = params.getAll('filter');
  const event = filters.map((text) => /^event:is:(.*)$/.exec(text)?.[1]).find((name) => name && (name in PROPERTIES || name in PAGES));
  const dimension = params.get('dimension');
  const search = (params.get('search') ?? '').toLowerCase();
  let rows = null;
  if (dimension === 'property') {
    const of = PROPERTIES[event] ?? {};
    const names = Object.keys(of).filter((name) => (params.get('property') ?? name) === name && (name !== 'url' || declared.includes('url')));
    rows = names.flatMap((name) => rowsOf(of[name].map((value) => `${name}=${value}`)));
  } else if (dimension === 'page' && event in PAGES) rows = rowsOf(PAGES[event]);
  if (rows === null) return null;
  const found = rows.filter((row) => row.value.toLowerCase().includes(search));
  return { rows: found.slice(0, Number(params.get('limit'))), total: found.length, ...(event === '404' ? { hidden: 3 } : {}) };
}

const figure = (p75, good, poor, good_ratio, poor_ratio) => ({ p75, views: 18_204, good_ratio, poor_ratio, rating: p75 <= good ? 'good' : p75 <= poor ? 'middling' : 'poor' });
const figures = (k) => ({
  lcp: figure(2100 * k, 2500, 4000, 0.79 / k, 0.06 * k),
  inp: figure(164 * k, 200, 500, 0.82 / k, 0.04 * k),
  cls: figure(0.04 * k * k, 0.1, 0.25, 0.88 / k, 0.03 * k),
  fcp: figure(1450 * k, 1800, 3000, 0.81 / k, 0.05 * k),
  ttfb: figure(620 * k, 800, 1800, 0.84 / k, 0.03 * k),
});

export function speed(params, { quiet = false } = {}) {
  if (quiet) return { overall: {}, views: 0, rows: [], total: 0 };
  if (params.getAll('filter').some((text) => /^(goal|entry|exit|event|property):/.test(text))) return { overall: {}, views: 0, rows: [], total: 0, unavailable: true };
  const values = params.get('by') === 'device' ? ['mobile', 'desktop', 'tablet'] : ['/', '/catalog/lamps/', '/blog/kak-vybrat-nastolnuyu-lampu-dlya-rabochego-stola-i-ne-pozhalet/', '/delivery/', '/about/', '/cart/', '/catalog/sale/', '/blog/'];
  const rows = values.map((value, i) => ({ value, views: Math.round(9_000 / (i + 1)), ...figures([1, 1.3, 0.8, 2.6, 1.1, 1.6, 0.7, 1.2][i]) })).filter((row) => row.value.includes(params.get('search') ?? ''));
  return { overall: figures(1.25), views: 18_204, rows, total: rows.length, ...(params.get('by') === 'device' ? {} : { hidden: 12 }) };
}

const WAYS = [['/', '/catalog/lamps/', '/cart/'], [], ['/catalog/lamps/bridge-2/', '/cart/'], ['/blog/kak-vybrat-nastolnuyu-lampu-dlya-rabochego-stola-i-ne-pozhalet/', '/catalog/lamps/', '/catalog/lamps/bridge-2/', '/delivery/', '/cart/'], ['/cart/']];

/** The paths to a goal; a second goal has more of them than are shown at first. */
export function ways(params) {
  if (params.getAll('filter').length) return { visitors: 0, paths: [], other: 0, unavailable: true };
  const goal = params.get('goal');
  const all = goal === 'Звонок' ? Array.from({ length: 12 }, (_, i) => ['/contacts/', `/catalog/item-${i + 1}/`]) : WAYS;
  const paths = all.map((pages, i) => ({ pages, visitors: Math.round(204 / (i + 1)) }));
  const other = 87;
  return { visitors: paths.reduce((sum, path) => sum + path.visitors, other), paths, other, ...(goal === 'Звонок' ? { undecided_days: 4 } : {}) };
}
