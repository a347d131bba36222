// The first page of all: whoever holds the code printed at first start becomes
// the owner. The code stands in the address behind `#`, so it never travels in
// a request line, and leaves the address once it has been used.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api, ApiError } from './api';
import { Field } from './field';
import { Footer } from './footer';
import { PlainHeader } from './header';
import { d } from './door-words';
import { t } from './i18n';
import { go } from './route';
import { askSession } from './session';
import { remedy } from './trouble';
import { BASE, here } from './url';

/** Characters a password has at least. */
export const PASSWORD_CHARS_MIN = 10;

export function Setup() {
  const token = useSignal(decodeURIComponent(location.hash.slice(1)));
  const asked = useSignal(token.value === '');
  const email = useSignal('');
  const password = useSignal('');
  const busy = useSignal(false);
  const error = useSignal<ApiError | null>(null);
  const short = useSignal(false);
  useEffect(() => { document.title = `${d('setup.title')} · mostik`; });

  async function create(event: Event) {
    event.preventDefault();
    short.value = [...password.value].length < PASSWORD_CHARS_MIN;
    if (short.value) return;
    busy.value = true;
    try {
      await api.setUp(token.value.trim(), email.value.trim(), password.value);
      error.value = null;
      await askSession();
      go({ page: 'add_site' }, 'replace');
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      error.value = failed;
      if (badToken(failed)) asked.value = true;
    } finally {
      busy.value = false;
    }
  }
  const said = error.value;
  const gone = said?.status === 410;
  const wrongToken = said && badToken(said) ? d('setup.token.wrong') : null;
  const wrongEmail = said?.code === 'email_invalid' ? d('setup.email.wrong') : null;
  const n = PASSWORD_CHARS_MIN;
  const other = said && !gone && !wrongToken && !wrongEmail && said.code !== 'password_unfit' ? remedy(said) : null;
  return (
    <>
      <PlainHeader />
      <main class="narrow" data-state={said ? 'error' : 'ready'}>
        <p class="soft step">{d('setup.step', { n: 1, of: 3 })}</p>
        <h1>{d('setup.title')}</h1>
        <p class="soft">{d('setup.lead')}</p>
        <form onSubmit={create} noValidate>
          {asked.value && <Field label={d('setup.token')} name="token" value={token} why={d('setup.token.why')} wrong={wrongToken} focus />}
          <Field label={d('sign_in.email')} name="email" type="email" autocomplete="username" value={email} wrong={wrongEmail} focus={!asked.value} />
          <Field label={d('sign_in.password')} name="password" type="password" autocomplete="new-password" value={password}
            why={d('setup.password.why', { n })} wrong={short.value || said?.code === 'password_unfit' ? d('setup.password.short', { n }) : null} />
          {gone && <p class="notice bad" role="alert">{d('setup.gone')} <a href={`${BASE}/`}>{t('sign_in')}</a></p>}
          {other && <p class="notice bad" role="alert">{other}</p>}
          <button type="submit" class="solid wide" disabled={busy.value}>{d('setup.create')}</button>
        </form>
      </main>
      <Footer />
    </>
  );
}

const badToken = (error: ApiError) => error.code === 'token_wrong';

/** Shown when nobody owns the server yet and the reader came without the code. */
export function SetupClosed() {
  useEffect(() => { document.title = `${d('setup.closed')} · mostik`; });
  return (
    <>
      <PlainHeader />
      <main class="narrow" data-state="ready">
        <h1>{d('setup.closed')}</h1>
        <p class="soft">{d('setup.closed.lead')}</p>
        <pre class="code-line">{`${here()}/setup#…`}</pre>
        <p class="soft">{d('setup.closed.lost')}</p>
        <pre class="code-line">mostik setup-link</pre>
        <a class="outline" href={`${BASE}/setup`} onClick={(event) => { event.preventDefault(); go({ page: 'setup' }); }}>{d('setup.token')}</a>
      </main>
      <Footer />
    </>
  );
}
