// Goals that could be forwarded: those the counter has, and those a page's code reaches. One
// press takes one over, under an event of the same name.

import { useSignal } from '@preact/signals';
import { metrika, type Proposal, type Settings } from './contract';
import { reached } from './pasted';
import { w } from './words';

interface Props {
  site: number;
  settings: Settings;
  found: Proposal[];
  onTaken: () => void;
  attempt: (work: () => Promise<void>) => Promise<void>;
}

export function Proposals({ site, settings, found, onTaken, attempt }: Props) {
  const pasted = useSignal('');
  const { counter, rules } = settings;
  const known = new Set(rules.goals.map((rule) => rule.goal));
  const all = [...found, ...reached(pasted.value).map((goal) => ({ name: goal, goal }))];
  const open = all.filter(({ goal }, at) => !known.has(goal) && all.findIndex((other) => other.goal === goal) === at);
  const take = (goal: string) => attempt(async () => {
    const goals = [...rules.goals, { event: goal, goal, value: { kind: 'none' }, guarantee: 'at_most_once' } as const];
    await metrika.save(site, { counter, rules: { ...rules, goals } });
    onTaken();
  });
  return (
    <details>
      <summary>{w('proposals')}</summary>
      <p class="soft">{w('proposals.why')}</p>
      <label class="field fine"><b>{w('proposals.paste')}</b>
        <textarea name="pasted" spellcheck={false} value={pasted.value} onInput={(e) => { pasted.value = e.currentTarget.value; }} />
      </label>
      <ul class="plain" aria-live="polite">
        {open.map(({ name, goal }) => (
          <li key={goal}>{name !== goal && `${name} `}<button type="button" class="outline" onClick={() => void take(goal)}>{w('proposals.add', { goal })}</button></li>
        ))}
        {open.length === 0 && <li class="soft">{w('proposals.none')}</li>}
      </ul>
    </details>
  );
}
