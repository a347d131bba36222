// The full list of one dimension over the page: search (the server's), sort
// (ours, over what was loaded), CSV. It has its own address.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api, ApiError, breakdownPath } from './api';
import type { Dimension, Overview, Panel, Row } from './contract';
import { Dialog } from './dialog';
import { Files } from './files';
import { exactCount, share } from './format';
import { isChosen, toggled } from './filters';
import { language, t } from './i18n';
import { Icon } from './icons';
import { follow, isReached, measureOf } from './panel';
import { addressOf, show, siteId, view } from './route';
import { SortHead, type Order as By } from './sort-head';
import { isTranslated, matching, nameOf } from './words';

/** Rows fetched at once; the server allows no more. */
const ROWS_MAX = 1000;
/** Milliseconds of quiet before a search is sent. */
const TYPING_MS = 180;

type Column = 'visitors' | 'visits' | 'views' | 'events';
const COLUMNS: Partial<Record<Dimension, Column[]>> = { entry: ['visits'], exit: ['visits'], goal: ['visitors', 'visits', 'events'], event: ['visitors', 'events'], property: ['visitors', 'events'] };
const USUAL: Column[] = ['visitors', 'visits', 'views'];

type Order = By<Column | 'name'>;

export function sorted(rows: Row[], order: Order, name: (row: Row) => string, locale: string): Row[] {
  const words = new Intl.Collator(locale, { numeric: true });
  const sign = order.up ? 1 : -1;
  return [...rows].sort((a, b) => sign * (order.column === 'name' ? words.compare(name(a), name(b)) : (a[order.column] ?? 0) - (b[order.column] ?? 0)));
}

export function FullList({ dimension, overview }: { dimension: Dimension; overview: Overview | null }) {
  const lang = language.value;
  const search = useSignal('');
  const found = useSignal<Panel | null>(null);
  const failed = useSignal<ApiError | null>(null);
  const measure = measureOf(dimension);
  const order = useSignal<Order>({ column: measure, up: false });
  const site = siteId.value;
  const translated = isTranslated(dimension);
  const asked = translated ? '' : search.value.trim();
  const { of, property } = view.value;
  // A property's values are those of one event, which need not be a filter of the page.
  const isOf = dimension === 'property' && of !== null && property !== null;
  const seen = isOf ? { ...view.value, filters: [...view.value.filters, { dimension: 'event' as const, operator: 'is' as const, values: [of] }] } : view.value;
  const ask = { dimension, search: asked, limit: ROWS_MAX, ...(isOf ? { property } : {}) };
  const named = (value: string) => (isOf ? value.slice(property.length + 1) : nameOf(dimension, value));
  const title = isOf ? `${of} · ${property}` : t(`dimension.${dimension}`);
  const filters = JSON.stringify([view.value.period, view.value.from, view.value.to, seen.filters, property]);

  useEffect(() => {
    if (site === null) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        found.value = await api.breakdown(site, seen, ask, stop.signal);
        failed.value = null;
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        failed.value = error;
      }
    }, found.value ? TYPING_MS : 0);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [site, dimension, asked, filters]);

  if (site === null) return null;
  const told = found.value?.rows[0];
  // Under a filter on events, rows count events.
  const columns = COLUMNS[dimension] ?? (told && told.events !== undefined && told.views === undefined ? COLUMNS.event! : USUAL);
  const whole = overview?.metrics[measure].value ?? null;
  const panel = found.value;
  const fitting = panel && (translated ? matching(dimension, panel.rows, search.value) : panel.rows);
  const rows = fitting ? sorted(fitting, order.value, (row) => named(row.value), lang) : [];
  const head = (column: Order['column'], label: string) => (
    <SortHead column={column} label={label} isName={column === 'name'} order={order.value} onOrder={(next) => { order.value = next; }} />
  );
  return (
    <Dialog wide title={title} onClose={() => show({ list: null })}
      tools={<Files name={dimension} report={breakdownPath(site, seen, ask)} onFailed={(error) => { failed.value = error; }} />}>
      <div class="seek">
        <Icon name="search" />
        <input type="search" data-search aria-label={t('list.search')} placeholder={t('list.search')} value={search.value} autofocus
          onInput={(event) => { search.value = event.currentTarget.value; }} />
        <span class="soft" role="status">{panel && t('list.count', { n: translated ? rows.length : panel.total })}</span>
      </div>
      {failed.value && <p class="notice bad" role="alert">{t('list.failed')}</p>}
      <div class="list" tabIndex={0} role="region" aria-label={t(`dimension.${dimension}`)}>
        <table>
          <thead><tr>{head('name', t(`dimension.${dimension}`))}{columns.map((column) => head(column, t(`column.${column}`)))}<th scope="col" class="n">{t(isReached(dimension) ? 'column.conversion' : 'column.share')}</th></tr></thead>
          <tbody>
            {rows.map((row) => {
              const change = { filters: toggled(view.value.filters, dimension, row.value), list: null };
              return (
                <tr key={row.value} class={isChosen(view.value.filters, dimension, row.value) ? 'chosen' : ''}>
                  <th scope="row"><a href={addressOf(change)} data-row={row.value} data-value={row[measure] ?? ''} onClick={(event) => follow(event, () => show(change))}>{dimension === 'country' && <span class="code">{row.value}</span>}{named(row.value)}</a></th>
                  {columns.map((column) => <td key={column} class="n">{exactCount(lang, row[column] ?? null)}</td>)}
                  <td class="n soft">{share(lang, whole ? (row[measure] ?? 0) / whole : null)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
        {!panel && !failed.value && <p class="empty" role="status">{t('loading')}…</p>}
        {panel && rows.length === 0 && <p class="empty">{t('list.nothing')}</p>}
        {panel && panel.total > panel.rows.length && <p class="empty">{t('list.first', { n: panel.rows.length })}</p>}
      </div>
    </Dialog>
  );
}
