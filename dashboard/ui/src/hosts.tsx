// The further hosts a site takes events from.

import { useSignal } from '@preact/signals';
import { api, ApiError } from './api';
import type { Site } from './contract';
import { domainOf } from './domain';
import { d } from './door-words';
import { Icon } from './icons';
import { remember } from './session';
import { remedy } from './trouble';

export function Hosts({ site }: { site: Site }) {
  const text = useSignal('');
  const wrong = useSignal<string | null>(null);

  async function change(hosts: string[]) {
    try {
      remember(await api.changeHosts(site.id, hosts));
      wrong.value = null;
      text.value = '';
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      wrong.value = failed.status === 422 ? d('new.domain.wrong') : remedy(failed);
    }
  }
  function allow(event: Event) {
    event.preventDefault();
    const host = domainOf(text.value);
    if (host === null) wrong.value = d('new.domain.wrong');
    else void change([...new Set([...site.hosts, host])]);
  }
  return (
    <form class="hosts" onSubmit={allow}>
      {site.hosts.map((host) => (
        <button key={host} type="button" class="chip" aria-label={d('install.host.remove', { host })} onClick={() => void change(site.hosts.filter((h) => h !== host))}><span>{host}</span><Icon name="cross" /></button>
      ))}
      <input name="host" aria-label={d('install.check.host')} placeholder={d('install.host.placeholder')} value={text.value} spellcheck={false} autocapitalize="none"
        onInput={(event) => { text.value = event.currentTarget.value; }} />
      <button type="submit" class="outline" disabled={!text.value.trim()}>{d('install.host.add')}</button>
      {wrong.value && <p class="bad" role="alert">{wrong.value}</p>}
    </form>
  );
}
