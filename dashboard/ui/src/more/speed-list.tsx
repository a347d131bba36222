// Every page's speed over the page: searched by the server, sorted here. It has its own address.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ApiError } from '../api';
import type { Site } from '../contract';
import { Dialog } from '../dialog';
import { Files } from '../files';
import { exactCount } from '../format';
import { toggled } from '../filters';
import { language, t } from '../i18n';
import { Icon } from '../icons';
import { follow } from '../panel';
import { addressOf, show, view } from '../route';
import { SortHead, type Order } from '../sort-head';
import { query } from '../url';
import { useReport } from './ask';
import { Rated } from './speed';
import { askVitals, VITALS, vitalsAddress, type Vital, type VitalsRow } from './vitals';
import { w } from './words';

/** Milliseconds of quiet before a search is sent. */
const TYPING_MS = 180;

type Column = 'name' | 'views' | Vital;

const figure = (row: VitalsRow, column: Column) => (column === 'name' ? 0 : column === 'views' ? row.views : row[column]?.p75 ?? -1);

export function SpeedList({ site }: { site: Site }) {
  const text = useSignal('');
  const asked = useSignal('');
  const order = useSignal<Order<Column>>({ column: 'views', up: false });
  useEffect(() => {
    const timer = setTimeout(() => { asked.value = text.value.trim(); }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text.value]);
  const { found, error } = useReport(`${site.id}?list&${query(view.value)}#${asked.value}`, (signal) => askVitals(site.id, view.value, 'page', asked.value, signal));
  const failed = useSignal<ApiError | null>(null);
  const { column, up } = order.value;
  const sign = up ? 1 : -1;
  const rows = [...(found?.rows ?? [])].sort((a, b) => sign * (column === 'name' ? a.value.localeCompare(b.value) : figure(a, column) - figure(b, column)));
  const head = (of: Column, label: string, why?: string) => (
    <SortHead column={of} label={label} why={why} isName={of === 'name'} order={order.value} onOrder={(next) => { order.value = next; }} />
  );
  return (
    <Dialog wide title={w('speed.list')} onClose={() => show({ list: null })}
      tools={<Files name="speed" report={vitalsAddress(site.id, view.value, 'page', asked.value)} onFailed={(refused) => { failed.value = refused; }} />}>
      <div class="seek">
        <Icon name="search" />
        <input type="search" data-search aria-label={t('list.search')} placeholder={t('list.search')} value={text.value} autofocus onInput={(event) => { text.value = event.currentTarget.value; }} />
        <span class="soft" role="status">{found && t('list.count', { n: found.total })}</span>
      </div>
      {(error ?? failed.value) && <p class="notice bad" role="alert">{t('list.failed')}</p>}
      <div class="list" tabIndex={0} role="region" aria-label={w('speed.list')}>
        <table>
          <thead><tr>{head('name', t('dimension.page'))}{head('views', w('views'))}{VITALS.map((vital) => head(vital, vital.toUpperCase(), w(vital)))}</tr></thead>
          <tbody>
            {rows.map((row) => {
              const change = { filters: toggled(view.value.filters, 'page', row.value), list: null };
              return (
                <tr key={row.value}>
                  <th scope="row"><a href={addressOf(change)} data-row={row.value} onClick={(event) => follow(event, () => show(change))}>{row.value}</a></th>
                  <td class="n">{exactCount(language.value, row.views)}</td>
                  {VITALS.map((vital) => <td key={vital} class="n"><Rated vital={vital} figures={row} /></td>)}
                </tr>
              );
            })}
          </tbody>
        </table>
        {found && rows.length === 0 && <p class="empty">{t('list.nothing')}</p>}
        {found && found.total > found.rows.length && <p class="empty">{t('list.first', { n: found.rows.length })}</p>}
      </div>
    </Dialog>
  );
}
