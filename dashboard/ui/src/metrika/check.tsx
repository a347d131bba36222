// The check of the counter's set-up and the comparison with its reports: Metrika's API is
// asked when a button is pressed, and at no other time.

import { useSignal } from '@preact/signals';
import { ApiError } from '../api';
import { metrika, type Finding, type Judged } from './contract';
import { coded, w } from './words';

export function Check({ site }: { site: number }) {
  const findings = useSignal<Finding[]>([]);
  const days = useSignal<Judged[]>([]);
  const token = useSignal('');
  const said = useSignal('');
  async function ask(work: () => Promise<void>) {
    try {
      said.value = '';
      await work();
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      said.value = coded('error', failed.code);
    }
  }
  const check = async () => { findings.value = (await metrika.check(site)).findings; };
  const create = async () => {
    const { created } = await metrika.createGoals(site, token.value);
    token.value = '';
    said.value = w('check.created', { goals: created.join(', ') || '0' });
    await check();
  };
  const isGoalMissing = findings.value.some((one) => one.check === 'goals_exist' && !one.is_ok);
  return (
    <section aria-label={w('check')}>
      <h2>{w('check')}</h2>
      <p class="in-line">
        <button type="button" class="outline" onClick={() => void ask(check)}>{w('check.run')}</button>
        <button type="button" class="outline" onClick={() => void ask(async () => { days.value = (await metrika.reconcile(site)).days; })}>{w('check.compare')}</button>
        <span class="soft" role="status">{said.value || w('check.needs')}</span>
      </p>
      <ul class="plain">
        {findings.value.map((one) => (
          <li key={one.check} class={one.is_ok ? 'good' : 'bad'}>{one.is_ok ? '✓' : '✗'} {coded('finding', one.check)}{!one.is_ok && <>: {coded('remedy', one.check)} {one.found.join(', ')}</>}</li>
        ))}
      </ul>
      {isGoalMissing && (
        <p class="in-line">
          <input class="once" type="password" autocomplete="off" aria-label={w('check.write')} placeholder={w('check.write')} value={token.value} onInput={(e) => { token.value = e.currentTarget.value; }} />
          <button type="button" class="outline" disabled={!token.value.trim()} onClick={() => void ask(create)}>{w('check.create')}</button>
        </p>
      )}
      {days.value.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-label={w('check.compare')}><table>
          <thead><tr><th scope="col">{w('goal')}</th><th scope="col">{w('day')}</th><th scope="col" class="n">{w('accepted')}</th><th scope="col" class="n">{w('uncertain')}</th><th scope="col" class="n">{w('recorded')}</th><th scope="col">{w('state')}</th></tr></thead>
          <tbody>
            {days.value.map((one) => (
              <tr key={one.goal + one.day}><td><code>{one.goal}</code></td><td>{one.day}</td><td class="n">{one.here.accepted}</td><td class="n">{one.here.uncertain}</td><td class="n">{one.recorded ?? '—'}</td><td class={one.verdict === 'short' || one.verdict === 'over' ? 'bad' : ''}>{coded('verdict', one.verdict)}</td></tr>
            ))}
          </tbody>
        </table></div>
      )}
    </section>
  );
}
