// The row of figures above the chart. Each is a button that puts itself on the
// chart; beside it a small "i" opens what the figure means.

import { signal } from '@preact/signals';
import { METRICS, type Metric, type Overview } from './contract';
import { change, exactMetric, metricValue } from './format';
import { language, t } from './i18n';
import { Icon } from './icons';
import { over } from './over-later';
import { partsOf } from './period';
import { show, view } from './route';
import { Spark } from './spark';

const defined = signal<Metric | null>(null);
export function closeDefinition(): boolean {
  const wasOpen = defined.value !== null;
  defined.value = null;
  return wasOpen;
}

function Change({ metric, overview }: { metric: Metric; overview: Overview }) {
  const lang = language.value;
  const { value, previous } = overview.metrics[metric];
  const moved = change(lang, metric, value, previous);
  if (!moved) return <span class="change same">{'\u00a0'}</span>;
  const icon = moved.direction === 'up' ? 'up' : 'fall';
  return (
    <span class={`change ${moved.direction === 'same' ? 'same' : moved.good ? 'good' : 'bad'}`}
      title={t('change.previous', { change: moved.text, value: exactMetric(lang, metric, previous) })}>
      {moved.direction !== 'same' && <Icon name={icon} />}
      {moved.text}
    </span>
  );
}

/** Under some filters a count is the best that can be told without recognising anybody. */
const about = (metric: Metric, { counting }: Overview) => (metric === 'visitors' || metric === 'visits') && counting?.[metric] === 'about';

function Cell({ metric, overview }: { metric: Metric; overview: Overview | null }) {
  const lang = language.value;
  const name = t(`metric.${metric}`);
  const chosen = view.value.metric === metric;
  const value = overview?.metrics[metric].value ?? null;
  return (
    <div class={`metric${chosen ? ' chosen' : ''}`}>
      <button type="button" class="figure" data-metric={metric} data-value={value ?? ''} aria-pressed={chosen}
        onClick={() => show({ metric })}>
        <span class="name">{name}</span>
        {overview
          ? <span class="number" title={exactMetric(lang, metric, value)}>{about(metric, overview) && '≈\u00a0'}{metricValue(lang, metric, value)}</span>
          : <span class="number"><span class="bone" /></span>}
        {overview ? <Change metric={metric} overview={overview} /> : <span class="change same">{'\u00a0'}</span>}
        {overview
          ? <Spark values={overview.series[metric]} parts={partsOf(overview)} />
          : <span class="spark" />}
      </button>
      <button type="button" class="info" aria-label={t('define', { metric: name })} aria-expanded={defined.value === metric}
        onClick={() => { defined.value = defined.value === metric ? null : metric; }}
        onBlur={() => { if (defined.value === metric) defined.value = null; }}>i</button>
      {defined.value === metric && <over.With>{(o) => <o.Definition metric={metric} about={overview !== null && about(metric, overview)} without={overview?.conversion_undecided_days ?? 0} elsewhere={overview?.bounce_elsewhere} />}</over.With>}
    </div>
  );
}

export function Metrics({ overview }: { overview: Overview | null }) {
  return <div class="metrics">{METRICS.map((metric) => <Cell key={metric} metric={metric} overview={overview} />)}</div>;
}
