// The half hour as bars, and the same numbers as a table.

import { exactCount } from '../format';
import { language, t } from '../i18n';
import type { Report } from '../realtime';
import { w } from './words';

/** A word under every so many bars. */
const LABEL_EVERY = 5;

const clockOf = (at: string) => at.slice(11);

function Bars({ series }: { series: Report['series'] }) {
  const lang = language.value;
  const last = series.at.length - 1;
  const most = Math.max(1, ...series.visitors, ...series.views);
  const height = (n: number) => ({ height: `${(n / most) * 100}%` });
  const highest = series.visitors.reduce((best, n, i, all) => (n > (all[best] ?? 0) ? i : best), 0);
  const summary = w('summary', { visitors: Math.max(0, ...series.visitors), at: clockOf(series.at[highest] ?? '') });
  return (
    <div class="bars" role="img" aria-label={summary}>
      {series.at.map((at, i) => (
        <div key={at} class={`minute${i === last ? ' under-way' : ''}`} title={`${clockOf(at)}: ${w('visitors.n', { n: series.visitors[i] ?? 0 })}, ${w('views.n', { n: series.views[i] ?? 0 })}${i === last ? ` (${t('chart.unfinished')})` : ''}`}>
          <i class="views" style={height(series.views[i] ?? 0)} />
          <i class="visitors" style={height(series.visitors[i] ?? 0)} />
          {(last - i) % LABEL_EVERY === 0 && <span>{i === last ? w('now') : clockOf(at)}</span>}
        </div>
      ))}
      <span class="most" aria-hidden="true">{exactCount(lang, most)}</span>
    </div>
  );
}

export function Minutes({ report, table }: { report: Report | null; table: boolean }) {
  const lang = language.value;
  if (!report) return <div class="stage"><div class="bone block" /></div>;
  const { series } = report;
  const rows = series.at.map((at, i) => ({ at, visitors: series.visitors[i] ?? 0, views: series.views[i] ?? 0 })).reverse();
  return (
    <div class="stage">
      {!table && <Bars series={series} />}
      <div class={table ? 'twin' : 'unseen'} tabIndex={table ? 0 : undefined} role={table ? 'region' : undefined} aria-label={table ? t('chart.table') : undefined}>
        <table>
          <caption class="unseen">{w('title')}</caption>
          <thead><tr><th scope="col">{t('chart.time')}</th><th scope="col">{t('metric.visitors')}</th><th scope="col">{t('metric.views')}</th></tr></thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={row.at}><th scope="row">{clockOf(row.at)}{i === 0 && <i>{t('chart.unfinished')}</i>}</th><td>{exactCount(lang, row.visitors)}</td><td>{exactCount(lang, row.views)}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
