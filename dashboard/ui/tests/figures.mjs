// A made-up site's figures in the shapes of docs/api.md: the same every time,
// big enough that long names, many rows and small shares show.

/** The present of the fixture: a Monday afternoon in Moscow. */
export const NOW = '2026-11-23T14:05:00+03:00';
const TODAY = '2026-11-23';

const day = (date, days) => new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** Repeatable noise in 0..1. */
function noise(seed) {
  let x = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

function span(period, params) {
  const monthStart = `${TODAY.slice(0, 7)}-01`;
  switch (period) {
    case 'today': return [TODAY, TODAY];
    case 'yesterday': return [day(TODAY, -1), day(TODAY, -1)];
    case '7d': return [day(TODAY, -6), TODAY];
    case '91d': return [day(TODAY, -90), TODAY];
    case 'month': return [monthStart, TODAY];
    case 'last_month': return ['2026-10-01', '2026-10-31'];
    case '12mo': return ['2025-12-01', TODAY];
    case 'year': return ['2026-01-01', TODAY];
    case 'custom': return [params.get('from'), params.get('to')];
    default: return [day(TODAY, -29), TODAY];
  }
}

function buckets(from, to) {
  const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;
  if (days === 1) return ['hour', Array.from({ length: 24 }, (_, h) => `${from}T${String(h).padStart(2, '0')}`)];
  if (days <= 100) return ['day', Array.from({ length: days }, (_, i) => day(from, i))];
  const months = [];
  for (let m = from.slice(0, 7); m <= to.slice(0, 7); m = day(`${m}-01`, 32).slice(0, 7)) months.push(m);
  return ['month', months];
}

function visitorsAt(at, grain, seed) {
  if (grain === 'hour') {
    const hour = Number(at.slice(11));
    const base = 6 + 46 * Math.max(0, Math.sin(((hour - 5) / 20) * Math.PI));
    return Math.round(base * (0.8 + 0.4 * noise(hour * 31 + seed)));
  }
  const days = Math.round(Date.parse(grain === 'month' ? `${at}-15` : at) / 86_400_000);
  const week = [0.98, 1.1, 1.14, 1.12, 1.02, 0.74, 0.7][new Date(days * 86_400_000 - 86_400_000).getUTCDay()];
  const trend = 300 + (days - 20_400) * 0.75;
  const spike = at === '2026-11-12' ? 1.7 : at === '2026-11-13' ? 1.3 : 1;
  return Math.round(trend * (grain === 'month' ? 30 : week) * spike * (0.9 + 0.2 * noise(days + seed)));
}

const SERIES = ['visitors', 'visits', 'views', 'views_per_visit', 'bounce_ratio', 'duration_seconds', 'engaged_seconds', 'conversion_ratio'];

function seriesOf(at, grain, seed, portion) {
  const visitors = at.map((a) => Math.round(visitorsAt(a, grain, seed) * portion));
  const visits = visitors.map((v, i) => Math.round(v * (1.24 + 0.08 * noise(i + seed))));
  const views = visits.map((v, i) => Math.round(v * (2.45 + 0.4 * noise(i * 3 + seed))));
  const when = (n, value) => (n > 0 ? value : null);
  return {
    visitors, visits, views,
    views_per_visit: visits.map((v, i) => when(v, views[i] / v)),
    bounce_ratio: visits.map((v, i) => when(v, 0.34 + 0.08 * noise(i * 5 + seed))),
    duration_seconds: visits.map((v, i) => when(v, 120 + 34 * noise(i * 7 + seed))),
    engaged_seconds: visits.map((v, i) => when(v, 58 + 22 * noise(i * 11 + seed))),
    conversion_ratio: visits.map((v, i) => when(v, 0.05 + 0.03 * noise(i * 13 + seed))),
  };
}

const sum = (values) => values.reduce((a, b) => a + (b ?? 0), 0);
const mean = (values) => { const known = values.filter((v) => v !== null); return known.length ? sum(known) / known.length : null; };
function totals(series) {
  const visits = sum(series.visits);
  return {
    visitors: sum(series.visitors), visits, views: sum(series.views),
    views_per_visit: visits ? sum(series.views) / visits : null,
    bounce_ratio: mean(series.bounce_ratio), duration_seconds: mean(series.duration_seconds), engaged_seconds: mean(series.engaged_seconds), conversion_ratio: mean(series.conversion_ratio),
  };
}

/** name → share of all visitors, greatest first; `more` tells how many smaller rows follow. */
const SHARES = {
  channel: { search: 0.421, direct: 0.214, social: 0.121, messenger: 0.082, ai: 0.064, referral: 0.049, ad: 0.028, email: 0.014, recommend: 0.007 },
  source: { Яндекс: 0.262, Google: 0.141, '': 0.214, Telegram: 0.078, VK: 0.071, ChatGPT: 0.041, 'habr.com': 0.038, YouTube: 0.022, 'Яндекс Дзен': 0.017, DuckDuckGo: 0.012, Perplexity: 0.009, Bing: 0.008 },
  referrer: { 'yandex.ru': 0.21, 'google.com': 0.12, 't.me': 0.07 },
  utm_campaign: { autumn_sale_2026: 0.061, 'telegram-posts': 0.043, newsletter_november: 0.024, retargeting: 0.012 },
  utm_source: { telegram: 0.05, mailing: 0.03 }, utm_medium: { cpc: 0.06, social: 0.04 }, utm_content: {}, utm_term: {},
  page: { '/': 0.412, '/catalog/lamps/': 0.204, '/blog/kak-vybrat-nastolnuyu-lampu-dlya-rabochego-stola-i-ne-pozhalet/': 0.162, '/delivery/': 0.118, '/about/': 0.083, '/cart/': 0.071, '/catalog/lamps/bridge-2/': 0.063, '/blog/': 0.052, '/contacts/': 0.041, '/catalog/sale/': 0.037 },
  entry: { '/': 0.362, '/blog/kak-vybrat-nastolnuyu-lampu-dlya-rabochego-stola-i-ne-pozhalet/': 0.152, '/catalog/lamps/': 0.131, '/catalog/lamps/bridge-2/': 0.048, '/blog/': 0.032 },
  exit: { '/': 0.221, '/delivery/': 0.152, '/cart/': 0.091, '/contacts/': 0.071 },
  country: { RU: 0.681, KZ: 0.074, BY: 0.061, DE: 0.042, US: 0.031, GE: 0.018, UZ: 0.014, RS: 0.012, AM: 0.011, TR: 0.009, NL: 0.007, KG: 0.006, FI: 0.005, PL: 0.004, IL: 0.004, FR: 0.003, GB: 0.003, ZZ: 0.003, SG: 0.002, IN: 0.001, BR: 0.001, CN: 0.001, CA: 0.001, AU: 0.0006, AR: 0.0004, ES: 0.001, IT: 0.001 },
  browser: { Chrome: 0.431, 'Яндекс Браузер': 0.232, Safari: 0.172, Firefox: 0.061, Edge: 0.034, 'Samsung Internet': 0.028, Opera: 0.019, 'MIUI Browser': 0.008, '': 0.004 },
  os: { Android: 0.362, Windows: 0.318, iOS: 0.171, macOS: 0.094, Linux: 0.038, ChromeOS: 0.006, '': 0.002 },
  device: { mobile: 0.531, desktop: 0.442, tablet: 0.024, tv: 0.002, unknown: 0.001 },
  event: { order: 0.0312, call: 0.0211, subscribe: 0.0184, catalog_pdf: 0.0061 },
  goal: { 'Заказ оформлен': 0.0312, 'Звонок': 0.0211, 'Подписка на рассылку': 0.0184, 'catalog_pdf': 0.0061 },
  host: { 'lampa.example': 0.98, 'm.lampa.example': 0.02 },
};
const MORE = { page: 203, source: 41, referrer: 38, entry: 131, exit: 118, utm_campaign: 0 };

export function rowsOf(dimension, whole) {
  const shares = { ...SHARES[dimension] };
  for (let i = 1; i <= (MORE[dimension] ?? 0); i += 1) shares[dimension === 'source' || dimension === 'referrer' ? `blog-${i}.example` : `/catalog/item-${i}/`] = 0.03 / (i + 1);
  const visits = dimension === 'entry' || dimension === 'exit';
  return Object.entries(shares)
    .map(([value, share]) => {
      const n = Math.round(whole[visits ? 'visits' : 'visitors'] * share);
      if (visits) return { value, visits: n };
      if (dimension === 'event') return { value, visitors: n, events: Math.round(n * 1.2) };
      if (dimension === 'goal') return { value, visitors: n, visits: Math.round(n * 1.1), events: Math.round(n * 1.2) };
      return { value, visitors: n, visits: Math.round(n * 1.3), views: Math.round(n * 2.7) };
    })
    .filter((row) => (row.visits ?? row.visitors) > 0)
    .sort((a, b) => (b.visitors ?? b.visits) - (a.visitors ?? a.visits));
}

/** What the owner of the fixture has declared, in the shapes of docs/api.md. */
export const DECLARED = {
  goals: [
    { id: 1, title: 'Заказ оформлен', rule: { what: { page: '/cart/thanks/' }, props: [] }, value: null },
    { id: 2, title: 'Звонок', rule: { what: { event: 'call' }, props: [{ name: 'from', op: 'is', values: ['header', 'footer'] }] }, value: { amount_e4: 5_000_000, currency: 'RUB' } },
  ],
  funnels: [{ id: 1, title: 'От каталога до заказа', steps: [{ what: { page: '/catalog/*' }, props: [] }, { what: { page: '/cart/' }, props: [] }, { what: { event: 'order' }, props: [] }] }],
};

function funnel(visits) {
  const [{ id, title, steps }] = DECLARED.funnels;
  return { id, title, steps: steps.map((rule, i) => ({ rule, visits: Math.round(visits * [0.41, 0.12, 0.03][i]) })), undecided_days: 4 };
}

/** @param {URLSearchParams} params @param {{ scale?: number, extra?: number }} how */
export function overview(params, { scale = 1, extra = 0 } = {}) {
  const [from, to] = span(params.get('period'), params);
  const [grain, at] = buckets(from, to);
  const open = to >= TODAY;
  const filters = params.getAll('filter');
  const portion = scale * 0.4 ** filters.length;
  const now = NOW.slice(0, { hour: 13, day: 10, month: 7 }[grain]);
  const series = seriesOf(at, grain, 1, portion);
  for (const name of SERIES) series[name] = series[name].map((v, i) => (at[i] > now ? (null) : at[i] === now && v !== null && ['visitors', 'visits', 'views'].includes(name) ? Math.round(v * 0.58) + extra : v));
  const compare = params.get('compare') ?? 'none';
  const back = compare === 'year' ? 364 : Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;
  const [cfrom, cto] = [day(from, -back), day(to, -back)];
  const before = compare === 'none' ? null : seriesOf(buckets(cfrom, cto)[1], grain, 7, portion);
  const whole = totals(series);
  const until = before && grain === 'hour' && open ? `${cfrom}${now.slice(10)}` : null;
  const passed = until ? 15 : undefined;
  const then = before && totals(Object.fromEntries(SERIES.map((m) => [m, before[m].slice(0, passed)])));
  const metrics = Object.fromEntries(SERIES.map((m) => [m, { value: whole[m], previous: then ? then[m] : null }]));
  const panels = Object.fromEntries(Object.keys(SHARES).map((d) => {
    const rows = rowsOf(d, whole);
    return [d, { rows: rows.slice(0, 9), total: rows.length }];
  }));
  const refused = whole.visitors === 0 ? [] : [{ reason: 'bot', n: 811 }, { reason: 'gpc', n: 302 }, { reason: 'dnt', n: 64 }, { reason: 'unknown_host', n: 27 }];
  const stored = whole.views;
  return {
    period: { from, to, grain, today: TODAY, now: NOW, compare_from: before ? cfrom : null, compare_to: before ? cto : null, compare_until: until },
    metrics, series: { at, ...series, previous: before }, panels, funnels: [funnel(whole.visits)],
    ...(filters.some((f) => f.startsWith('goal:')) ? { undecided_days: 4 } : {}),
    bounce_elsewhere: { metrika: 0.214, ga4: 0.187 },
    balance: { received: stored + sum(refused.map((r) => r.n)), stored, refused, waiting: 0 },
    unfinished_from: open ? now : null,
    counting: { visitors: filters.length > 1 ? 'about' : 'exact', visits: 'exact' },
  };
}

export function breakdown(params, how) {
  const whole = Object.fromEntries(Object.entries(overview(params, how).metrics).map(([m, { value }]) => [m, value]));
  const search = (params.get('search') ?? '').toLowerCase();
  const rows = rowsOf(params.get('dimension'), whole).filter((row) => row.value.toLowerCase().includes(search));
  const offset = Number(params.get('offset') ?? 0);
  return { rows: rows.slice(offset, offset + Number(params.get('limit'))), total: rows.length };
}
