// The address bar as the one place where "what am I looking at" is kept: a view
// is read from an address and written to one, and the two are inverse. What
// equals the default is left out, so a plain link stays short.

import {
  COMPARISONS, DIMENSIONS, GRAINS, METRICS, OPERATORS, PERIODS,
  type ChosenGrain, type Comparison, type Dimension, type Filter, type Metric, type Operator, type Period,
} from './contract';

/** The path under which a proxy serves the dashboard, `/stats`, or nothing: the server writes it into the page. */
export const BASE: string = globalThis.document?.documentElement.dataset.base ?? '';

/** What a link for others begins with. */
export const here = (): string => location.origin + BASE;

/** The tabs of each panel, first is the default. Phone shows one panel at a time. */
export const PANELS = {
  sources: ['channels', 'sources', 'campaigns'],
  pages: ['pages', 'entry', 'exit'],
  places: ['map', 'countries'],
  devices: ['browsers', 'systems', 'devices'],
  goals: ['goals', 'funnels', 'paths', 'events', 'properties'],
  actions: ['outbound', 'downloads', 'forms', 'notfound'],
  speed: ['page', 'device'],
} as const;
export type PanelName = keyof typeof PANELS;
export const PANEL_NAMES = Object.keys(PANELS) as PanelName[];
/** Those whose rows come with the overview; the others ask for themselves. */
export const FIRST_PANELS = PANEL_NAMES.slice(0, 5);

export interface View {
  period: Period;
  /** Both days inclusive, only with `custom`. */
  from: string | null;
  to: string | null;
  compare: Comparison;
  /** First day compared with, only with `custom`. */
  compareFrom: string | null;
  /** What a point of the chart stands for; null leaves it to the server. */
  grain: ChosenGrain | null;
  filters: Filter[];
  metric: Metric;
  tabs: Record<PanelName, string>;
  /** What the campaigns tab breaks down by. */
  campaign: Dimension;
  /** The panel a phone shows. */
  panel: PanelName;
  /** The full list lying over the page. */
  list: Dimension | 'speed' | 'paths' | null;
  /** What a tab or list is about: an event's name; and which of its properties. */
  of: string | null;
  property: string | null;
  /** The chart as a table. */
  table: boolean;
}

export type Route =
  | { page: 'home' }
  | { page: 'setup' }
  | { page: 'add_site' }
  | { page: 'account' }
  | { page: 'invitation' }
  | { page: 'password' }
  | { page: 'shared' }
  | { page: 'install' | 'metrika' | 'sharing' | 'goals'; site: number }
  | { page: 'overview'; site: number; view: View };

export const CAMPAIGN_DIMENSIONS: readonly Dimension[] = ['utm_campaign', 'utm_source', 'utm_medium', 'utm_content', 'utm_term'];

export const DEFAULT_VIEW: View = {
  period: '30d', from: null, to: null, compare: 'previous', compareFrom: null, grain: null, filters: [], metric: 'visitors',
  tabs: { sources: 'channels', pages: 'pages', places: 'map', devices: 'browsers', goals: 'goals', actions: 'outbound', speed: 'page' },
  campaign: 'utm_campaign', panel: 'sources', list: null, of: null, property: null, table: false,
};

function oneOf<T extends string>(allowed: readonly T[], text: string | null, otherwise: T): T {
  return allowed.find((item) => item === text) ?? otherwise;
}

export function isDay(text: string | null): text is string {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}

/** `%` and `|` are the only characters a value must hide: `|` joins values. */
const hide = (value: string) => value.replaceAll('%', '%25').replaceAll('|', '%7C');
const reveal = (value: string) => value.replaceAll(/%7C/gi, '|').replaceAll('%25', '%');

export function writeFilter(filter: Filter): string {
  return `${filter.dimension}:${filter.operator}:${filter.values.map(hide).join('|')}`;
}

export function readFilter(text: string): Filter | null {
  const match = /^([a-z_]+):([a-z_]+):([^]*)$/.exec(text);
  if (!match) return null;
  const dimension = DIMENSIONS.find((d) => d === match[1]);
  const operator = OPERATORS.find((o): o is Operator => o === match[2]);
  if (!dimension || !operator) return null;
  return { dimension, operator, values: (match[3] ?? '').split('|').map(reveal) };
}

/** The part of a view the server is asked about, as in docs/api.md. */
export function query(view: View): URLSearchParams {
  const params = new URLSearchParams({ period: view.period });
  if (view.period === 'custom' && view.from && view.to) {
    params.set('from', view.from);
    params.set('to', view.to);
  }
  params.set('compare', view.compare);
  if (view.compareFrom) params.set('compare_from', view.compareFrom);
  if (view.grain && view.period !== 'today' && view.period !== 'yesterday' && (view.from === null || view.from !== view.to)) params.set('grain', view.grain);
  for (const filter of view.filters) params.append('filter', writeFilter(filter));
  return params;
}

export function readView(search: string): View {
  const params = new URLSearchParams(search);
  const view: View = { ...DEFAULT_VIEW, tabs: { ...DEFAULT_VIEW.tabs } };
  view.period = oneOf<Period>([...PERIODS, 'realtime'], params.get('period'), DEFAULT_VIEW.period);
  if (view.period === 'custom') {
    const [from, to] = [params.get('from'), params.get('to')];
    // A custom period without both its days has no meaning; show the usual one.
    if (isDay(from) && isDay(to) && from <= to) [view.from, view.to] = [from, to];
    else view.period = DEFAULT_VIEW.period;
  }
  view.compare = oneOf(COMPARISONS, params.get('compare'), DEFAULT_VIEW.compare);
  if (view.compare === 'custom') {
    const first = params.get('compare_from');
    // Without its first day there is nothing to compare with.
    if (isDay(first)) view.compareFrom = first;
    else view.compare = DEFAULT_VIEW.compare;
  }
  view.grain = GRAINS.find((grain) => grain === params.get('grain')) ?? null;
  view.filters = params.getAll('filter').map(readFilter).filter((f): f is Filter => f !== null);
  view.metric = oneOf(METRICS, params.get('metric'), DEFAULT_VIEW.metric);
  for (const name of PANEL_NAMES) view.tabs[name] = oneOf<string>(PANELS[name], params.get(name), PANELS[name][0]);
  view.campaign = oneOf(CAMPAIGN_DIMENSIONS, params.get('campaign'), DEFAULT_VIEW.campaign);
  view.panel = oneOf(PANEL_NAMES, params.get('panel'), DEFAULT_VIEW.panel);
  view.list = [...DIMENSIONS, 'speed' as const, 'paths' as const].find((d) => d === params.get('list')) ?? null;
  view.of = params.get('of');
  view.property = params.get('property');
  view.table = params.get('table') === '1';
  return view;
}

export function writeView(view: View): string {
  const params = new URLSearchParams();
  const put = (name: string, value: string, usual: string) => value !== usual && params.set(name, value);
  put('period', view.period, DEFAULT_VIEW.period);
  if (view.period === 'custom' && view.from && view.to) {
    params.set('from', view.from);
    params.set('to', view.to);
  }
  put('compare', view.compare, DEFAULT_VIEW.compare);
  if (view.compare === 'custom' && view.compareFrom) params.set('compare_from', view.compareFrom);
  if (view.grain) params.set('grain', view.grain);
  for (const filter of view.filters) params.append('filter', writeFilter(filter));
  put('metric', view.metric, DEFAULT_VIEW.metric);
  for (const name of PANEL_NAMES) put(name, view.tabs[name], DEFAULT_VIEW.tabs[name]);
  put('campaign', view.campaign, DEFAULT_VIEW.campaign);
  put('panel', view.panel, DEFAULT_VIEW.panel);
  for (const name of ['list', 'of', 'property'] as const) if (view[name] !== null) params.set(name, view[name]);
  if (view.table) params.set('table', '1');
  // Slashes and colons are legal in a query and make a filter readable there.
  return params.toString().replaceAll('%2F', '/').replaceAll('%3A', ':');
}

/** While one looks through somebody's link: its address in place of the site's, secret and all. */
let link: { path: string; site: number; hash: string } | null = null;
export function lookThrough(at: { path: string; site: number; hash: string }): void {
  link = at;
}

export function readRoute(address: string, search: string): Route {
  if (link?.path === address) return { page: 'overview', site: link.site, view: readView(search) };
  const path = address.slice(BASE.length);
  if (/^\/(share|embed)\/\w+$/.test(path)) return { page: 'shared' };
  for (const page of ['account', 'invitation', 'password'] as const) if (path === `/${page}`) return { page };
  if (path === '/setup') return { page: 'setup' };
  if (path === '/sites/new') return { page: 'add_site' };
  const match = /^\/sites\/(\d{1,10})(?:\/(install|metrika|sharing|goals))?\/?$/.exec(path);
  if (!match) return { page: 'home' };
  const site = Number(match[1]);
  const page = match[2] as 'install' | 'metrika' | 'sharing' | 'goals' | undefined;
  return page ? { page, site } : { page: 'overview', site, view: readView(search) };
}

export function writeRoute(route: Route): string {
  switch (route.page) {
    case 'home': return `${BASE}/`;
    case 'setup': case 'account': case 'invitation': case 'password': return `${BASE}/${route.page}`;
    case 'shared': return location.pathname + location.hash;
    case 'add_site': return `${BASE}/sites/new`;
    case 'install': case 'metrika': case 'sharing': case 'goals': return `${BASE}/sites/${route.site}/${route.page}`;
    case 'overview': {
      const search = writeView(route.view);
      return `${link?.path ?? `${BASE}/sites/${route.site}`}${search && `?${search}`}${link?.hash ?? ''}`;
    }
  }
}
