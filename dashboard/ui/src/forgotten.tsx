// Sets a forgotten password, by a link that was made on the server.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { d } from './door-words';
import { Field } from './field';
import { Footer } from './footer';
import { PlainHeader } from './header';
import { t } from './i18n';
import { stranger } from './settings/contract';
import { PASSWORD_CHARS_MIN } from './setup';
import { useTries } from './tried';
import { remedy } from './trouble';
import { BASE } from './url';

export function ForgottenPassword() {
  const token = location.hash.slice(1);
  const email = useSignal<string | null>(null);
  const done = useSignal(false);
  const { error, tried } = useTries();
  const password = useSignal('');
  useEffect(() => { void tried(async () => { email.value = (await stranger.passwordLink(token)).email; }); }, []);
  function set(event: Event) {
    event.preventDefault();
    void tried(async () => {
      await stranger.setPassword(token, password.value);
      done.value = true;
    });
  }
  const gone = error.value?.status === 404;
  const said = error.value === null || gone ? null : error.value.code === 'password_unfit' ? d('setup.password.short', { n: PASSWORD_CHARS_MIN }) : remedy(error.value);
  const state = error.value ? 'error' : email.value ? 'ready' : 'loading';
  return (
    <>
      <PlainHeader />
      <main class="narrow" data-state={state}>
        {gone ? <><h1>{d('forgotten.gone')}</h1><p class="soft">{d('forgotten.gone.why')}</p></> : done.value ? (
          <><h1>{d('forgotten.title')}</h1><p class="notice" role="status">{d('forgotten.done')} <a href={`${BASE}/`}>{t('sign_in')}</a></p></>
        ) : email.value === null ? <h1 class="unseen">mostik</h1> : (
          <>
            <h1>{d('forgotten.title')}</h1>
            <p class="soft">{d('forgotten.lead', { email: email.value })}</p>
            <form onSubmit={set}>
              <input class="unseen" type="email" autocomplete="username" value={email.value} readOnly tabIndex={-1} aria-hidden="true" />
              <Field label={d('sign_in.password')} name="password" type="password" autocomplete="new-password" value={password} focus />
              {said && <p class="notice bad" role="alert">{said}</p>}
              <button type="submit" class="solid wide">{d('forgotten.set')}</button>
            </form>
          </>
        )}
      </main>
      <Footer />
    </>
  );
}
