// The chart of the chosen metric: the line, what is under the pointer in words,
// and the same numbers as a table for whoever prefers or needs one.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { GRAINS, type ChosenGrain, type Metric, type Overview } from './contract';
import { bucket, change, exactMetric, metricValue, range, tick } from './format';
import { language, t } from './i18n';
import { Icon } from './icons';
import { dayAfter, monthEnd, partsOf } from './period';
import { over } from './over-later';
import { plot, type Plot, type PlotData, type PlotWords } from './plot';
import { show, view } from './route';
import { shade } from './theme';

/** Seconds and shares have their own round steps. */
const STEPS: Partial<Record<Metric, number[]>> = {
  duration_seconds: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200],
  engaged_seconds: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200],
  conversion_ratio: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5],
  bounce_ratio: [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5],
  visitors: [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1e3, 2e3, 2500, 5e3, 1e4, 2e4, 25e3, 5e4, 1e5, 2e5, 25e4, 5e5, 1e6, 2e6, 25e5, 5e6, 1e7],
};
STEPS.visits = STEPS.views = STEPS.visitors!;

function dataOf(overview: Overview, metric: Metric): PlotData {
  const { unfinished, future } = partsOf(overview);
  const values = overview.series[metric];
  return {
    finished: values.map((v, i) => (i < unfinished ? v : null)),
    // Starts at the last finished bucket, so that the dotted part hangs on to the line.
    unfinished: values.map((v, i) => (i >= unfinished - 1 && i < future && unfinished < future ? v : null)),
    previous: overview.series.previous?.[metric] ?? null,
    length: values.length,
  };
}

function Tooltip({ overview, metric, index, left, width }: { overview: Overview; metric: Metric; index: number; left: number; width: number }) {
  const lang = language.value;
  const { grain } = overview.period;
  const { unfinished, future } = partsOf(overview);
  const at = overview.series.at[index];
  if (at === undefined) return null;
  const value = index < future ? overview.series[metric][index] ?? null : null;
  const previous = overview.series.previous?.[metric]?.[index];
  const moved = index < unfinished && previous !== undefined ? change(lang, metric, value, previous) : null;
  return (
    <div class={`tooltip${left > width / 2 ? ' before' : ''}`} style={{ left: `${left}px` }} aria-hidden="true">
      <b>{bucket(lang, grain, at)}</b>
      {index >= unfinished && <i>{t('chart.unfinished')}</i>}
      <p><span class="key now" />{t(`metric.${metric}`)}<strong>{exactMetric(lang, metric, value)}</strong></p>
      {previous !== undefined && <p class="soft"><span class="key then" />{t('chart.before')}<strong>{exactMetric(lang, metric, previous)}</strong></p>}
      {moved && moved.direction !== 'same' && <p class="soft">{t('chart.change')}<strong>{moved.text}</strong></p>}
    </div>
  );
}

export function TableTwin({ overview, metric, hidden }: { overview: Overview; metric: Metric; hidden: boolean }) {
  const lang = language.value;
  const { grain, from, to } = overview.period;
  const { unfinished, future } = partsOf(overview);
  const before = overview.series.previous?.[metric];
  return (
    <div class={hidden ? 'unseen' : 'twin'} tabIndex={hidden ? undefined : 0} role={hidden ? undefined : 'region'} aria-label={hidden ? undefined : t('chart.table')}>
      <table>
        <caption class="unseen">{t('chart.of', { metric: t(`metric.${metric}`), range: range(lang, from, to) })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('chart.time')}</th>
            <th scope="col">{t(`metric.${metric}`)}</th>
            {before && <th scope="col">{t('chart.before')}</th>}
          </tr>
        </thead>
        <tbody>
          {overview.series.at.slice(0, future).map((at, i) => (
            <tr key={at}>
              <th scope="row">{bucket(lang, grain, at)}{i >= unfinished && <i>{t('chart.unfinished')}</i>}</th>
              <td>{exactMetric(lang, metric, overview.series[metric][i] ?? null)}</td>
              {before && <td>{exactMetric(lang, metric, before[i] ?? null)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The day before the next point; the last week of a period may be cut short, and the server ends it. */
const weekEnd = (next: string | undefined, first: string) => dayAfter(next ?? dayAfter(first, 7), -1);

function GrainChoice({ overview }: { overview: Overview }) {
  const { grain } = overview.period;
  // One day is drawn by the hour and by nothing else.
  if (grain === 'hour') return null;
  return (
    <label class="grain"><span class="unseen">{t('chart.grain')}</span>
      <select value={view.value.grain ?? grain} onChange={(event) => show({ grain: event.currentTarget.value as ChosenGrain })}>
        {GRAINS.map((g) => <option key={g} value={g}>{t(`grain.${g}`)}</option>)}
      </select>
    </label>
  );
}

function Line({ overview, metric }: { overview: Overview; metric: Metric }) {
  const element = useRef<HTMLDivElement>(null);
  const drawn = useRef<Plot | null>(null);
  const under = useSignal<{ index: number; left: number } | null>(null);
  const lang = language.value;
  const { grain, from, to } = overview.period;
  const words: PlotWords = {
    tick: (i) => tick(lang, grain, overview.series.at[i] ?? '', i === 0),
    value: (v) => metricValue(lang, metric, v),
    steps: STEPS[metric],
  };
  const data = dataOf(overview, metric);

  function pick(first: number, last: number) {
    const { at } = overview.series;
    const [a, b] = [at[first], at[last]];
    if (!a || !b) return;
    const end = grain === 'month' ? monthEnd(b) : grain === 'week' ? weekEnd(at[last + 1], b) : b;
    show({ period: 'custom', from: grain === 'month' ? `${a}-01` : a, to: end > overview.period.today ? overview.period.today : end });
  }
  const picked = useRef(pick);
  picked.current = pick;

  useEffect(() => {
    const box = element.current;
    if (!box) return;
    const made = plot(box, data, words, {
      hover: (index, left) => { under.value = index === null || left < 0 ? null : { index, left: left + 56 }; },
      pick: grain === 'hour' ? null : (first, last) => picked.current(first, last),
    });
    drawn.current = made;
    const watch = new ResizeObserver(() => made.resize(box.clientWidth, box.clientHeight));
    watch.observe(box);
    return () => { watch.disconnect(); made.remove(); drawn.current = null; };
  }, [metric, lang, grain, shade.value]);
  useEffect(() => drawn.current?.feed(data, words), [overview]);

  const highest = overview.series[metric].reduce<number>((best, v, i, all) => ((v ?? -1) > (all[best] ?? -1) ? i : best), 0);
  return (
    <div class="line" role="img" aria-label={t('chart.summary', {
      metric: t(`metric.${metric}`), range: range(lang, from, to),
      total: exactMetric(lang, metric, overview.metrics[metric].value),
      highest: exactMetric(lang, metric, overview.series[metric][highest] ?? null),
      at: bucket(lang, grain, overview.series.at[highest] ?? from),
    })}>
      <div class={`canvas${grain === 'hour' ? '' : ' pickable'}`} ref={element} />
      {under.value && <Tooltip overview={overview} metric={metric} {...under.value} width={element.current?.clientWidth ?? 0} />}
    </div>
  );
}

export function Chart({ overview }: { overview: Overview | null }) {
  const { metric, table } = view.value;
  const lang = language.value;
  const period = overview?.period;
  return (
    <section class="chart" aria-label={t(`metric.${metric}`)}>
      <header>
        <p class="legend">
          {period ? (
            <>
              <span><span class="key now" /><b>{t(`metric.${metric}`)}</b> {range(lang, period.from, period.to)}</span>
              {period.compare_from && period.compare_to && overview.series.previous &&
                <span class="soft"><span class="key then" />{range(lang, period.compare_from, period.compare_to)}{period.compare_until && <span class="until"> · {t('chart.until')}</span>}</span>}
            </>
          ) : <span class="bone" />}
        </p>
        {overview && <GrainChoice overview={overview} />}
        <button type="button" class="quiet small" onClick={() => show({ table: !table })}
          aria-label={t(table ? 'chart.chart' : 'chart.table')} title={t(table ? 'chart.show_chart' : 'chart.show_table')}>
          <Icon name={table ? 'line' : 'table'} /><span>{t(table ? 'chart.chart' : 'chart.table')}</span>
        </button>
      </header>
      <div class="stage">
        {overview
          ? <>{!table && <Line overview={overview} metric={metric} />}<TableTwin overview={overview} metric={metric} hidden={!table} /></>
          : <div class="bone block" />}
      </div>
      <div class="notes-room">{overview && <over.With>{(o) => <o.Annotations overview={overview} />}</over.With>}</div>
    </section>
  );
}
