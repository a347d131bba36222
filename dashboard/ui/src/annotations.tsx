// What happened, below the chart: a note each, with a mark above its day.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError, owned } from './api';
import type { Overview } from './contract';
import { bucket } from './format';
import { language } from './i18n';
import { Icon } from './icons';
import { r } from './remark-words';
import './remark-style';
import { siteId } from './route';
import { session, sites } from './session';

interface Annotation {
  id: number;
  day: string;
  text: string;
}

/** Pixels beside the drawing, as `plot.ts` leaves them. */
const [BEFORE_PX, AFTER_PX] = [56, 28];

/** Longest text, in characters: the server's limit. */
const TEXT_CHARS_MAX = 200;

export function Annotations({ overview }: { overview: Overview }) {
  const known = useSignal<Annotation[]>([]);
  const adding = useSignal(false);
  const text = useSignal('');
  const failed = useSignal<string | null>(null);
  const site = siteId.value;
  const at = `/api/v1/sites/${site}/annotations`;
  const { from, to, grain, today } = overview.period;
  const day = useSignal(to);
  const mayEdit = session.value?.state !== 'shared' && sites.value?.find(({ id }) => id === site)?.role !== 'viewer';
  async function tried(work: () => Promise<void>) {
    try {
      await work();
      failed.value = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failed.value = r(error.code === 'too_many_annotations' ? 'remarks.full' : 'remarks.failed');
    }
  }
  useEffect(() => {
    void tried(async () => { known.value = (await owned<{ annotations: Annotation[] }>('GET', at)).annotations; });
  }, [at]);
  useEffect(() => { day.value = to; }, [to]);
  function add(event: Event) {
    event.preventDefault();
    void tried(async () => {
      const kept = await owned<Annotation>('POST', at, { day: day.value, text: text.value });
      known.value = [...known.value, kept].sort((a, b) => a.day.localeCompare(b.day));
      [adding.value, text.value] = [false, ''];
    });
  }
  const remove = (id: number) => void tried(async () => {
    await owned<void>('DELETE', `${at}/${id}`);
    known.value = known.value.filter((note) => note.id !== id);
  });
  const shown = known.value.filter((note) => note.day >= from && note.day <= to);
  if (shown.length === 0 && !mayEdit) return <></>;
  const points = overview.series.at;
  // The last point that does not begin after the day.
  const place = (of: string) => points.findLastIndex((point) => point <= of);
  const written = (of: string) => bucket(language.value, 'day', of);
  return (
    <div class="notes" role="group" aria-label={r('notes')}>
      {grain !== 'hour' && points.length > 1 && shown.map((note) => (
        <span key={note.id} class="mark" aria-hidden="true" data-mark={note.day}
          style={{ left: `calc(${BEFORE_PX}px + (100% - ${BEFORE_PX + AFTER_PX}px) * ${Math.max(0, place(note.day)) / (points.length - 1)})` }} />
      ))}
      <ul>
        {shown.map((note) => (
          <li key={note.id}><time dateTime={note.day}>{written(note.day)}</time> <span>{note.text}</span>
            {mayEdit && <button type="button" class="quiet small" aria-label={r('note.remove', { day: written(note.day) })} title={r('note.remove', { day: written(note.day) })} onClick={() => remove(note.id)}><Icon name="cross" /></button>}
          </li>
        ))}
        {mayEdit && !adding.value && <li><button type="button" class="quiet small" onClick={() => { adding.value = true; }}><Icon name="plus" /><span>{r('note.add')}</span></button></li>}
      </ul>
      {adding.value && (
        <form onSubmit={add}>
          <input type="date" name="day" aria-label={r('note.day')} value={day.value} max={today} required onInput={(event) => { day.value = event.currentTarget.value; }} />
          <input type="text" name="note" aria-label={r('note.text')} placeholder={r('note.text')} value={text.value} required maxLength={TEXT_CHARS_MAX} autocomplete="off" autofocus
            onInput={(event) => { text.value = event.currentTarget.value; }} />
          <button type="submit" class="solid">{r('save')}</button>
          <button type="button" class="quiet" onClick={() => { adding.value = false; }}>{r('cancel')}</button>
        </form>
      )}
      {failed.value && <p class="notice bad" role="alert">{failed.value}</p>}
    </div>
  );
}
