// The owner's page of goals and funnels, and what the overview shows of funnels. Fetched when
// one of them is asked for.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError } from './api';
import type { Site } from './contract';
import { Dialog } from './dialog';
import { Footer } from './footer';
import { goals, type Declared, type Funnel, type Goal } from './goals/contract';
import { FunnelForm } from './goals/funnel-form';
import { GoalForm } from './goals/goal-form';
import { told } from './goals/rule';
import './goals/style';
import { w } from './goals/words';
import { PlainHeader } from './header';
import { t } from './i18n';
import { follow } from './panel';
import { go } from './route';
import { Trouble } from './trouble';
import { DEFAULT_VIEW, writeRoute } from './url';

export { Funnels, NoGoals, Undecided } from './goals/funnels';

/** What lies over the page. */
type Open =
  | { what: 'goal'; goal: Goal | null }
  | { what: 'funnel'; funnel: Funnel | null }
  | { what: 'removal'; question: string; remove: () => Promise<void> };

function worth({ value }: Goal): string {
  return value ? ` · ${value.amount_e4 / 10_000} ${value.currency}` : '';
}

export function Goals({ site }: { site: Site }) {
  const declared = useSignal<Declared | null>(null);
  const error = useSignal<ApiError | null>(null);
  const open = useSignal<Open | null>(null);
  const asked = useSignal(0);
  useEffect(() => { document.title = `${w('title')} · ${site.domain} · mostik`; });
  useEffect(() => {
    const stop = new AbortController();
    goals.all(site.id, stop.signal).then(
      (all) => { declared.value = all; error.value = null; },
      (failed: unknown) => {
        if (stop.signal.aborted) return;
        if (!(failed instanceof ApiError)) throw failed;
        error.value = failed;
      },
    );
    return () => stop.abort();
  }, [site.id, asked.value]);

  const done = (changed: boolean) => { open.value = null; if (changed) asked.value += 1; };
  async function removed(remove: () => Promise<void>) {
    try {
      await remove();
      done(true);
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      error.value = failed;
      done(false);
    }
  }
  const home = { page: 'overview', site: site.id, view: DEFAULT_VIEW } as const;
  const one = (key: number, title: string, rule: string, edit: () => void, remove: () => void) => (
    <li key={key} class="one" data-title={title}>
      <div><b>{title}</b><span class="soft">{rule}</span></div>
      <button type="button" class="quiet small" aria-label={`${w('edit')}: ${title}`} onClick={edit}>{w('edit')}</button>
      <button type="button" class="quiet small" aria-label={`${w('remove')}: ${title}`} onClick={remove}>{w('remove')}</button>
    </li>
  );
  const all = declared.value;
  const over = open.value;
  return (
    <>
      <PlainHeader><a class="domain" href={writeRoute(home)} title={w('back')} onClick={(event) => follow(event, () => go(home))}>{site.domain}</a></PlainHeader>
      <main class="declared" data-state={error.value ? 'error' : all ? 'ready' : 'loading'}>
        <h1>{w('title')}</h1>
        <p class="soft">{w('lead')}</p>
        {error.value && <Trouble title={t('error.title.first')} error={error.value} onRetry={() => { asked.value += 1; }} />}
        {all && (
          <>
            <section aria-label={w('goals')}>
              <header><h2>{w('goals')}</h2><button type="button" class="outline" data-add="goal" onClick={() => { open.value = { what: 'goal', goal: null }; }}>{w('goal.add')}</button></header>
              {all.goals.length === 0 && <p class="soft">{w('goals.none')}</p>}
              <ul>{all.goals.map((goal) => one(goal.id, goal.title, told(goal.rule) + worth(goal),
                () => { open.value = { what: 'goal', goal }; },
                () => { open.value = { what: 'removal', question: w('remove.goal', { title: goal.title }), remove: () => goals.remove(site.id, goal.id) }; }))}</ul>
            </section>
            <section aria-label={w('funnels')}>
              <header><h2>{w('funnels')}</h2><button type="button" class="outline" data-add="funnel" onClick={() => { open.value = { what: 'funnel', funnel: null }; }}>{w('funnel.add')}</button></header>
              {all.funnels.length === 0 && <p class="soft">{w('funnels.none')}</p>}
              <ul>{all.funnels.map((funnel) => one(funnel.id, funnel.title, funnel.steps.map(told).join(' → '),
                () => { open.value = { what: 'funnel', funnel }; },
                () => { open.value = { what: 'removal', question: w('remove.funnel', { title: funnel.title }), remove: () => goals.removeFunnel(site.id, funnel.id) }; }))}</ul>
            </section>
          </>
        )}
      </main>
      <Footer zone={site.time_zone} />
      {over?.what === 'goal' && <GoalForm site={site.id} goal={over.goal} done={done} />}
      {over?.what === 'funnel' && all && <FunnelForm site={site.id} funnel={over.funnel} declared={all} done={done} />}
      {over?.what === 'removal' && (
        <Dialog title={w('remove')} onClose={() => done(false)}>
          <div class="goal-form"><p>{over.question}</p><div><button type="button" class="solid" onClick={() => void removed(over.remove)}>{w('remove')}</button> <button type="button" class="quiet" onClick={() => done(false)}>{w('cancel')}</button></div></div>
        </Dialog>
      )}
    </>
  );
}
