// Adding a site: its domain and the clock its days run by.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api, ApiError } from './api';
import { domainOf } from './domain';
import { Field } from './field';
import { Footer } from './footer';
import { PlainHeader } from './header';
import { d } from './door-words';
import { go } from './route';
import { remember, sites } from './session';
import { remedy } from './trouble';
import { ZoneField } from './zone';
import { isZone, ownZone } from './zones';

export function NewSite() {
  const domain = useSignal('');
  const zone = useSignal(ownZone());
  const busy = useSignal(false);
  const error = useSignal<ApiError | 'domain' | 'zone' | null>(null);
  const first = sites.value?.length === 0;
  useEffect(() => { document.title = `${d('new.title')} · mostik`; });

  async function add(event: Event) {
    event.preventDefault();
    const host = domainOf(domain.value);
    error.value = host === null ? 'domain' : isZone(zone.value) ? null : 'zone';
    if (host === null || error.value) return;
    busy.value = true;
    try {
      const site = await api.addSite(host, zone.value);
      remember(site);
      go({ page: 'install', site: site.id });
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      error.value = failed;
    } finally {
      busy.value = false;
    }
  }
  const said = error.value;
  const refused = said instanceof ApiError ? said : null;
  const about = refused?.code === 'time_zone_invalid' ? 'zone' : refused?.code === 'domain_invalid' ? 'domain' : said;
  const wrongDomain = refused?.status === 409 ? d('new.domain.taken') : about === 'domain' ? d('new.domain.wrong') : null;
  const wrongZone = about === 'zone' ? d('new.zone.wrong') : null;
  return (
    <>
      <PlainHeader />
      <main class="narrow" data-state={said ? 'error' : 'ready'}>
        {first && <p class="soft step">{d('setup.step', { n: 2, of: 3 })}</p>}
        <h1>{d(first ? 'new.first' : 'new.title')}</h1>
        <p class="soft">{d('new.lead')}</p>
        <form onSubmit={add} noValidate>
          <Field label={d('new.domain')} name="domain" value={domain} placeholder="example.com" why={d('new.domain.why')} wrong={wrongDomain} focus />
          <ZoneField value={zone} wrong={wrongZone} />
          {refused && !wrongDomain && !wrongZone && <p class="notice bad" role="alert">{remedy(refused)}</p>}
          <button type="submit" class="solid wide" disabled={busy.value}>{d('new.add')}</button>
        </form>
      </main>
      <Footer />
    </>
  );
}
