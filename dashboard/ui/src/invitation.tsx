// Accepts an invitation: with a password for a new account, or as whoever is signed in.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { d } from './door-words';
import { Field } from './field';
import { Footer } from './footer';
import { PlainHeader } from './header';
import { t } from './i18n';
import { go } from './route';
import { askSession, session } from './session';
import { stranger } from './settings/contract';
import { PASSWORD_CHARS_MIN } from './setup';
import { useTries } from './tried';
import { remedy } from './trouble';
import { BASE } from './url';

type Invited = Awaited<ReturnType<typeof stranger.invitation>>;

export function Invitation() {
  const token = location.hash.slice(1);
  const invited = useSignal<Invited | null>(null);
  const { error, tried } = useTries();
  const password = useSignal('');
  useEffect(() => { void tried(async () => { invited.value = await stranger.invitation(token); }); }, []);
  function accept(event: Event) {
    event.preventDefault();
    void tried(async () => {
      await stranger.accept(token, invited.value?.has_account ? null : password.value);
      await askSession();
      go({ page: 'home' }, 'replace');
    });
  }
  const known = invited.value;
  const gone = error.value?.status === 404;
  const isThem = known !== null && session.value?.email === known.email;
  const said = error.value === null || gone ? null : error.value.code === 'password_unfit' ? d('setup.password.short', { n: PASSWORD_CHARS_MIN }) : remedy(error.value);
  return (
    <>
      <PlainHeader />
      <main class="narrow" data-state={error.value ? 'error' : known ? 'ready' : 'loading'}>
        {gone ? <><h1>{d('invitation.gone')}</h1><p class="soft">{d('invitation.gone.why')}</p></> : !known ? <h1 class="unseen">mostik</h1> : (
          <>
            <h1>{d('invitation.title', { domain: known.domain })}</h1>
            <p class="soft">{d(`invitation.lead.${known.role}`, { email: known.email })}</p>
            {known.has_account && !isThem ? <p class="notice">{d('invitation.sign_in')} <a href={`${BASE}/`}>{t('sign_in')}</a></p> : (
              <form onSubmit={accept}>
                {!known.has_account && (
                  <>
                    <input class="unseen" type="email" autocomplete="username" value={known.email} readOnly tabIndex={-1} aria-hidden="true" />
                    <Field label={d('sign_in.password')} name="password" type="password" autocomplete="new-password" value={password} why={d('invitation.new')} focus />
                  </>
                )}
                {said && <p class="notice bad" role="alert">{said}</p>}
                <button type="submit" class="solid wide">{d('invitation.accept')}</button>
              </form>
            )}
          </>
        )}
      </main>
      <Footer />
    </>
  );
}
