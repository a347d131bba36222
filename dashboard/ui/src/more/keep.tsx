// Declaring a property: from then on its values are kept. Editors and owners only.

import { useSignal } from '@preact/signals';
import { owned } from '../api';
import type { Site } from '../contract';
import { mayChange, remember } from '../session';
import { useTries } from '../tried';
import { w } from './words';

const nameOfProp = (declared: string) => declared.split('=')[0]?.trim();
export const keeps = (site: Site, name: string) => site.props.some((declared) => nameOfProp(declared) === name);

export function useKeep(site: Site) {
  const { error, tried } = useTries();
  const keep = (name: string) => tried(async () => {
    remember(await owned<Site>('PATCH', `/api/v1/sites/${site.id}`, { props: [...site.props, name] }));
  });
  return { keep, failed: error.value !== null };
}

export function KeepForm({ site }: { site: Site }) {
  const name = useSignal('');
  const { keep, failed } = useKeep(site);
  if (!mayChange(site)) return null;
  return (
    <form class="keep" onSubmit={(event) => { event.preventDefault(); void keep(name.value.trim()).then(() => { name.value = ''; }); }}>
      <label><span>{w('keep.label')}</span> <input name="keep" required maxLength={100} value={name.value} spellcheck={false} autocapitalize="none" autocomplete="off" onInput={(event) => { name.value = event.currentTarget.value; }} /></label>
      <button type="submit" class="outline">{w('keep')}</button>
      {failed && <p class="bad" role="alert">{w('keep.failed')}</p>}
    </form>
  );
}
