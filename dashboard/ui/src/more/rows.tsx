// Rows of what events tell: a bar, the times, the visitors; each a click away from a filter.

import type { Dimension, Row } from '../contract';
import { count, exactCount, share } from '../format';
import { isChosen, toggled } from '../filters';
import { language, t } from '../i18n';
import { follow } from '../panel';
import { addressOf, show, view } from '../route';
import { nameOf } from '../words';

/** Where rows will be. */
export function Bones({ rows }: { rows: number }) {
  return <ul class="rows">{Array.from({ length: rows }, (_, i) => <li key={i} class="row"><span class="bone" style={{ width: `${60 - i * 5}%` }} /></li>)}</ul>;
}

export function EventRows({ dimension, rows, whole, label, name, withRatio = false }: {
  dimension: Dimension; rows: Row[]; whole: number | null; label: string; name?: (value: string) => string; withRatio?: boolean;
}) {
  const lang = language.value;
  const greatest = Math.max(1, ...rows.map((row) => row.visitors ?? 0));
  return (
    <>
      <div class="columns">
        <span>{label}</span>
        <span class="n extra">{t('column.events')}</span>
        {withRatio && <span class="n extra">{t('column.conversion')}</span>}
        <span class="n">{t('column.visitors')}</span>
      </div>
      <ul class="rows">
        {rows.map((row) => {
          const shown = name?.(row.value) ?? nameOf(dimension, row.value);
          const chosen = isChosen(view.value.filters, dimension, row.value);
          const change = { filters: toggled(view.value.filters, dimension, row.value) };
          const ratio = whole ? (row.visitors ?? 0) / whole : null;
          return (
            <li key={row.value}>
              <a class={`row${chosen ? ' chosen' : ''}`} href={addressOf(change)} data-row={row.value} data-value={row.events ?? ''} aria-current={chosen ? 'true' : undefined}
                title={t(chosen ? 'panel.unfilter' : 'panel.filter_by', { value: shown })} onClick={(event) => follow(event, () => show(change))}>
                <span class="bar" style={{ width: `${((row.visitors ?? 0) / (withRatio && whole ? whole : greatest)) * 100}%` }} />
                <span class="what">{shown}</span>
                <span class="n extra">{exactCount(lang, row.events ?? null)}</span>
                {withRatio && <span class="n extra">{share(lang, ratio)}</span>}
                <span class="n" title={exactCount(lang, row.visitors ?? null)}>{count(lang, row.visitors ?? null)}</span>
              </a>
            </li>
          );
        })}
      </ul>
    </>
  );
}
