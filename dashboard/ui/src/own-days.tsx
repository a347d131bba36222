// Days of one's own: a period by its two ends, a comparison by its first day.

import { useSignal } from '@preact/signals';
import { t } from './i18n';
import { closeMenu } from './menu';
import { dayAfter } from './period';
import { figures } from './refresh';
import { show, view } from './route';
import { isDay } from './url';

export function CustomPeriod() {
  const known = figures.value?.overview.period;
  const today = known?.today ?? new Date().toISOString().slice(0, 10);
  const from = useSignal(known?.from ?? dayAfter(today, -29));
  const to = useSignal(known?.to ?? today);
  const wrong = useSignal(false);
  function apply(event: Event) {
    event.preventDefault();
    wrong.value = !isDay(from.value) || !isDay(to.value) || from.value > to.value;
    if (wrong.value) return;
    closeMenu();
    show({ period: 'custom', from: from.value, to: to.value });
  }
  return (
    <form class="days" onSubmit={apply}>
      <label>{t('period.from')}<input type="date" required max={today} value={from.value} onInput={(event) => { from.value = event.currentTarget.value; }} /></label>
      <label>{t('period.to')}<input type="date" required max={today} value={to.value} onInput={(event) => { to.value = event.currentTarget.value; }} /></label>
      {wrong.value && <p role="alert" class="bad">{t('period.wrong')}</p>}
      <button type="submit" class="solid">{t('period.apply')}</button>
    </form>
  );
}

export function CustomComparison() {
  const known = figures.value?.overview.period;
  const today = known?.today ?? new Date().toISOString().slice(0, 10);
  const from = useSignal(view.value.compareFrom ?? known?.compare_from ?? dayAfter(today, -364));
  function apply(event: Event) {
    event.preventDefault();
    if (!isDay(from.value)) return;
    closeMenu();
    show({ compare: 'custom', compareFrom: from.value });
  }
  return (
    <form class="days" onSubmit={apply}>
      <label>{t('compare.from')}<input type="date" name="compare_from" required max={today} value={from.value} onInput={(event) => { from.value = event.currentTarget.value; }} /></label>
      <button type="submit" class="solid">{t('compare.apply')}</button>
    </form>
  );
}
