// One panel: tabs, nine rows with a bar behind each, and the way to the full
// list. A click on a row filters the page by it, a second click undoes it.

import type { ComponentChildren } from 'preact';
import type { Dimension, Overview, Row, Site } from './contract';
import { count, exactCount, share } from './format';
import { isChosen, toggled } from './filters';
import { goalsPart } from './goals-later';
import { language, t, type Key } from './i18n';
import { morePart } from './more-later';
import { over } from './over-later';
import { addressOf, go, show, siteId, view } from './route';
import { CAMPAIGN_DIMENSIONS, PANELS, writeRoute, type PanelName } from './url';
import { nameOf } from './words';
import { Geography } from './map';

/** Rows a panel shows; also the height it keeps when it has fewer. */
const ROWS = 9;

const SHOWN: Record<string, Dimension> = {
  channels: 'channel', sources: 'source', pages: 'page', entry: 'entry', exit: 'exit',
  map: 'country', countries: 'country', browsers: 'browser', systems: 'os', devices: 'device', goals: 'goal', funnels: 'goal', events: 'event', properties: 'event', paths: 'goal',
};

export function dimensionOf(name: PanelName): Dimension {
  const tab = view.value.tabs[name];
  return tab === 'campaigns' ? view.value.campaign : SHOWN[tab] ?? 'page';
}

/** Goals and events are counted in times and visitors, and what matters is how many of all did it. */
export const isReached = (dimension: Dimension) => dimension === 'goal' || dimension === 'event' || dimension === 'property';

/** Entry and exit pages are counted in visits, everything else in visitors. */
export const measureOf = (dimension: Dimension): 'visits' | 'visitors' => (dimension === 'entry' || dimension === 'exit' ? 'visits' : 'visitors');

export function follow(event: MouseEvent, act: () => void) {
  // A new tab or window is the browser's business.
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  act();
}

function Line({ dimension, row, whole }: { dimension: Dimension; row: Row; whole: number | null }) {
  const lang = language.value;
  const name = nameOf(dimension, row.value);
  const n = row[measureOf(dimension)] ?? null;
  const ratio = n !== null && whole ? n / whole : null;
  const chosen = isChosen(view.value.filters, dimension, row.value);
  const change = { filters: toggled(view.value.filters, dimension, row.value) };
  const goal = isReached(dimension);
  return (
    <li>
      <a class={`row${chosen ? ' chosen' : ''}`} href={addressOf(change)} data-row={row.value} data-value={n ?? ''}
        title={t(chosen ? 'panel.unfilter' : 'panel.filter_by', { value: name })} aria-current={chosen ? 'true' : undefined}
        onClick={(event) => follow(event, () => show(change))}>
        <span class="bar" style={{ width: `${Math.min(1, ratio ?? 0) * 100}%` }} />
        <span class="what">
          {dimension === 'country' && <span class="code">{row.value}</span>}
          {name}
        </span>
        {goal && <span class="n extra">{exactCount(lang, row.events ?? null)}</span>}
        {ratio !== null && <span class={goal ? 'n extra' : 'ratio'}>{share(lang, ratio)}</span>}
        <span class="n" title={exactCount(lang, n)}>{count(lang, n)}</span>
      </a>
    </li>
  );
}

function Nothing({ dimension }: { dimension: Dimension }) {
  const filtered = view.value.filters.length > 0;
  const of = dimension.startsWith('utm_') ? 'campaign' : dimension === 'event' ? 'event' : null;
  if (of && !filtered) return <over.With>{(o) => <o.Empty of={of} />}</over.With>;
  return <p class="empty">{t(filtered ? 'panel.empty.filtered' : 'panel.empty')}</p>;
}

function Bones({ rows }: { rows: number }) {
  return <ul class="rows">{Array.from({ length: rows }, (_, i) => <li key={i} class="row"><span class="bone" style={{ width: `${60 - i * 5}%` }} /></li>)}</ul>;
}

function Head({ dimension }: { dimension: Dimension }) {
  return (
    <div class="columns">
      {dimension.startsWith('utm_') ? (
        <label><span class="unseen">{t('by')}</span>
          <select value={dimension} onChange={(event) => show({ campaign: event.currentTarget.value as Dimension })}>
            {CAMPAIGN_DIMENSIONS.map((d) => <option key={d} value={d}>{t(`dimension.${d}`)}</option>)}
          </select>
        </label>
      ) : <span>{t(`dimension.${dimension}`)}</span>}
      {isReached(dimension) && <><span class="n extra">{t('column.events')}</span><span class="n extra">{t('column.conversion')}</span></>}
      <span class="n">{t(`column.${measureOf(dimension)}`)}</span>
    </div>
  );
}

export function Panel({ name, overview, countries, site }: { name: PanelName; site: Site; overview: Overview | null; countries: Row[] | null }) {
  const dimension = dimensionOf(name);
  const tab = view.value.tabs[name];
  const tabs = PANELS[name];
  const own = tab === 'properties' || tab === 'paths';
  const panel = overview?.panels[dimension] ?? null;
  const whole = overview?.metrics[measureOf(dimension)].value ?? null;
  let body: ComponentChildren;
  const declare = { page: 'goals', site: siteId.value ?? 0 } as const;
  const setUp = <a href={writeRoute(declare)} onClick={(event) => follow(event, () => go(declare))}>{t('site.goals')}</a>;
  if (!overview) body = <><Head dimension={dimension} /><Bones rows={name === 'goals' ? 4 : ROWS} /></>;
  else if (overview.few) body = <p class="empty">{t('panel.few')}</p>;
  else if (tab === 'funnels') body = <goalsPart.With>{(g) => <g.Funnels overview={overview} />}</goalsPart.With>;
  else if (own) body = <morePart.With>{(m) => (tab === 'paths' ? <m.Paths site={site} /> : <m.Properties site={site} overview={overview} />)}</morePart.With>;
  else if (panel?.unavailable) body = <p class="empty">{t('panel.unavailable')}</p>;
  else if (dimension === 'goal' && !panel?.total) body = <goalsPart.With>{(g) => <g.NoGoals />}</goalsPart.With>;
  else if (!panel || panel.rows.length === 0) body = <Nothing dimension={dimension} />;
  else if (tab === 'map') body = <Geography rows={countries ?? panel.rows} whole={whole} />;
  else body = <><Head dimension={dimension} /><ul class="rows">{panel.rows.slice(0, ROWS).map((row) => <Line key={row.value} dimension={dimension} row={row} whole={whole} />)}</ul></>;
  const more = panel && tab !== 'funnels' && !own && panel.total > Math.min(ROWS, panel.rows.length);
  return (
    <section class={`panel ${name}${view.value.panel === name ? ' front' : ''}`} id={`panel-${name}`} data-panel={dimension} aria-label={t(`panel.${name}`)}>
      <header>
        <h2>{t(`panel.${name}`)}</h2>
        {tabs.length > 1 && (
          <div class="tabs" role="group" aria-label={t(`panel.${name}`)}>
            {tabs.map((item) => (
              <button key={item} type="button" aria-pressed={item === tab} onClick={() => show({ tabs: { ...view.value.tabs, [name]: item } })}>
                {t(`tab.${item}` as Key)}
              </button>
            ))}
          </div>
        )}
      </header>
      <div class="body">{body}</div>
      <footer>
        {name === 'goals' && tab !== 'events' && !own && setUp}
        {!!panel?.hidden && <span class="few">{t('panel.hidden', { n: panel.hidden })}</span>}
        {more && <a href={addressOf({ list: dimension })} onClick={(event) => follow(event, () => show({ list: dimension }))}>{t('panel.all', { n: panel.total })}</a>}
      </footer>
    </section>
  );
}
