// The world, shaded by visitors. The drawing is made at build time; the tab
// beside it lists the same numbers for the keyboard, for screen readers and for
// countries too small to be seen here.

import { useSignal } from '@preact/signals';
import world from 'mostik:world';
import type { Row } from './contract';
import { exactCount, share } from './format';
import { toggled } from './filters';
import { language, t } from './i18n';
import { show, view } from './route';
import { SHADES, shadeOf } from './shade';
import { nameOf } from './words';

export function Geography({ rows, whole }: { rows: Row[]; whole: number | null }) {
  const lang = language.value;
  const under = useSignal<{ code: string; x: number; y: number } | null>(null);
  const known = new Map(rows.map((row) => [row.value, row.visitors ?? 0]));
  const greatest = Math.max(1, ...known.values());

  function hover(event: PointerEvent) {
    const code = (event.target as Element).getAttribute('data-row');
    const box = (event.currentTarget as Element).getBoundingClientRect();
    under.value = code === null ? null : { code, x: event.clientX - box.left, y: event.clientY - box.top };
  }
  function pick(event: MouseEvent) {
    const code = (event.target as Element).getAttribute('data-row');
    if (code && known.has(code)) show({ filters: toggled(view.value.filters, 'country', code) });
  }
  const here = under.value;
  const n = here ? known.get(here.code) ?? 0 : 0;
  return (
    <div class="geography">
      <div class="world" onPointerMove={hover} onPointerLeave={() => { under.value = null; }}>
        <svg viewBox={`0 0 ${world.width} ${world.height}`} role="img" aria-label={t('map.label')} onClick={pick}>
          {Object.entries(world.paths).map(([code, path]) => (
            <path key={code} d={path} class={`shade-${shadeOf(known.get(code) ?? 0, greatest)}`} data-row={code} data-value={known.get(code) ?? 0} />
          ))}
        </svg>
        {here && (
          <div class={`tooltip small${here.x > 280 ? ' before' : ''}`} style={{ left: `${here.x}px`, top: `${here.y}px` }} aria-hidden="true">
            <b>{nameOf('country', here.code)}</b>
            <p>{t('metric.visitors')}<strong>{exactCount(lang, n)}</strong></p>
            {whole ? <p class="soft">{t('column.share')}<strong>{share(lang, n / whole)}</strong></p> : null}
          </div>
        )}
      </div>
      <div class="scale" aria-hidden="true">
        <span>{t('map.least')}</span>
        {Array.from({ length: SHADES }, (_, i) => <i key={i} class={`shade-${i + 1}`} />)}
        <span>{t('map.most')}</span>
        <span class="top">{rows.slice(0, 3).map((row) => <span key={row.value}>{nameOf('country', row.value)} <b>{share(lang, whole ? (row.visitors ?? 0) / whole : null)}</b></span>)}</span>
      </div>
    </div>
  );
}
