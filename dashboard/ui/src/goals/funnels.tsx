// Funnels on the overview: a bar a step, what of the step before came so far, and what of all.

import type { Overview } from '../contract';
import { count, exactCount, share } from '../format';
import { language } from '../i18n';
import { told } from './rule';
import { w } from './words';

export function Funnels({ overview }: { overview: Overview }) {
  const lang = language.value;
  const funnels = overview.funnels ?? [];
  if (funnels.length === 0) return <p class="empty">{w('funnels.none')}</p>;
  return (
    <div class="funnels">
      {funnels.map((funnel) => {
        const first = funnel.steps[0]?.visits ?? null;
        const last = funnel.steps.at(-1)?.visits ?? null;
        return (
          <section key={funnel.id} data-funnel={funnel.id} aria-label={funnel.title}>
            <h3>{funnel.title}<span class="soft">{first && last !== null ? w('whole', { share: share(lang, last / first) }) : ''}</span></h3>
            <ol>
              {funnel.steps.map(({ rule, visits }, i) => {
                const before = i > 0 ? funnel.steps[i - 1]?.visits ?? null : null;
                return (
                  <li key={i} class="row" data-visits={visits ?? ''}>
                    <span class="bar" style={{ width: `${first && visits !== null ? (visits / first) * 100 : 0}%` }} />
                    <span class="what">{i + 1}. {told(rule)}</span>
                    {before !== null && before > 0 && visits !== null && <span class="n extra" title={w('of.before', { share: share(lang, visits / before) })}>{share(lang, visits / before)}</span>}
                    <span class="n" title={exactCount(lang, visits)}>{visits === null ? w('few') : count(lang, visits)}</span>
                  </li>
                );
              })}
            </ol>
            {!!funnel.undecided_days && <p class="soft">{w('undecided.funnel', { n: funnel.undecided_days })}</p>}
          </section>
        );
      })}
    </div>
  );
}

/** Where nothing is declared, or nothing may be shown. */
export const NoGoals = () => <p class="empty">{w('goals.empty')}</p>;

/** Beside a filter on a goal that some days know nothing of. */
export function Undecided({ days }: { days: number }) {
  return <p class="notice" role="status">{w('undecided', { n: days })}</p>;
}
