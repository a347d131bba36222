// The way out for a site: its domain has to be written, so that no slip of a finger erases it.

import { useSignal } from '@preact/signals';
import { ApiError, owned } from './api';
import type { Site } from './contract';
import { Field } from './field';
import { say } from './remove-words';
import { go } from './route';
import { sites } from './session';
import { remedy } from './trouble';

export function RemoveSite({ site }: { site: Site }) {
  const named = useSignal('');
  const wrong = useSignal<string | null>(null);
  const busy = useSignal(false);
  const { domain } = site;

  async function remove(event: Event) {
    event.preventDefault();
    busy.value = true;
    try {
      await owned<void>('DELETE', `/api/v1/sites/${site.id}`, { domain: named.value.trim().toLowerCase() });
      sites.value = (sites.value ?? []).filter((other) => other.id !== site.id);
      go({ page: 'home' }, 'replace');
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      wrong.value = failed.status === 422 ? say('wrong', domain) : remedy(failed);
      busy.value = false;
    }
  }
  return (
    <details class="checks">
      <summary>{say('title', domain)}</summary>
      <p class="fine">{say('why', domain)}</p>
      <form class="fine" onSubmit={(event) => void remove(event)}>
        <Field label={say('name', domain)} name="domain" value={named} wrong={wrong.value} />
        <button type="submit" class="outline bad" disabled={busy.value || named.value.trim().toLowerCase() !== domain}>{say('button', domain)}</button>
      </form>
    </details>
  );
}
