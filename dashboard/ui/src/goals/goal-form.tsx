// The form of one goal, with what it would have counted in the last 30 days beside it while
// it is being written.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError } from '../api';
import { Dialog } from '../dialog';
import { goals, type Goal, type Preview, type Rule } from './contract';
import { EMPTY_RULE, isWhole, RuleFields } from './rule';
import { w, wrong } from './words';

/** Milliseconds of quiet before a rule is counted. */
const TYPING_MS = 350;
/** Parts of a currency's unit that the server counts in. */
const PARTS = 10_000;

function Count({ site, rule }: { site: number; rule: Rule }) {
  const found = useSignal<Preview | null>(null);
  const asked = JSON.stringify(rule);
  useEffect(() => {
    found.value = null;
    if (!isWhole(rule)) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        found.value = await goals.preview(site, rule, stop.signal);
      } catch (error) {
        // The count is a help while writing; what is wrong with the rule is said on saving.
        if (!stop.signal.aborted && !(error instanceof ApiError)) throw error;
      }
    }, TYPING_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [site, asked]);
  const n = found.value;
  return (
    <p class="count" role="status" data-events={n?.events ?? ''}>
      {isWhole(rule) && (n === null ? w('preview.wait') : n.events === 0 ? w('preview.none')
        : w('preview.exact', { n: n.events }) + w(n.counting === 'exact' ? 'preview.visitors' : 'preview.about', { n: n.visitors }))}
    </p>
  );
}

export function GoalForm({ site, goal, done }: { site: number; goal: Goal | null; done: (changed: boolean) => void }) {
  const title = useSignal(goal?.title ?? '');
  const rule = useSignal(goal?.rule ?? EMPTY_RULE);
  const amount = useSignal(goal?.value ? String(goal.value.amount_e4 / PARTS) : '');
  const currency = useSignal(goal?.value?.currency ?? 'RUB');
  const failed = useSignal<string | null>(null);
  async function save(event: Event) {
    event.preventDefault();
    const sum = Number(amount.value.replace(',', '.'));
    const value = amount.value.trim() === '' ? null : { amount_e4: Math.round(sum * PARTS), currency: currency.value };
    try {
      await goals.keep(site, { id: goal?.id ?? null, title: title.value, rule: rule.value, value });
      done(true);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failed.value = wrong(error.code);
    }
  }
  return (
    <Dialog title={w(goal ? 'goal.edit' : 'goal.new')} onClose={() => done(false)}>
      <form class="goal-form" onSubmit={(event) => void save(event)}>
        <label>{w('name')}<input name="title" required maxLength={100} placeholder={w('name.goal')} value={title.value} onInput={(e) => { title.value = e.currentTarget.value; }} /></label>
        <fieldset><legend>{w('what')}</legend><RuleFields rule={rule.value} change={(next) => { rule.value = next; }} /></fieldset>
        <div class="worth">
          <label>{w('value')}<input name="amount" inputMode="decimal" value={amount.value} onInput={(e) => { amount.value = e.currentTarget.value; }} /></label>
          <label>{w('currency')}<input name="currency" maxLength={3} value={currency.value} onInput={(e) => { currency.value = e.currentTarget.value.toUpperCase(); }} /></label>
          <p class="soft">{w('value.why')}</p>
        </div>
        <Count site={site} rule={rule.value} />
        {failed.value && <p class="bad" role="alert">{failed.value}</p>}
        <button type="submit" class="solid">{w('save')}</button>
      </form>
    </Dialog>
  );
}
