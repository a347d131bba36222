// The form of one funnel: a name and its steps, each a rule of its own or a goal's.

import { useSignal } from '@preact/signals';
import { ApiError } from '../api';
import { Dialog } from '../dialog';
import { goals, STEPS_MAX, STEPS_MIN, type Declared, type Funnel, type Rule } from './contract';
import { EMPTY_RULE, RuleFields } from './rule';
import { w, wrong } from './words';

interface Props {
  site: number;
  funnel: Funnel | null;
  declared: Declared;
  done: (changed: boolean) => void;
}

export function FunnelForm({ site, funnel, declared, done }: Props) {
  const title = useSignal(funnel?.title ?? '');
  const steps = useSignal<Rule[]>(funnel?.steps ?? Array.from({ length: STEPS_MIN }, () => EMPTY_RULE));
  const failed = useSignal<string | null>(null);
  const put = (at: number, rule: Rule) => { steps.value = steps.value.map((old, i) => (i === at ? rule : old)); };
  async function save(event: Event) {
    event.preventDefault();
    try {
      await goals.keepFunnel(site, { id: funnel?.id ?? null, title: title.value, steps: steps.value });
      done(true);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failed.value = wrong(error.code);
    }
  }
  return (
    <Dialog title={w(funnel ? 'funnel.edit' : 'funnel.new')} onClose={() => done(false)}>
      <form class="goal-form" onSubmit={(event) => void save(event)}>
        <label>{w('name')}<input name="title" required maxLength={100} placeholder={w('name.funnel')} value={title.value} onInput={(e) => { title.value = e.currentTarget.value; }} /></label>
        <p class="soft">{w('funnel.why')}</p>
        <ol class="steps">
          {steps.value.map((rule, i) => (
            <li key={i}>
              <RuleFields label={w('step', { n: i + 1 })} rule={rule} change={(next) => put(i, next)} />
              <span class="tools">
                {declared.goals.length > 0 && (
                  <select aria-label={`${w('step', { n: i + 1 })}: ${w('step.of')}`} value="" onChange={(e) => { const goal = declared.goals.find((one) => String(one.id) === e.currentTarget.value); if (goal) put(i, goal.rule); }}>
                    <option value="">{w('step.of')}</option>
                    {declared.goals.map((goal) => <option key={goal.id} value={goal.id}>{goal.title}</option>)}
                  </select>
                )}
                {steps.value.length > STEPS_MIN && <button type="button" class="quiet small" aria-label={`${w('remove')}: ${w('step', { n: i + 1 })}`} onClick={() => { steps.value = steps.value.filter((_, j) => j !== i); }}>{w('remove')}</button>}
              </span>
            </li>
          ))}
        </ol>
        {steps.value.length < STEPS_MAX && <p><button type="button" class="outline" onClick={() => { steps.value = [...steps.value, EMPTY_RULE]; }}>{w('step.add')}</button></p>}
        {failed.value && <p class="bad" role="alert">{failed.value}</p>}
        <button type="submit" class="solid">{w('save')}</button>
      </form>
    </Dialog>
  );
}
