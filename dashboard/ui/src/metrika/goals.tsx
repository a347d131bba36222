// The table of goals: which event here becomes which goal there, worth what, and what to do
// when nobody can tell whether it arrived.

import type { Signal } from '@preact/signals';
import type { Goal, Value } from './contract';
import { w } from './words';

/** One unit of a currency in the server's ten-thousandths. */
const UNIT_E4 = 10_000;

const sumOf = (value: Value) => (value.kind === 'event' ? value.step_e4 : value.kind === 'fixed' ? value.amount_e4 : 0) / UNIT_E4;
const currencyOf = (value: Value) => (value.kind === 'none' ? 'RUB' : value.currency);

function valueOf(kind: Value['kind'], sum: number, currency: string): Value {
  const e4 = Math.round(sum * UNIT_E4);
  if (kind === 'event') return { kind, step_e4: e4 || 10 * UNIT_E4, currency };
  return kind === 'fixed' ? { kind, amount_e4: e4, currency } : { kind };
}

function Row({ goal, change, remove }: { goal: Goal; change: (goal: Goal) => void; remove: () => void }) {
  const { value } = goal;
  const kinds: Value['kind'][] = ['none', 'event', 'fixed'];
  return (
    <div class="goal">
      <label>{w('event')}<input value={goal.event} required maxLength={120} onInput={(e) => change({ ...goal, event: e.currentTarget.value })} /></label>
      <label>{w('goal')}<input value={goal.goal} required maxLength={64} pattern="[A-Za-z0-9_.\-]+" placeholder="srv_order" onInput={(e) => change({ ...goal, goal: e.currentTarget.value })} /></label>
      <label>{w('value')}
        <select value={value.kind} onChange={(e) => change({ ...goal, value: valueOf(e.currentTarget.value as Value['kind'], sumOf(value), currencyOf(value)), guarantee: e.currentTarget.value === 'none' ? goal.guarantee : 'at_most_once' })}>
          {kinds.map((kind) => <option key={kind} value={kind}>{w(`value.${kind}`)}</option>)}
        </select>
      </label>
      <label>{w('sum')}<input type="number" min="0" step="any" disabled={value.kind === 'none'} value={value.kind === 'none' ? '' : sumOf(value)} onInput={(e) => change({ ...goal, value: valueOf(value.kind, Number(e.currentTarget.value), currencyOf(value)) })} /></label>
      <label>{w('currency')}<input disabled={value.kind === 'none'} maxLength={3} value={value.kind === 'none' ? '' : currencyOf(value)} onInput={(e) => change({ ...goal, value: valueOf(value.kind, sumOf(value), e.currentTarget.value.toUpperCase()) })} /></label>
      <label>{w('guarantee')}
        <select value={goal.guarantee} onChange={(e) => change({ ...goal, guarantee: e.currentTarget.value as Goal['guarantee'] })}>
          {(['at_most_once', 'at_least_once'] as const).map((one) => <option key={one} value={one}>{w(one)}</option>)}
        </select>
      </label>
      <button type="button" class="quiet small" aria-label={`${w('remove')}: ${goal.event}`} onClick={remove}>{w('remove')}</button>
    </div>
  );
}

export function Goals({ goals }: { goals: Signal<Goal[]> }) {
  const put = (at: number, goal: Goal) => { goals.value = goals.value.map((old, i) => (i === at ? goal : old)); };
  return (
    <div>
      <h2>{w('goals')}</h2>
      <p class="soft">{w('goals.why')}</p>
      {goals.value.map((goal, i) => <Row key={i} goal={goal} change={(next) => put(i, next)} remove={() => { goals.value = goals.value.filter((_, j) => j !== i); }} />)}
      <p><button type="button" class="outline" onClick={() => { goals.value = [...goals.value, { event: '', goal: '', value: { kind: 'none' }, guarantee: 'at_most_once' }]; }}>{w('add')}</button></p>
    </div>
  );
}
