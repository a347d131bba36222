// Every path to a goal over the page: searched and sorted here, since all of them are there.

import { useSignal } from '@preact/signals';
import type { ApiError } from '../api';
import type { Site } from '../contract';
import { Dialog } from '../dialog';
import { Files } from '../files';
import { exactCount, share } from '../format';
import { language, t } from '../i18n';
import { Icon } from '../icons';
import { show, view } from '../route';
import { SortHead, type Order } from '../sort-head';
import { useReport } from './ask';
import { askPaths, pathsAddress, type PathRow } from './paths-asked';
import { Steps } from './steps';
import { w } from './words';

type Column = 'pages' | 'visitors';

const written = (path: PathRow) => path.pages.join(' → ');

export function PathList({ site }: { site: Site }) {
  const lang = language.value;
  const search = useSignal('');
  const order = useSignal<Order<Column>>({ column: 'visitors', up: false });
  const failed = useSignal<ApiError | null>(null);
  const goal = view.value.of ?? '';
  const address = pathsAddress(site.id, view.value, goal);
  const { found, error } = useReport(`list ${address}`, (signal) => askPaths(site.id, view.value, goal, signal));
  const { column, up } = order.value;
  const sign = up ? 1 : -1;
  const sought = search.value.trim().toLocaleLowerCase(lang);
  const rows = (found?.paths ?? [])
    .filter((path) => written(path).toLocaleLowerCase(lang).includes(sought))
    .sort((a, b) => sign * (column === 'pages' ? written(a).localeCompare(written(b)) : a.visitors - b.visitors));
  const head = (of: Column, label: string) => (
    <SortHead column={of} label={label} isName={of === 'pages'} order={order.value} onOrder={(next) => { order.value = next; }} />
  );
  return (
    <Dialog wide title={w('paths.list', { goal })} onClose={() => show({ list: null })}
      tools={<Files name="paths" report={address} onFailed={(refused) => { failed.value = refused; }} />}>
      <div class="seek">
        <Icon name="search" />
        <input type="search" data-search aria-label={t('list.search')} placeholder={t('list.search')} value={search.value} autofocus onInput={(event) => { search.value = event.currentTarget.value; }} />
        <span class="soft" role="status">{found && t('list.count', { n: rows.length })}</span>
      </div>
      {(error ?? failed.value) && <p class="notice bad" role="alert">{t('list.failed')}</p>}
      <div class="list" tabIndex={0} role="region" aria-label={w('paths.list', { goal })}>
        <table>
          <thead><tr>{head('pages', w('paths.pages'))}{head('visitors', t('column.visitors'))}<th scope="col" class="n">{t('column.share')}</th></tr></thead>
          <tbody>
            {rows.map((path) => (
              <tr key={written(path)} data-path={path.pages.join(' ')}>
                <th scope="row"><Steps pages={path.pages} /></th>
                <td class="n">{exactCount(lang, path.visitors)}</td>
                <td class="n soft">{share(lang, found ? path.visitors / found.visitors : null)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {!found && !error && <p class="empty" role="status">{t('loading')}…</p>}
        {found && rows.length === 0 && <p class="empty">{t('list.nothing')}</p>}
        {found && found.other > 0 && <p class="empty">{w('paths.other')}: {exactCount(lang, found.other)}</p>}
      </div>
    </Dialog>
  );
}
