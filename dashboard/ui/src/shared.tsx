// Opens somebody's link: the secret behind the # is shown to the server once, and from then
// on the page is the overview of one site, without anything to change.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError, carry } from './api';
import { d } from './door-words';
import { Field } from './field';
import { Footer } from './footer';
import { PlainHeader } from './header';
import { remedy } from './trouble';
import { route } from './route';
import { session, sites } from './session';
import { stranger } from './settings/contract';
import { BASE, lookThrough, readRoute } from './url';

export function SharedDoor() {
  const password = useSignal('');
  const asked = useSignal(false);
  const error = useSignal<ApiError | null>(null);
  const id = location.pathname.slice(BASE.length).split('/')[2] ?? '';
  const secret = location.hash.slice(1);
  async function open() {
    try {
      const { token, site, version } = await stranger.view(id, secret || null, password.value || null);
      carry(token);
      lookThrough({ path: location.pathname, site: site.id, hash: location.hash });
      sites.value = [site];
      session.value = { state: 'shared', version };
      route.value = readRoute(location.pathname, location.search);
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      asked.value ||= failed.code === 'password_needed';
      error.value = failed.code === 'password_needed' ? null : failed;
    }
  }
  useEffect(() => { void open(); }, []);
  const gone = error.value?.status === 404;
  const said = error.value && !gone ? (error.value.status === 401 ? d('shared.wrong') : remedy(error.value)) : null;
  return (
    <>
      <PlainHeader />
      <main class="narrow" data-state={error.value ? 'error' : asked.value ? 'ready' : 'loading'}>
        {gone ? <><h1>{d('shared.gone')}</h1><p class="soft">{d('shared.gone.why')}</p></> : asked.value ? (
          <>
            <h1>{d('shared.password')}</h1>
            <form onSubmit={(event) => { event.preventDefault(); void open(); }}>
              <Field label={d('sign_in.password')} name="password" type="password" value={password} focus />
              {said && <p class="notice bad" role="alert">{said}</p>}
              <button type="submit" class="solid wide">{d('shared.open')}</button>
            </form>
          </>
        ) : <><h1 class="unseen">mostik</h1>{said && <p class="notice bad" role="alert">{said}</p>}</>}
      </main>
      <Footer />
    </>
  );
}
