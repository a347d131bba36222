// Saved filters, at the head of the filter menu: one press and they hold.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { owned } from './api';
import type { Filter } from './contract';
import { Icon } from './icons';
import { closeMenu } from './menu';
import { r } from './remark-words';
import './remark-style';
import { show, siteId, view } from './route';
import { mayChange, siteOf } from './session';
import { useTries } from './tried';
import { readFilter, writeFilter } from './url';

interface Segment {
  id: number;
  title: string;
  filters: string[];
}

export function Segments() {
  const known = useSignal<Segment[] | null>(null);
  const naming = useSignal(false);
  const title = useSignal('');
  const { error, tried } = useTries();
  const site = siteId.value;
  const at = `/api/v1/sites/${site}/segments`;
  const mayEdit = mayChange(siteOf(site));
  useEffect(() => {
    void tried(async () => { known.value = (await owned<{ segments: Segment[] }>('GET', at)).segments; });
  }, [at]);
  function save(event: Event) {
    event.preventDefault();
    void tried(async () => {
      const kept = await owned<Segment>('POST', at, { title: title.value, filters: view.value.filters.map(writeFilter) });
      known.value = [...(known.value ?? []), kept].sort((a, b) => a.title.localeCompare(b.title));
      [naming.value, title.value] = [false, ''];
    });
  }
  const remove = (id: number) => void tried(async () => {
    await owned<void>('DELETE', `${at}/${id}`);
    known.value = known.value?.filter((segment) => segment.id !== id) ?? null;
  });
  const hasFilters = view.value.filters.length > 0;
  const code = error.value?.code;
  const said = code && r(code === 'title_taken' ? 'segment.taken' : code === 'too_many_segments' ? 'remarks.full' : 'remarks.failed');
  if (!known.value?.length && !(mayEdit && hasFilters) && !said) return <></>;
  return (
    <div class="segments" role="group" aria-label={r('segments')}>
      <p class="soft">{r('segments')}</p>
      {known.value?.map((segment) => (
        <div key={segment.id} class="pair">
          <button type="button" class="item" data-segment={segment.title} onClick={() => {
            closeMenu();
            show({ filters: segment.filters.map(readFilter).filter((filter): filter is Filter => filter !== null) });
          }}><span>{segment.title}</span></button>
          {mayEdit && <button type="button" class="quiet small" aria-label={r('segment.remove', { title: segment.title })} title={r('segment.remove', { title: segment.title })} onClick={() => remove(segment.id)}><Icon name="cross" /></button>}
        </div>
      ))}
      {mayEdit && hasFilters && (naming.value ? (
        <form onSubmit={save}>
          <input name="segment" aria-label={r('segment.title')} placeholder={r('segment.title')} value={title.value} required maxLength={50} autocomplete="off" autofocus
            onInput={(event) => { title.value = event.currentTarget.value; }} />
          <button type="submit" class="solid">{r('save')}</button>
        </form>
      ) : <button type="button" class="item" onClick={() => { naming.value = true; }}><span>{r('segment.save')}</span></button>)}
      {said && <p class="notice bad" role="alert">{said}</p>}
    </div>
  );
}
