// An event's properties: choose the event, choose the property, see its values.

import { api } from '../api';
import type { Overview, Row, Site } from '../contract';
import { t } from '../i18n';
import { follow } from '../panel';
import { addressOf, show, view } from '../route';
import { query } from '../url';
import { narrowed } from './actions';
import { useReport } from './ask';
import { KeepForm } from './keep';
import { Bones, EventRows } from './rows';
import { w } from './words';

const ROWS = 9;
/** Events to choose from, and values looked through for the properties' names. */
const LOOKED_THROUGH = 1000;

const nameIn = (value: string) => value.slice(0, value.indexOf('='));

/** The properties' names, those of the most events first. */
export function namesOf(rows: Row[]): string[] {
  const events = new Map<string, number>();
  for (const row of rows) events.set(nameIn(row.value), (events.get(nameIn(row.value)) ?? 0) + (row.events ?? 0));
  return [...events].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}

export function Properties({ site, overview }: { site: Site; overview: Overview }) {
  const asked = `${site.id}?${query(view.value)}`;
  const events = useReport(asked, (signal) => api.breakdown(site.id, view.value, { dimension: 'event', limit: LOOKED_THROUGH }, signal));
  const names = events.found?.rows.map((row) => row.value) ?? [];
  const event = view.value.of !== null && names.includes(view.value.of) ? view.value.of : names[0] ?? null;
  const values = useReport(event === null ? null : `${asked}#${event}`, (signal) => api.breakdown(site.id, narrowed(view.value, event ?? ''), { dimension: 'property', limit: LOOKED_THROUGH }, signal));
  const error = events.error ?? values.error;
  if (error) return <p class="empty">{t(error.code === 'filters_conflict' ? 'panel.unavailable' : 'error.title.first')}</p>;
  if (events.found?.unavailable) return <p class="empty">{t('panel.unavailable')}</p>;
  if (!events.found) return <Bones rows={4} />;
  if (event === null) return <p class="empty">{w('events.none')}</p>;
  const found = values.isOld ? null : values.found;
  const properties = namesOf(found?.rows ?? []);
  const property = view.value.property !== null && properties.includes(view.value.property) ? view.value.property : properties[0] ?? null;
  const rows = found?.rows.filter((row) => nameIn(row.value) === property) ?? [];
  const all = { list: 'property' as const, of: event, property };
  return (
    <div class="properties" data-event={event} data-property={property ?? ''}>
      <div class="choice">
        <label>{w('event')} <select value={event} onChange={(change) => show({ of: change.currentTarget.value, property: null })}>{names.map((name) => <option key={name} value={name}>{name}</option>)}</select></label>
        {properties.length > 0 && (
          <label>{w('property')} <select value={property ?? ''} onChange={(change) => show({ of: event, property: change.currentTarget.value })}>{properties.map((name) => <option key={name} value={name}>{name}</option>)}</select></label>
        )}
        <KeepForm site={site} />
      </div>
      {found && (rows.length && property
        ? <EventRows dimension="property" rows={rows.slice(0, ROWS)} whole={overview.metrics.visitors.value} label={w('value')} name={(value) => value.slice(property.length + 1) || t('none')} withRatio />
        : <p class="empty">{w(found.hidden ? 'few' : 'property.none')}</p>)}
      {rows.length > ROWS && <p class="all"><a href={addressOf(all)} onClick={(click) => follow(click, () => show(all))}>{t('panel.all', { n: rows.length })}</a></p>}
    </div>
  );
}
