// The door. Says plainly what is wrong, and how long a limited visitor waits.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api, ApiError } from './api';
import { useCountdown } from './countdown';
import { Field } from './field';
import { Footer } from './footer';
import { duration } from './format';
import { PlainHeader } from './header';
import { d } from './door-words';
import { language, t } from './i18n';
import { askSession } from './session';
import { remedy } from './trouble';

/** Seconds to wait when the server limits without saying for how long. */
const WAIT_SECONDS_USUAL = 60;

export function SignIn() {
  const email = useSignal('');
  const password = useSignal('');
  const code = useSignal('');
  /** The account has a second step. */
  const asked = useSignal(false);
  const busy = useSignal(false);
  const error = useSignal<ApiError | null>(null);
  const wait = useCountdown();
  useEffect(() => { document.title = `${t('sign_in')} · mostik`; });

  async function enter(event: Event) {
    event.preventDefault();
    busy.value = true;
    try {
      await api.signIn(email.value.trim(), password.value, code.value);
      error.value = null;
      await askSession();
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      asked.value ||= failed.code === 'code_needed';
      error.value = failed.code === 'code_needed' ? null : failed;
      if (failed.status === 429) wait.start(failed.retryAfterSeconds ?? WAIT_SECONDS_USUAL);
    } finally {
      busy.value = false;
    }
  }
  const limited = wait.left > 0;
  const said = error.value;
  const trouble = limited ? d('sign_in.limited', { time: duration(language.value, wait.left) })
    : said === null || said.status === 429 ? null
    : said.code === 'code_wrong' ? d('sign_in.code.wrong')
    : said.status === 401 || said.status === 422 ? d('sign_in.wrong') : remedy(said);
  return (
    <>
      <PlainHeader />
      <main class="narrow" data-state={trouble ? 'error' : 'ready'}>
        <h1>{t('sign_in')}</h1>
        <p class="soft">{d('sign_in.lead')}</p>
        <form onSubmit={enter}>
          <Field label={d('sign_in.email')} name="email" type="email" autocomplete="username" value={email} focus />
          <Field label={d('sign_in.password')} name="password" type="password" autocomplete="current-password" value={password} />
          {asked.value && <Field label={d('sign_in.code')} name="code" autocomplete="one-time-code" value={code} why={d('sign_in.code.why')} focus />}
          {trouble && <p class="notice bad" role={limited ? 'timer' : 'alert'}>{trouble}</p>}
          <button type="submit" class="solid wide" disabled={busy.value || limited}>{t('sign_in')}</button>
        </form>
      </main>
      <Footer />
    </>
  );
}
