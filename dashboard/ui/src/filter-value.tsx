// The second step of adding a filter: is / is not / contains / matches, and the value, with
// what the site really has as suggestions.

import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { api, ApiError } from './api';
import { OPERATORS, type Dimension, type Operator, type Row } from './contract';
import { added } from './filters';
import { t } from './i18n';
import { Icon } from './icons';
import { closeMenu } from './menu';
import { show, siteId, view } from './route';
import { isTranslated, matching, nameOf, TRANSLATED_MAX } from './words';

/** Suggestions under the value. */
const SUGGESTIONS = 7;
/** Milliseconds of quiet before suggestions are asked for. */
const TYPING_MS = 150;

export function FilterValue({ dimension, about }: { dimension: Dimension; about: Signal<Dimension | null> }) {
  const operator = useSignal<Operator>('is');
  const text = useSignal('');
  const suggested = useSignal<Row[]>([]);
  const site = siteId.value;
  const input = useRef<HTMLInputElement>(null);
  const translated = isTranslated(dimension);
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    if (site === null) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const ask = translated ? { dimension, limit: TRANSLATED_MAX } : { dimension, search: text.value.trim(), limit: SUGGESTIONS };
        const { rows } = await api.breakdown(site, view.value, ask, stop.signal);
        suggested.value = (translated ? matching(dimension, rows, text.value) : rows).slice(0, SUGGESTIONS);
      } catch (error) {
        // Suggestions are a convenience: without them the value can still be typed.
        if (!stop.signal.aborted && !(error instanceof ApiError)) throw error;
      }
    }, TYPING_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [site, dimension, text.value]);

  function apply(value: string, how: Operator) {
    if (value === '' && (how === 'contains' || how === 'matches')) return;
    closeMenu();
    show({ filters: added(view.value.filters, { dimension, operator: how, values: [value] }) });
  }
  function typed() {
    const value = translated ? suggested.value[0]?.value : text.value.trim();
    if (text.value.trim() && value !== undefined) apply(value, operator.value);
  }
  // A part of a translated name is not a part of the code that is stored.
  const operators = translated ? OPERATORS.filter((o) => o !== 'contains' && o !== 'matches') : OPERATORS;
  return (
    <form class="value" onSubmit={(event) => { event.preventDefault(); typed(); }}>
      <button type="button" class="item back" onClick={() => { about.value = null; }}><Icon name="back" /><span>{t(`dimension.${dimension}`)}</span></button>
      <div class="operators" role="group" aria-label={t(`dimension.${dimension}`)}>
        {operators.map((o) => <button key={o} type="button" aria-pressed={operator.value === o} onClick={() => { operator.value = o; }}>{t(`filter.${o}`)}</button>)}
      </div>
      <input ref={input} aria-label={t('filter.value')} placeholder={t('filter.value')} value={text.value} autocomplete="off" spellcheck={false}
        onInput={(event) => { text.value = event.currentTarget.value; }} />
      {operator.value === 'matches' && <p class="soft">{t('filter.matches.why')}</p>}
      <div class="suggested">
        {suggested.value.map((row) => (
          <button key={row.value} type="button" class="item" onClick={() => apply(row.value, operator.value)}>
            <span>{nameOf(dimension, row.value)}</span>
          </button>
        ))}
      </div>
      <button type="submit" class="solid" disabled={!text.value.trim()}>{t('filter.apply')}</button>
    </form>
  );
}
