// One's own password, second step and sessions.

import { useSignal } from '@preact/signals';
import { Field } from '../field';
import { account, type Account, type Offer } from './contract';
import { moment, Once, Section, useLoaded, type Loaded } from './parts';
import { w } from './words';

export function Password({ about }: { about: Account }) {
  const { said, act } = useLoaded(() => Promise.resolve(about));
  const now = useSignal('');
  const next = useSignal('');
  async function change(event: Event) {
    event.preventDefault();
    if (await act(() => account.password(now.value, next.value), w('password.changed'))) now.value = next.value = '';
  }
  return (
    <Section title={w('password')} why={w('password.why')} said={said}>
      <form onSubmit={change}>
        <input class="unseen" type="email" autocomplete="username" value={about.email} readOnly tabIndex={-1} aria-hidden="true" />
        <Field label={w('password.now')} name="password" type="password" autocomplete="current-password" value={now} />
        <Field label={w('password.new')} name="new" type="password" autocomplete="new-password" value={next} />
        <button type="submit" class="outline">{w('password.change')}</button>
      </form>
    </Section>
  );
}

export function TwoStep({ about, act, said }: { about: Account } & Pick<Loaded<unknown>, 'act' | 'said'>) {
  const offer = useSignal<Offer | null>(null);
  const codes = useSignal<string[] | null>(null);
  const password = useSignal('');
  const code = useSignal('');
  const why = about.two_step ? w('two_step.on', { n: about.recovery_codes_left }) : w('two_step.off');
  async function begin(event: Event) {
    event.preventDefault();
    const secret = offer.value?.secret ?? '';
    if (!await act(async () => { codes.value = (await account.begin(password.value, secret, code.value)).recovery_codes; })) return;
    offer.value = null;
    password.value = code.value = '';
  }
  async function end(event: Event) {
    event.preventDefault();
    if (await act(() => account.end(password.value, code.value))) password.value = code.value = '';
  }
  return (
    <Section title={w('two_step')} why={why} said={said}>
      {codes.value ? (
        <>
          <Once title={w('two_step.codes')} text={codes.value.join('\n')} />
          <p class="soft">{w('two_step.codes.why')}</p>
          <p class="in-line"><button type="button" class="outline" onClick={() => { codes.value = null; }}>{w('two_step.done')}</button></p>
        </>
      ) : about.two_step ? (
        <form onSubmit={end}>
          <Field label={w('password.now')} name="password" type="password" autocomplete="current-password" value={password} />
          <Field label={w('two_step.code.or')} name="code" autocomplete="one-time-code" value={code} />
          <button type="submit" class="outline">{w('two_step.end')}</button>
        </form>
      ) : offer.value ? (
        <form onSubmit={begin}>
          <div class="offer wide">
            <svg class="qr" viewBox={`0 0 ${offer.value.qr.size} ${offer.value.qr.size}`} shape-rendering="crispEdges" role="img" aria-label={offer.value.address}><path d={offer.value.qr.path} /></svg>
            <div><p>{w('two_step.scan')}</p><p class="soft">{w('two_step.secret')}: <code>{offer.value.secret.match(/.{4}/g)?.join(' ')}</code></p></div>
          </div>
          <h3 class="unseen">{w('two_step.begin')}</h3>
          <Field label={w('password.now')} name="password" type="password" autocomplete="current-password" value={password} />
          <Field label={w('two_step.code')} name="code" autocomplete="one-time-code" value={code} />
          <button type="submit" class="solid">{w('two_step.begin')}</button>
        </form>
      ) : (
        <p class="in-line"><button type="button" class="outline" onClick={() => void act(async () => { offer.value = await account.offer(); })}>{w('two_step.begin')}</button></p>
      )}
    </Section>
  );
}

export function Sessions() {
  const { value, said, act } = useLoaded(() => account.sessions());
  return (
    <Section title={w('sessions')} why={w('sessions.why')} said={said}>
      <div class="scroll" tabIndex={0}>
        <table>
          <thead><tr><th scope="col">{w('session.since')}</th><th scope="col">{w('session.seen')}</th><th scope="col"><span class="unseen">{w('end')}</span></th></tr></thead>
          <tbody>
            {value?.sessions.map((line) => (
              <tr key={line.id} data-session={line.id}>
                <td>{moment(line.created_at)}</td><td>{moment(line.seen_at)}</td>
                <td>{line.is_current ? <span class="soft">{w('session.here')}</span> : <button type="button" class="outline end" onClick={() => void act(() => account.endSession(line.id))}>{w('end')}</button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
