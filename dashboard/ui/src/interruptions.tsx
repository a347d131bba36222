// What the collectors missed, or counted twice: said below the chart, with a mark where it was.

import { bucket } from './format';
import { language } from './i18n';
import { r } from './remark-words';

export interface Interruption {
  /** Site-local, `2026-11-30T14:05`. */
  from: string;
  until: string;
  gap: boolean;
  split: boolean;
}

/** So many are said in words, the latest; all have their mark. */
const SAID_MAX = 6;

const time = (at: string) => bucket(language.value, 'hour', at);

/** Those of the days shown. */
export const interruptionsIn = (all: Interruption[], from: string, to: string) =>
  all.filter((one) => one.from.slice(0, 10) <= to && one.until.slice(0, 10) >= from);

export function SaidInterruptions({ shown }: { shown: Interruption[] }) {
  const before = shown.length - SAID_MAX;
  return (
    <>
      {before > 0 && <li class="soft">{r('gap.more', { n: String(before) })}</li>}
      {shown.slice(-SAID_MAX).map((one) => (
        <li key={one.from} data-interruption={one.from}>
          <span class="mark-sign" aria-hidden="true" />
          <span>
            {one.gap && r('gap', { from: time(one.from), until: time(one.until) })}{one.gap && one.split && ' '}
            {one.split && r('split', { until: time(one.until) })}
          </span>
        </li>
      ))}
    </>
  );
}
