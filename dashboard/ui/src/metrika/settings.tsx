// Counter, token, goals and rules. Tokens go one way: what is kept is never shown again.

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { ApiError } from '../api';
import { metrika, RULES, type Listed, type Settings } from './contract';
import { Goals } from './goals';
import { coded, w } from './words';

function Labelled({ label, why, children }: { label: string; why?: string; children: (id: string) => ComponentChildren }) {
  const id = useId();
  return <div class="field"><label for={id}>{label}</label>{children(id)}{why && <p class="soft">{why}</p>}</div>;
}

/** One field a line: `utm_source: mail, vk`. */
const written = (lists: Listed[]) => lists.map(({ key, values }) => `${key}: ${values.join(', ')}`).join('\n');
const listed = (text: string): Listed[] => text.split('\n').map((line) => line.trim()).filter(Boolean).map((line) => {
  const [key = '', ...rest] = line.split(':');
  return { key: key.trim(), values: rest.join(':').split(',').map((value) => value.trim()).filter(Boolean) };
});

export function SettingsForm({ site, settings, onSaved }: { site: number; settings: Settings | null; onSaved: (settings: Settings) => void }) {
  const rules = settings?.rules ?? RULES;
  const counter = useSignal(settings ? String(settings.counter) : '');
  const token = useSignal('');
  const oauth = useSignal('');
  const goals = useSignal(rules.goals);
  const consent = useSignal(rules.consent);
  const delay = useSignal(rules.delay_seconds.map((s) => s / 60) as [number, number]);
  const k = useSignal(rules.release_at);
  const round = useSignal(rules.round_seconds);
  const nightly = useSignal(rules.nightly);
  const late = useSignal(rules.late);
  const upload = useSignal('');
  const campaign = useSignal(written(rules.campaign));
  const params = useSignal(written(rules.params));
  const paths = useSignal(rules.paths.join('\n'));
  const said = useSignal<{ text: string; bad: boolean } | null>(null);

  async function save(event: Event) {
    event.preventDefault();
    try {
      const saved = await metrika.save(site, {
        counter: Number(counter.value),
        rules: {
          ...rules, consent: consent.value, goals: goals.value, release_at: k.value, round_seconds: round.value, nightly: nightly.value, late: late.value,
          campaign: listed(campaign.value), params: listed(params.value),
          delay_seconds: [Math.round(delay.value[0] * 60), Math.round(delay.value[1] * 60)],
          paths: paths.value.split('\n').map((line) => line.trim()).filter(Boolean),
        },
        ...(token.value.trim() ? { token: token.value } : {}),
        ...(oauth.value.trim() ? { oauth: oauth.value } : {}),
        ...(upload.value.trim() ? { upload: upload.value } : {}),
      });
      token.value = oauth.value = upload.value = '';
      said.value = { text: w('saved'), bad: false };
      onSaved(saved);
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      const text = coded('error', failed.code);
      said.value = { text: text === failed.code.replaceAll('_', ' ') ? w('error.other', { code: failed.code }) : text, bad: true };
    }
  }
  return (
    <form class="box" onSubmit={(event) => void save(event)} aria-label={w('setup')}>
      <h2>{w('setup')}</h2>
      <div class="two">
        <Labelled label={w('counter')} why={w('counter.why')}>
          {(id) => <div class="input"><input id={id} name="counter" inputMode="numeric" required placeholder="12345678" value={counter.value} onInput={(e) => { counter.value = e.currentTarget.value; }} /></div>}
        </Labelled>
        <Labelled label={w('token')} why={w(settings?.has_token ? 'token.set' : 'token.why')}>
          {(id) => <div class="input"><input id={id} name="token" type="password" autocomplete="off" value={token.value} onInput={(e) => { token.value = e.currentTarget.value; }} /></div>}
        </Labelled>
      </div>
      <Goals goals={goals} />
      <details>
        <summary>{w('more')}</summary>
        <div class="two">
          <Labelled label={w('consent')}>
            {(id) => <select id={id} value={consent.value} onChange={(e) => { consent.value = e.currentTarget.value as 'event' | 'visit'; }}><option value="event">{w('consent.event')}</option><option value="visit">{w('consent.visit')}</option></select>}
          </Labelled>
          <div class="field"><b>{w('delay')}</b>
            <div class="pair">
              {([0, 1] as const).map((i) => <input key={i} type="number" min="0" max="60" step="any" aria-label={`${w('delay')} ${i + 1}`} value={delay.value[i]} onInput={(e) => { const next: [number, number] = [...delay.value]; next[i] = Number(e.currentTarget.value); delay.value = next; }} />)}
            </div><p class="soft">{w('delay.why')}</p>
          </div>
          <Labelled label={w('k')} why={w('k.why')}>{(id) => <input id={id} type="number" min="1" max="100" value={k.value} onInput={(e) => { k.value = Number(e.currentTarget.value); }} />}</Labelled>
          <Labelled label={w('round')}>{(id) => <input id={id} type="number" min="60" max="900" value={round.value} onInput={(e) => { round.value = Number(e.currentTarget.value); }} />}</Labelled>
          <Labelled label={w('pages')} why={w('pages.why')}>{(id) => <textarea id={id} value={paths.value} onInput={(e) => { paths.value = e.currentTarget.value; }} />}</Labelled>
          <Labelled label={w('campaign')} why={w('campaign.why')}>{(id) => <textarea id={id} name="campaign" placeholder="utm_source: mail, vk" value={campaign.value} onInput={(e) => { campaign.value = e.currentTarget.value; }} />}</Labelled>
          <Labelled label={w('params')} why={w('params.why')}>{(id) => <textarea id={id} name="params" placeholder="plan: basic, pro" value={params.value} onInput={(e) => { params.value = e.currentTarget.value; }} />}</Labelled>
          <Labelled label={w('oauth')} why={w(settings?.has_oauth ? 'oauth.set' : 'oauth.why')}>
            {(id) => <div class="input"><input id={id} name="oauth" type="password" autocomplete="off" value={oauth.value} onInput={(e) => { oauth.value = e.currentTarget.value; }} /></div>}
          </Labelled>
          <Labelled label={w('nightly')} why={w('nightly.why')}>{(id) => <select id={id} name="nightly" value={String(nightly.value)} onChange={(e) => { nightly.value = e.currentTarget.value === 'true'; }}><option value="false">{w('nightly.no')}</option><option value="true">{w('nightly.yes')}</option></select>}</Labelled>
        </div>
        <div class="two">
          <div class="field">
            <label class="tick"><input type="checkbox" name="late" checked={late.value} onChange={(e) => { late.value = e.currentTarget.checked; }} /> {w('late')}</label>
            <p class="soft">{w('late.why')}</p>
          </div>
          {late.value && (
            <Labelled label={w('upload')} why={w(settings?.has_upload ? 'upload.set' : 'upload.why')}>
              {(id) => <div class="input"><input id={id} name="upload" type="password" autocomplete="off" required={!settings?.has_upload} value={upload.value} onInput={(e) => { upload.value = e.currentTarget.value; }} /></div>}
            </Labelled>
          )}
        </div>
      </details>
      <p class="in-line">
        <button type="submit" class="solid">{w('save')}</button>
        <span role="status" class={said.value?.bad ? 'bad' : 'good'}>{said.value?.text}</span>
      </p>
    </form>
  );
}
