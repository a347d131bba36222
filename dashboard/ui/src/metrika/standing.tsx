// How it is going: what waits, what Metrika last said and what to do about it, the weekly
// balance, and the log of what left.

import { useSignal } from '@preact/signals';
import { ApiError } from '../api';
import { exactCount } from '../format';
import { language } from '../i18n';
import { metrika, type Collector, type MetrikaPage, type Road } from './contract';
import { clock, coded, w, type Word } from './words';

/** What a road last heard, and whether it rests. */
function Heard({ road, label, classes }: { road: Road | null; label: string; classes: 'class' | 'late' }) {
  return (
    <>
      {road?.breaker === 'resting' && <p class="bad">{w('breaker.resting', { time: clock(road.until ?? 0) })}</p>}
      {(road?.breaker === 'denied' || road?.breaker === 'no_token') && <p class="bad">{w(`breaker.${road.breaker}`)}</p>}
      <p>{label}: {road?.last ? <>{clock(road.last.at)} · {road.last.status ?? '—'} · {coded(classes === 'late' && road.last.class === 'denied' ? 'late' : 'class', road.last.class)}</> : w('last.none')}</p>
    </>
  );
}

function Queue({ collector, isOn }: { collector: Collector; isOn: boolean }) {
  const { state, waiting } = collector;
  const sum = waiting.reduce((n, one) => n + one.n, 0);
  const held = waiting.reduce((n, one) => n + one.held, 0);
  const late = waiting.filter((one) => ['late', 'uploading', 'uploaded'].includes(one.state)).reduce((n, one) => n + one.n, 0);
  const next = Math.min(...waiting.map((one) => one.next_due));
  return (
    <li class="box" data-waiting={sum}>
      <p><b>{w('collector', { node: collector.node })}</b>{isOn && collector.is_silent && <span class="bad"> {w('silent', { time: clock(collector.at) })}</span>}</p>
      <p>{sum === 0 ? w('nothing') : <>{w('waiting')}: <b>{exactCount(language.value, sum)}</b>{held > 0 && ` (${exactCount(language.value, held)} ${w('held')})`}{late > 0 && ` (${exactCount(language.value, late)} ${w('late.waiting')})`}, {w('next', { time: clock(next) })}</>}</p>
      <Heard road={state} label={w('last')} classes="class" />
      {state?.late && <Heard road={state.late} label={w('late.last')} classes="late" />}
    </li>
  );
}

function Test({ site, isLive }: { site: number; isLive: boolean }) {
  const said = useSignal('');
  async function test() {
    try {
      await metrika.test(site);
      said.value = w('test.done');
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      said.value = coded('error', failed.code);
    }
  }
  return <p class="in-line"><button type="button" class="outline" disabled={!isLive} onClick={() => void test()}>{w('test')}</button><span class="soft" role="status">{said.value || w('test.why')}</span></p>;
}

const ENDS = ['eligible', 'accepted', 'uncertain', 'rejected', 'expired', 'blocked'] as const satisfies readonly Word[];

function Balance({ weeks }: { weeks: MetrikaPage['weeks'] }) {
  const rows = weeks.flatMap((week) => Object.entries(week.goals).map(([goal, states]) => ({ week, goal, states })));
  return (
    <section aria-label={w('balance')}>
      <h2>{w('balance')}</h2>
      <p class="soft">{w(rows.length ? 'balance.why' : 'balance.empty')}</p>
      {rows.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-label={w('balance')}><table>
          <thead><tr><th scope="col">{w('goal')}</th>{ENDS.map((end) => <th key={end} scope="col" class="n">{w(end)}</th>)}</tr></thead>
          <tbody>
            {rows.map(({ week, goal, states }) => (
              <tr key={`${week.from} ${goal}`}>
                <th scope="row"><code>{goal}</code><br />{w('week', { day: clock(week.from, { day: 'numeric', month: 'short' }) })}</th>
                {ENDS.map((end) => {
                  const reasons = Object.entries(states[end] ?? {});
                  const sum = reasons.reduce((n, [, m]) => n + m, 0);
                  return <td key={end} class="n">{exactCount(language.value, sum)}{reasons.filter(([reason]) => reason).map(([reason, n]) => <><br /><small key={reason}>{coded('reason', reason)} {exactCount(language.value, n)}</small></>)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table></div>
      )}
    </section>
  );
}

function Log({ site, forwards }: { site: number; forwards: MetrikaPage['forwards'] }) {
  return (
    <section aria-label={w('log')}>
      <h2>{w('log')}</h2>
      <p class="in-line"><span class="soft">{w('log.why')}</span><a class="outline" href={metrika.export(site)} download>{w('log.export')}</a></p>
      {forwards.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-label={w('log')}><table>
          <thead><tr><th scope="col">{w('hour')}</th><th scope="col">{w('goal')}</th><th scope="col">{w('state')}</th><th scope="col">{w('hash')}</th></tr></thead>
          <tbody>
            {forwards.map((line) => (
              <tr key={line.seal}>
                <td>{clock(line.hour, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })}</td>
                <td>{line.goal ? <code>{line.goal}</code> : w('page_view')}</td>
                <td>{w(line.state as Word)}{line.reason && ` · ${coded('reason', line.reason)}`}</td>
                <td><code title={line.payload}>{line.payload.slice(0, 16)}</code></td>
              </tr>
            ))}
          </tbody>
        </table></div>
      )}
    </section>
  );
}

export function Standing({ site, page }: { site: number; page: MetrikaPage }) {
  return (
    <>
      <section aria-label={w('queue')}>
        <h2>{w('queue')}</h2>
        <ul class="plain">{page.collectors.map((collector) => <Queue key={collector.node} collector={collector} isOn={page.settings?.mode !== 'off'} />)}</ul>
        <Test site={site} isLive={page.settings?.mode === 'live'} />
      </section>
      <Balance weeks={page.weeks} />
      <Log site={site} forwards={page.forwards} />
    </>
  );
}
