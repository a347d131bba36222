// The last half hour: bars by minute, a table twin of them, and four panels. It refreshes by
// itself while it can be seen. A row leads to today's figures of the same value: half an hour
// takes no filters.

import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api, ApiError, owned } from './api';
import type { Dimension, Panel, Site } from './contract';
import { count, exactCount } from './format';
import { language, t } from './i18n';
import { Icon } from './icons';
import { follow } from './panel';
import { Minutes } from './realtime/minutes';
import './realtime/style';
import { w } from './realtime/words';
import { live } from './refresh';
import { addressOf, show, view } from './route';
import { session } from './session';
import { Trouble } from './trouble';
import { nameOf } from './words';

/** Between two questions; an event must be seen within seconds of its arrival. */
const BEAT_MS = 5_000;
/** Through a link: its readers share one limit. */
const BEAT_SHARED_MS = 30_000;
/** Rows a panel shows. */
const ROWS = 9;

export interface Report {
  now: string;
  visitors: number;
  views: number;
  series: { at: string[]; visitors: number[]; views: number[] };
  panels: Record<'page' | 'source' | 'country' | 'device', Panel>;
}

const PANELS = ['page', 'source', 'country', 'device'] as const;
const TITLES = { page: 'panel.pages', source: 'panel.sources', country: 'panel.places', device: 'panel.devices' } as const;

const again = signal(0);

function useReport(site: number) {
  const report = useSignal<Report | null>(null);
  const error = useSignal<ApiError | null>(null);
  const at = useSignal<Date | null>(null);
  useEffect(() => {
    report.value = null;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asking = false;
    async function ask() {
      if (asking) return;
      asking = true;
      clearTimeout(timer);
      timer = undefined;
      try {
        const [found, now] = await Promise.all([owned<Report>('GET', `/api/v1/sites/${site}/realtime`, undefined, stop.signal), api.live(site, stop.signal)]);
        report.value = found;
        live.value = now.visitors;
        at.value = new Date();
        error.value = null;
      } catch (failed) {
        if (stop.signal.aborted) return;
        if (!(failed instanceof ApiError)) throw failed;
        error.value = failed;
      }
      asking = false;
      // A hidden page asks again when it is seen.
      if (document.visibilityState === 'visible') timer = setTimeout(() => void ask(), session.peek()?.state === 'shared' ? BEAT_SHARED_MS : BEAT_MS);
    }
    const wake = () => { if (document.visibilityState === 'visible' && timer === undefined) void ask(); };
    document.addEventListener('visibilitychange', wake);
    void ask();
    return () => { stop.abort(); clearTimeout(timer); document.removeEventListener('visibilitychange', wake); };
  }, [site, again.value]);
  return { report: report.value, error: error.value, at: at.value };
}

function Rows({ dimension, panel }: { dimension: Dimension; panel: Panel }) {
  const lang = language.value;
  const greatest = panel.rows[0]?.visitors ?? 0;
  return (
    <>
      <div class="columns"><span>{t(`dimension.${dimension}`)}</span><span class="n">{t('column.visitors')}</span></div>
      <ul class="rows">
        {panel.rows.slice(0, ROWS).map((row) => {
          const name = nameOf(dimension, row.value);
          const change = { period: 'today' as const, filters: [{ dimension, operator: 'is' as const, values: [row.value] }] };
          return (
            <li key={row.value}>
              <a class="row" href={addressOf(change)} data-row={row.value} data-value={row.visitors ?? ''} title={w('today_of', { value: name })} onClick={(event) => follow(event, () => show(change))}>
                <span class="bar" style={{ width: `${greatest ? ((row.visitors ?? 0) / greatest) * 100 : 0}%` }} />
                <span class="what">{dimension === 'country' && <span class="code">{row.value}</span>}{name}</span>
                <span class="n" title={exactCount(lang, row.visitors ?? null)}>{count(lang, row.visitors ?? null)}</span>
              </a>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function PanelOf({ dimension, panel }: { dimension: (typeof PANELS)[number]; panel: Panel | null }) {
  const title = t(TITLES[dimension]);
  return (
    <section class="panel front" data-panel={dimension} aria-label={title}>
      <header><h2>{title}</h2></header>
      <div class="body">
        {panel && (panel.rows.length ? <Rows dimension={dimension} panel={panel} /> : <p class="empty">{w(panel.hidden ? 'few' : 'nobody')}</p>)}
      </div>
      <footer>{!!panel?.hidden && <span class="few" title={w('few')}>{t('panel.hidden', { n: panel.hidden })}</span>}</footer>
    </section>
  );
}

export function Realtime({ site }: { site: Site }) {
  const { report, error, at } = useReport(site.id);
  const lang = language.value;
  const { table } = view.value;
  return (
    <main id="figures" class="realtime" tabIndex={-1} data-state={error ? 'error' : report ? 'ready' : 'loading'} aria-busy={!report && !error}>
      <h1 class="unseen">{w('title')}</h1>
      {error && <Trouble title={t(report ? 'error.title' : 'error.title.first')} error={error} since={at} onRetry={() => { again.value += 1; }} />}
      <div class={`figures${error && report ? ' dim' : ''}`}>
        <div class="slab">
          <section class="half-hour" aria-label={w('title')}>
            <header>
              <p data-visitors={report?.visitors ?? ''}><b>{report ? count(lang, report.visitors) : '–'}</b> <span><i class="dot-key visitors" aria-hidden="true" />{w('visitors')}</span></p>
              <p data-views={report?.views ?? ''}><b>{report ? count(lang, report.views) : '–'}</b> <span><i class="dot-key views" aria-hidden="true" />{w('views')}</span></p>
              <span class="soft since">{w('since')}</span>
              <button type="button" class="quiet small" aria-label={t(table ? 'chart.chart' : 'chart.table')} title={t(table ? 'chart.show_chart' : 'chart.show_table')} onClick={() => show({ table: !table })}>
                <Icon name={table ? 'line' : 'table'} /><span>{t(table ? 'chart.chart' : 'chart.table')}</span>
              </button>
            </header>
            <Minutes report={report} table={table} />
          </section>
        </div>
        <div class="panels">{PANELS.map((dimension) => <PanelOf key={dimension} dimension={dimension} panel={report?.panels[dimension] ?? null} />)}</div>
        <p class="soft why">{w('why')}</p>
      </div>
    </main>
  );
}
