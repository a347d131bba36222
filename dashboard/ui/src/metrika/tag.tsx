// What Yandex's own tag saw beside what we saw, for a site that keeps both (`ym.js`, mirror):
// per day and goal, with the reasons in plain words and what of them is known.

import { useSignal } from '@preact/signals';
import { exactCount } from '../format';
import { language } from '../i18n';
import { metrika, type Settings, type Tag, type TagDay } from './contract';
import { w, type Word } from './words';

/** Reasons that hold for every site. */
const REASONS = ['banner', 'blockers', 'robots', 'visitors', 'bounce'] as const;

/** Reasons of the ledger by what they are to a reader. */
const SIGNALS = ['gpc', 'dnt', 'opt_out'];

const n = (count: number | null | undefined) => (count == null ? '—' : exactCount(language.value, count));
const sum = (days: TagDay[], reasons: string[]) => days.reduce((all, day) => all + reasons.reduce((some, reason) => some + (day.refused[reason] ?? 0), 0), 0);

function Pair({ ours, theirs }: { ours: number; theirs: number | null | undefined }) {
  return <><td class="n">{n(theirs)}</td><td class="n">{n(ours)}</td></>;
}

function Why({ tag }: { tag: Tag }) {
  const known: [Word, number][] = [['tag.known.signals', sum(tag.days, SIGNALS)], ['tag.known.bots', sum(tag.days, ['bot'])], ['tag.known.host', sum(tag.days, ['unknown_host'])]];
  return (
    <ul class="plain">
      {tag.counter_zone && tag.counter_zone !== tag.site_zone && <li class="bad">{w('tag.zone', { theirs: tag.counter_zone, ours: tag.site_zone })}</li>}
      {known.filter(([, count]) => count > 0).map(([word, count]) => <li key={word}>{w(word, { n: n(count) })}</li>)}
      {REASONS.map((reason) => <li key={reason}>{w(`tag.why.${reason}`)}</li>)}
    </ul>
  );
}

export function TagBeside({ site, settings, attempt }: { site: number; settings: Settings | null; attempt: (work: () => Promise<void>) => Promise<void> }) {
  const counter = useSignal(settings ? String(settings.counter) : '');
  const oauth = useSignal('');
  const tag = useSignal<Tag | null>(null);
  const goals = [...new Set(tag.value?.days.flatMap((day) => day.goals.map((one) => one.goal)) ?? [])];
  const ask = () => attempt(async () => {
    tag.value = null;
    tag.value = await metrika.tag(site, { counter: Number(counter.value), ...(oauth.value.trim() ? { oauth: oauth.value } : {}) });
    oauth.value = '';
  });
  return (
    <details>
      <summary>{w('tag')}</summary>
      <p class="soft">{w('tag.intro')}</p>
      <form class="in-line" onSubmit={(event) => { event.preventDefault(); void ask(); }}>
        <input class="once" name="tag-counter" inputMode="numeric" required pattern="[0-9]+" aria-label={w('tag.counter')} placeholder={w('tag.counter')} value={counter.value} onInput={(e) => { counter.value = e.currentTarget.value; }} />
        <input class="once" name="tag-oauth" type="password" autocomplete="off" required={!settings?.has_oauth} aria-label={w('tag.oauth')} placeholder={w('tag.oauth')} value={oauth.value} onInput={(e) => { oauth.value = e.currentTarget.value; }} />
        <button type="submit" class="outline">{w('tag.run')}</button>
      </form>
      {tag.value && (
        <>
          <div class="scroll" tabIndex={0} role="group" aria-label={w('tag')}><table data-tag={tag.value.days.length}>
            <thead>
              <tr><th rowSpan={2} scope="col">{w('day')}</th>{(['visitors', 'visits', 'views'] as const).map((what) => <th key={what} class="n" colSpan={2} scope="colgroup">{w(`tag.${what}`)}</th>)}</tr>
              <tr>{[0, 1, 2].map((at) => <><th key={at} class="n" scope="col">{w('tag.theirs')}</th><th class="n" scope="col">Mostik</th></>)}</tr>
            </thead>
            <tbody>
              {tag.value.days.map(({ day, ours, theirs }) => (
                <tr key={day}><th scope="row">{day}</th><Pair ours={ours.visitors} theirs={theirs?.visitors} /><Pair ours={ours.visits} theirs={theirs?.visits} /><Pair ours={ours.views} theirs={theirs?.views} /></tr>
              ))}
            </tbody>
          </table></div>
          {tag.value.days.some((day) => !day.theirs) && <p class="soft">{w('tag.inexact')}</p>}
          {goals.length > 0 && (
            <div class="scroll" tabIndex={0} role="group" aria-label={w('goals')}><table>
              <thead>
                <tr><th rowSpan={2} scope="col">{w('day')}</th>{goals.map((goal) => <th key={goal} class="n" colSpan={2} scope="colgroup"><code>{goal}</code></th>)}</tr>
                <tr>{goals.map((goal) => <><th key={goal} class="n" scope="col">{w('tag.theirs')}</th><th class="n" scope="col">Mostik</th></>)}</tr>
              </thead>
              <tbody>
                {tag.value.days.map((day) => <tr key={day.day}><th scope="row">{day.day}</th>{day.goals.map((one) => <Pair key={one.goal} ours={one.ours} theirs={one.theirs} />)}</tr>)}
              </tbody>
            </table></div>
          )}
          {tag.value.left_out > 0 && <p class="soft">{w('tag.left_out', { n: tag.value.left_out })}</p>}
          <h3 class="fine">{w('tag.why')}</h3>
          <Why tag={tag.value} />
        </>
      )}
    </details>
  );
}
