// Tokens for programs: made, shown once, ended.

import { useSignal } from '@preact/signals';
import { Field } from '../field';
import { sites } from '../session';
import { account, type Scope } from './contract';
import { Choice, dayOf, moment, Once, Section, useLoaded } from './parts';
import { w } from './words';
import { BASE } from '../url';

export function Tokens() {
  const { value, said, act } = useLoaded(() => account.tokens());
  const made = useSignal<{ name: string; token: string } | null>(null);
  const name = useSignal('');
  const scope = useSignal<Scope>('stats:read');
  const site = useSignal('');
  const days = useSignal('');
  const known = sites.value ?? [];
  async function make(event: Event) {
    event.preventDefault();
    await act(async () => {
      made.value = await account.makeToken({ name: name.value, scope: scope.value, site_id: site.value ? Number(site.value) : null, life_days: days.value ? Number(days.value) : null });
      name.value = '';
    });
  }
  return (
    <Section title={w('tokens')} why={w('tokens.why')} said={said}>
      <p class="in-line"><a href={`${BASE}/api/v1/docs`} target="_blank" rel="noopener">{w('tokens.docs')}</a></p>
      {made.value && <Once title={`${w('token')}: ${made.value.name}`} text={made.value.token} />}
      {value && value.tokens.length === 0 && <p class="in-line soft">{w('tokens.none')}</p>}
      {value && value.tokens.length > 0 && (
        <div class="scroll" tabIndex={0}>
          <table>
            <thead><tr><th scope="col">{w('name')}</th><th scope="col">{w('scope')}</th><th scope="col">{w('site')}</th><th scope="col">{w('used')}</th><th scope="col">{w('until')}</th><th scope="col"><span class="unseen">{w('end')}</span></th></tr></thead>
            <tbody>
              {value.tokens.map((token) => (
                <tr key={token.id} data-token={token.id}>
                  <td>{token.name}</td><td>{w(`scope.${token.scope}`)}</td>
                  <td>{token.site_id === null ? w('site.all') : known.find((one) => one.id === token.site_id)?.domain ?? token.site_id}</td>
                  <td>{token.used_at === null ? w('never') : moment(token.used_at)}</td><td>{dayOf(token.expires_at)}</td>
                  <td><button type="button" class="outline end" onClick={() => void act(() => account.endToken(token.id))}>{w('end')}</button></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <form onSubmit={make}>
        <Field label={w('name')} name="name" value={name} placeholder="Grafana" />
        <Choice label={w('scope')} name="scope" value={scope} options={[['stats:read', w('scope.stats:read')], ['manage', w('scope.manage')]]} why={w('scope.why')} />
        <Choice label={w('site')} name="site" value={site} options={[['', w('site.all')], ...known.map((one) => [String(one.id), one.domain] as const)]} />
        <Field label={w('days')} name="days" value={days} why={w('days.why')} optional />
        <button type="submit" class="outline">{w('make')}</button>
      </form>
    </Section>
  );
}
