// The check of the counter's set-up, its goals, and the comparison with its reports: asked when a
// button is pressed, and by the server at night where that is switched on.

import { useSignal } from '@preact/signals';
import { ApiError } from '../api';
import { metrika, type Finding, type Judged, type Proposal, type Settings } from './contract';
import { Proposals } from './proposals';
import { TagBeside } from './tag';
import { coded, w } from './words';

interface Props { site: number; settings: Settings; compared: Judged[]; onChange: () => void }

export function Check({ site, settings, compared, onChange }: Props) {
  const findings = useSignal<Finding[]>([]);
  const proposals = useSignal<Proposal[]>([]);
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
  const check = async () => {
    const found = await metrika.check(site);
    findings.value = found.findings;
    proposals.value = found.proposals;
  };
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
      <Proposals site={site} settings={settings} found={proposals.value} onTaken={onChange} attempt={ask} />
      <TagBeside site={site} settings={settings} attempt={ask} />
      {days.value.length > 0 && <Days title={w('check.compare')} days={days.value} />}
      {compared.length > 0 && <><h3 class="fine">{w('check.night')}</h3><Days title={w('check.night')} days={compared} /></>}
    </section>
  );
}

function Days({ title, days }: { title: string; days: Judged[] }) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={title}><table>
      <thead><tr><th scope="col">{w('goal')}</th><th scope="col">{w('day')}</th><th scope="col" class="n">{w('accepted')}</th><th scope="col" class="n">{w('uncertain')}</th><th scope="col" class="n">{w('recorded')}</th><th scope="col">{w('state')}</th></tr></thead>
      <tbody>
        {days.map((one) => (
          <tr key={one.goal + one.day}><td><code>{one.goal}</code></td><td>{one.day}</td><td class="n">{one.here.accepted}</td><td class="n">{one.here.uncertain}</td><td class="n">{one.recorded ?? '—'}</td><td class={one.verdict === 'short' || one.verdict === 'over' ? 'bad' : ''}>{coded('verdict', one.verdict)}</td></tr>
        ))}
      </tbody>
    </table></div>
  );
}
