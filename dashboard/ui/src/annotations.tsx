// What happened, below the chart: a note each, with a mark above its day.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { owned } from './api';
import type { Overview } from './contract';
import { bucket } from './format';
import { language } from './i18n';
import { Icon } from './icons';
import { SaidInterruptions, interruptionsIn, type Interruption } from './interruptions';
import { r } from './remark-words';
import './remark-style';
import { siteId } from './route';
import { mayChange, siteOf } from './session';
import { useTries } from './tried';

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
  const interruptions = useSignal<Interruption[]>([]);
  const adding = useSignal(false);
  const text = useSignal('');
  const { error, tried } = useTries();
  const site = siteId.value;
  const at = `/api/v1/sites/${site}/annotations`;
  const { from, to, grain, today } = overview.period;
  const day = useSignal(to);
  const mayEdit = mayChange(siteOf(site));
  useEffect(() => {
    void tried(async () => {
      const kept = await owned<{ annotations: Annotation[]; interruptions: Interruption[] }>('GET', at);
      [known.value, interruptions.value] = [kept.annotations, kept.interruptions];
    });
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
  const missed = interruptionsIn(interruptions.value, from, to);
  if (shown.length === 0 && missed.length === 0 && !mayEdit) return <></>;
  const points = overview.series.at;
  // The last point that does not begin after the day.
  const place = (of: string) => Math.max(0, points.findLastIndex((point) => point <= of));
  const left = (of: string) => `calc(${BEFORE_PX}px + (100% - ${BEFORE_PX + AFTER_PX}px) * ${place(of) / (points.length - 1)})`;
  const written = (of: string) => bucket(language.value, 'day', of);
  return (
    <div class="notes" role="group" aria-label={r('notes')}>
      {grain !== 'hour' && points.length > 1 && shown.map((note) => (
        <span key={note.id} class="mark" aria-hidden="true" data-mark={note.day} style={{ left: left(note.day) }} />
      ))}
      {points.length > 1 && missed.map((one) => (
        <span key={one.from} class="mark missed" aria-hidden="true" data-missed={one.from} style={{ left: left(one.gap ? one.from : one.until) }} />
      ))}
      <ul>
        <SaidInterruptions shown={missed} />
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
      {error.value && <p class="notice bad" role="alert">{r(error.value.code === 'too_many_annotations' ? 'remarks.full' : 'remarks.failed')}</p>}
    </div>
  );
}
