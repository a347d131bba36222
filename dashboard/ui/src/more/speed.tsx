// Speed: five figures of all views with their shares, and the chosen three of each page or
// device class. A rating is told by colour and by a sign of its own.

import { useRef } from 'preact/hooks';
import type { Site } from '../contract';
import { exactCount, share } from '../format';
import { isChosen, toggled } from '../filters';
import { language, t } from '../i18n';
import { follow } from '../panel';
import { addressOf, show, view } from '../route';
import { PANELS, query } from '../url';
import { nameOf } from '../words';
import { useReport, useSeen } from './ask';
import { Bones } from './rows';
import { askVitals, VITALS, written, type Figures, type Rating, type Vital, type VitalsRow } from './vitals';
import { w } from './words';

const ROWS = 6;
/** What a row has room for: the three that search engines look at. */
const CORE = ['lcp', 'inp', 'cls'] as const;

const SIGNS: Record<Rating, string> = { good: '●', middling: '▲', poor: '■' };

export function Rated({ vital, figures }: { vital: Vital; figures: Figures }) {
  const found = figures[vital];
  if (!found) return <span class="rated none">–</span>;
  return (
    <span class={`rated ${found.rating}`} title={`${w(vital)}: ${w(found.rating)}`}>
      {written(vital, found.p75)} <i aria-hidden="true">{SIGNS[found.rating]}</i><span class="unseen"> {w(found.rating)}</span>
    </span>
  );
}

function Tile({ vital, figures }: { vital: Vital; figures: Figures }) {
  const lang = language.value;
  const found = figures[vital];
  const middling = found ? Math.max(0, 1 - found.good_ratio - found.poor_ratio) : 0;
  const shares = found ? w('shares', { good: share(lang, found.good_ratio), middling: share(lang, middling), poor: share(lang, found.poor_ratio) }) : '';
  return (
    <div class="vital" data-vital={vital} data-p75={found?.p75 ?? ''} title={`${w(vital)}. ${w('p75')}. ${shares}`}>
      <abbr title={w(vital)}>{vital.toUpperCase()}</abbr>
      <b>{found ? written(vital, found.p75) : '–'}</b>
      <span class={`verdict-of ${found?.rating ?? ''}`}>{found && <><i aria-hidden="true">{SIGNS[found.rating]}</i> {w(found.rating === 'middling' ? 'rating.middling' : found.rating)}</>}</span>
      <span class="split" role="img" aria-label={shares}>
        {found && <><i class="good" style={{ flexGrow: found.good_ratio }} /><i class="middling" style={{ flexGrow: middling }} /><i class="poor" style={{ flexGrow: found.poor_ratio }} /></>}
      </span>
    </div>
  );
}

function Line({ row, by }: { row: VitalsRow; by: 'page' | 'device' }) {
  const name = nameOf(by, row.value);
  const chosen = isChosen(view.value.filters, by, row.value);
  const change = { filters: toggled(view.value.filters, by, row.value) };
  return (
    <li>
      <a class={`row${chosen ? ' chosen' : ''}`} href={addressOf(change)} data-row={row.value} aria-current={chosen ? 'true' : undefined}
        title={`${t(chosen ? 'panel.unfilter' : 'panel.filter_by', { value: name })} · ${w('speed.views', { n: row.views })}`} onClick={(event) => follow(event, () => show(change))}>
        <span class="what">{name}</span>
        {CORE.map((vital) => <Rated key={vital} vital={vital} figures={row} />)}
      </a>
    </li>
  );
}

export function Speed({ site }: { site: Site }) {
  const element = useRef<HTMLElement>(null);
  const seen = useSeen(element);
  const by = view.value.tabs.speed as 'page' | 'device';
  const { found, isOld, error } = useReport(seen ? `${site.id}?${by}&${query(view.value)}` : null, (signal) => askVitals(site.id, view.value, by, '', signal));
  const all = { list: 'speed' as const };
  let body;
  if (error) body = <p class="empty">{t('error.title.first')}</p>;
  else if (!found) body = <Bones rows={ROWS} />;
  else if (found.unavailable) body = <p class="empty">{t('panel.unavailable')}</p>;
  else if (Object.keys(found.overall).length === 0) body = <p class="empty">{w(found.hidden ? 'few' : 'speed.none')}</p>;
  else body = (
    <>
      <div class="vitals" title={w('speed.views', { n: exactCount(language.value, found.views) })}>{VITALS.map((vital) => <Tile key={vital} vital={vital} figures={found.overall} />)}</div>
      <div class="columns"><span>{t(`dimension.${by}`)}</span>{CORE.map((vital) => <span key={vital} class="n rated-of">{vital.toUpperCase()}</span>)}</div>
      <ul class="rows">{found.rows.slice(0, ROWS).map((row) => <Line key={row.value} row={row} by={by} />)}</ul>
    </>
  );
  return (
    <section ref={element} class={`panel speed${view.value.panel === 'speed' ? ' front' : ''}`} data-panel="speed" aria-label={t('panel.speed')}>
      <header>
        <h2>{t('panel.speed')}</h2>
        <div class="tabs" role="group" aria-label={t('panel.speed')}>
          {PANELS.speed.map((item) => <button key={item} type="button" aria-pressed={item === by} onClick={() => show({ tabs: { ...view.value.tabs, speed: item } })}>{w(item)}</button>)}
        </div>
      </header>
      <div class={`body${isOld ? ' dim' : ''}`}>{body}</div>
      <footer>
        {!!found?.hidden && <span class="few">{t('panel.hidden', { n: found.hidden })}</span>}
        {by === 'page' && found && found.total > ROWS && <a href={addressOf(all)} onClick={(event) => follow(event, () => show(all))}>{t('panel.all', { n: found.total })}</a>}
      </footer>
    </section>
  );
}
