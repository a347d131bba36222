// What visitors did that the script tells by itself: links they followed to other sites, files
// they fetched, forms they sent, and pages that were not there.

import { useRef } from 'preact/hooks';
import { api } from '../api';
import type { Dimension, Filter, Overview, Site } from '../contract';
import { added } from '../filters';
import { t } from '../i18n';
import { follow } from '../panel';
import { addressOf, show, view } from '../route';
import { mayChange } from '../session';
import { query, PANELS, type View } from '../url';
import { useReport, useSeen } from './ask';
import { keeps, useKeep } from './keep';
import { Bones, EventRows } from './rows';
import { w, type Word } from './words';

const ROWS = 9;

type Kind = (typeof PANELS)['actions'][number];

/** Events as the script names them (sdk-js/README.md), and what tells them apart. */
const KINDS: Record<Kind, { event: string; dimension: Dimension; property?: string }> = {
  outbound: { event: 'Outbound Link: Click', dimension: 'property', property: 'url' },
  downloads: { event: 'File Download', dimension: 'property', property: 'url' },
  forms: { event: 'Form: Submission', dimension: 'page' },
  notfound: { event: '404', dimension: 'page' },
};

export const ofEvent = (event: string): Filter => ({ dimension: 'event', operator: 'is', values: [event] });
export const narrowed = (asked: View, event: string): View => ({ ...asked, filters: [...asked.filters, ofEvent(event)] });

function Unkept({ site, kind }: { site: Site; kind: Kind }) {
  const { keep, failed } = useKeep(site);
  return (
    <div class="empty">
      <p>{w('url.why')}</p>
      {mayChange(site) && <p><button type="button" class="outline" data-keep={kind} onClick={() => void keep('url')}>{w('url.keep')}</button></p>}
      {failed && <p class="bad" role="alert">{w('keep.failed')}</p>}
    </div>
  );
}

export function Actions({ site, overview }: { site: Site; overview: Overview | null }) {
  const element = useRef<HTMLElement>(null);
  const seen = useSeen(element);
  const kind = view.value.tabs.actions as Kind;
  const { event, dimension, property } = KINDS[kind];
  const ask = { dimension, limit: ROWS, ...(property ? { property } : {}) };
  const { found, isOld, error } = useReport(seen ? `${site.id}?${kind}&${query(view.value)}` : null, (signal) => api.breakdown(site.id, narrowed(view.value, event), ask, signal));
  const whole = overview?.metrics.visitors.value ?? null;
  const all = dimension === 'property' ? { list: 'property' as const, of: event, property: property ?? null } : { list: dimension, filters: added(view.value.filters, ofEvent(event)) };
  let body;
  if (error) body = <p class="empty">{t(error.code === 'filters_conflict' ? 'panel.unavailable' : 'error.title.first')}</p>;
  else if (!found) body = <Bones rows={ROWS} />;
  else if (found.unavailable) body = <p class="empty">{t('panel.unavailable')}</p>;
  else if (found.rows.length) body = <EventRows dimension={dimension} rows={found.rows} whole={whole} label={property ? w(kind) : t(`dimension.${dimension}`)} {...(property ? { name: (value: string) => value.slice(property.length + 1) } : {})} />;
  else if (found.hidden) body = <p class="empty">{w('few')}</p>;
  else if (property && !keeps(site, property)) body = <Unkept site={site} kind={kind} />;
  else body = <p class="empty">{w(`none.${kind}` as Word)}</p>;
  return (
    <section ref={element} class={`panel actions${view.value.panel === 'actions' ? ' front' : ''}`} data-panel="actions" data-kind={kind} aria-label={t('panel.actions')}>
      <header>
        <h2>{t('panel.actions')}</h2>
        <div class="tabs" role="group" aria-label={t('panel.actions')}>
          {PANELS.actions.map((item) => <button key={item} type="button" aria-pressed={item === kind} onClick={() => show({ tabs: { ...view.value.tabs, actions: item } })}>{w(item)}</button>)}
        </div>
      </header>
      <div class={`body${isOld ? ' dim' : ''}`}>{body}</div>
      <footer>
        {!!found?.hidden && <span class="few">{t('panel.hidden', { n: found.hidden })}</span>}
        {found && found.total > Math.min(ROWS, found.rows.length) && <a href={addressOf(all)} onClick={(click) => follow(click, () => show(all))}>{t('panel.all', { n: found.total })}</a>}
      </footer>
    </section>
  );
}
