// The honest line: what was received, what became of it, and whether it adds up.

import type { Overview } from './contract';
import { exactCount } from './format';
import { language, t, worded } from './i18n';
import { Icon } from './icons';

export interface Sum {
  refused: number;
  /** Received minus everything accounted for; nought when it adds up. */
  missing: number;
  reasons: { word: string; n: number }[];
}

export function sumOf(balance: Overview['balance']): Sum {
  const refused = balance.refused.reduce((sum, r) => sum + r.n, 0);
  const byWord = new Map<string, number>();
  for (const { reason, n } of balance.refused) {
    const word = worded('reason', reason);
    byWord.set(word, (byWord.get(word) ?? 0) + n);
  }
  const reasons = [...byWord].map(([word, n]) => ({ word, n })).sort((a, b) => b.n - a.n);
  return { refused, missing: balance.received - balance.stored - refused - balance.waiting, reasons };
}

export function Balance({ overview }: { overview: Overview | null }) {
  const lang = language.value;
  if (!overview) return <section class="balance" aria-label={t('balance.title')}><span class="bone" /></section>;
  const { balance } = overview;
  const { refused, missing, reasons } = sumOf(balance);
  const figures = { received: exactCount(lang, balance.received), stored: exactCount(lang, balance.stored), refused: exactCount(lang, refused), waiting: exactCount(lang, balance.waiting) };
  return (
    <section class="balance" aria-label={t('balance.title')} title={t('balance.why')} data-received={balance.received} data-stored={balance.stored} data-refused={refused} data-waiting={balance.waiting}>
      <p class="reasons">
        {refused === 0 ? <span>{t('balance.none')}</span> : (
          <>
            <b>{t('balance.title')}:</b> <span>{t('balance.events', { n: refused })} —</span>
            {reasons.map(({ word, n }) => <span key={word} class="reason">{word} <b>{exactCount(lang, n)}</b></span>)}
          </>
        )}
      </p>
      <p class={`sum ${missing === 0 ? 'right' : 'wrong'}`} title={missing === 0 ? t('balance.right') : t('balance.wrong.why')}>
        {t('balance.sum', figures)}
        <span class="verdict"><Icon name={missing === 0 ? 'check' : 'warn'} />{missing === 0 ? t('balance.right') : t('balance.wrong', { n: missing })}</span>
      </p>
    </section>
  );
}
