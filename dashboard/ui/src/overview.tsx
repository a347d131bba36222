// The page an owner opens: figures, chart, panels, the honest line.

import { useEffect } from 'preact/hooks';
import { api } from './api';
import { Chart } from './chart';
import type { Site } from './contract';
import { Footer } from './footer';
import { goalsPart } from './goals-later';
import { Chips, Header } from './header';
import { t } from './i18n';
import { helpOpen } from './keys';
import { Metrics } from './metrics';
import { morePart, realtimePart } from './more-later';
import { over } from './over-later';
import { Panel } from './panel';
import { failure, figures, keepFresh, retry, stale, wanted } from './refresh';
import { go, show, view } from './route';
import { skipped } from './skipped';
import { Trouble } from './trouble';
import { FIRST_PANELS, PANEL_NAMES } from './url';

export function Overview({ site }: { site: Site }) {
  useEffect(() => {
    document.title = t('title.overview', { site: site.domain });
    // A site that never sent anything gets help with that instead of zeroes.
    const stop = new AbortController();
    api.status(site.id, stop.signal).then(
      (status) => { if (!status.first_event && site.role !== 'viewer' && !skipped.has(site.id)) go({ page: 'install', site: site.id }, 'replace'); },
      // Only a nicety: the overview itself says when the server is in trouble.
      () => undefined,
    );
    return () => stop.abort();
  }, [site.id]);
  return (
    <>
      <Header site={site} />
      {view.value.period === 'realtime'
        ? <realtimePart.With instead={<main />}>{(r) => <r.Realtime site={site} />}</realtimePart.With>
        : <Figures site={site} />}
      <Footer zone={site.time_zone} />
      {helpOpen.value && <over.With>{(o) => <o.Help />}</over.With>}
    </>
  );
}

function Figures({ site }: { site: Site }) {
  const known = figures.value;
  useEffect(keepFresh, []);
  useEffect(() => { if (known) over.fetch(); }, [known !== null]);
  const overview = known?.overview ?? null;
  const error = failure.value;
  const state = error ? 'error' : stale.value || !overview ? 'loading' : 'ready';
  const { list } = view.value;
  return (
    <>
      <main id="figures" tabIndex={-1} data-state={state} aria-busy={state === 'loading'}>
        <h1 class="unseen">{site.domain}</h1>
        <Chips />
        {error && (
          <Trouble title={t(overview ? 'error.title' : 'error.title.first')} error={error} since={known?.at ?? null} onRetry={retry} />
        )}
        {!!overview?.undecided_days && <goalsPart.With>{(g) => <g.Undecided days={overview.undecided_days ?? 0} />}</goalsPart.With>}
        <div class={`figures${known && (stale.value || known.question !== wanted.value) ? ' dim' : ''}`}>
          <div class="slab">
            <Metrics overview={overview} />
            <Chart overview={overview} />
          </div>
          <nav class="fronts" aria-label={t('panel.switch')}>
            {PANEL_NAMES.map((name) => <button key={name} type="button" aria-pressed={view.value.panel === name} onClick={() => show({ panel: name })}>{t(`panel.${name}`)}</button>)}
          </nav>
          <div class="panels">
            {FIRST_PANELS.map((name) => <Panel key={name} name={name} site={site} overview={overview} countries={known?.countries?.rows ?? null} />)}
            <morePart.With instead={<><div class="panel" /><div class="panel" /></>}>{(m) => <m.Panels site={site} overview={overview} />}</morePart.With>
          </div>
          <morePart.With instead={<section class="balance"><span class="bone" /></section>}>{(m) => <m.Balance overview={overview} />}</morePart.With>
        </div>
      </main>
      {list === 'speed' || list === 'paths' ? <morePart.With>{(m) => (list === 'paths' ? <m.PathList site={site} /> : <m.SpeedList site={site} />)}</morePart.With> : list && <over.With>{(o) => <o.FullList key={list} dimension={list} overview={overview} />}</over.With>}
    </>
  );
}
