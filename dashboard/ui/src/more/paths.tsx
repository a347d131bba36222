// The pages that led to a goal: the last of them before it, the most gone first.

import type { Site } from '../contract';
import { count, exactCount, share } from '../format';
import { language, t } from '../i18n';
import { follow } from '../panel';
import { addressOf, show, view } from '../route';
import { goals } from '../goals/contract';
import { useReport } from './ask';
import { askPaths, pathsAddress } from './paths-asked';
import { Bones } from './rows';
import { Steps } from './steps';
import { w } from './words';

/** Rows of the panel; the rest are in the list. */
const ROWS = 9;

export function Paths({ site }: { site: Site }) {
  const lang = language.value;
  const declared = useReport(`${site.id}`, (signal) => goals.all(site.id, signal));
  const titles = declared.found?.goals.map((goal) => goal.title) ?? [];
  const goal = view.value.of !== null && titles.includes(view.value.of) ? view.value.of : titles[0] ?? null;
  const { found, isOld, error } = useReport(goal === null ? null : pathsAddress(site.id, view.value, goal), (signal) => askPaths(site.id, view.value, goal ?? '', signal));
  if (declared.error || error) return <p class="empty">{t('error.title.first')}</p>;
  if (!declared.found) return <Bones rows={4} />;
  if (goal === null) return <p class="empty">{w('paths.no_goals')}</p>;
  const whole = found?.visitors ?? 0;
  const all = { list: 'paths' as const, of: goal };
  return (
    <div class={`paths${isOld ? ' dim' : ''}`} data-goal={goal} data-visitors={found?.visitors ?? ''}>
      <div class="choice">
        <label>{w('goal')} <select value={goal} onChange={(change) => { show({ of: change.currentTarget.value, property: null }); }}>{titles.map((title) => <option key={title} value={title}>{title}</option>)}</select></label>
        <p class="soft">{w('paths.why')}</p>
      </div>
      {found?.unavailable && <p class="empty">{w('paths.filtered')}</p>}
      {found && !found.unavailable && whole === 0 && <p class="empty">{w('paths.none')}</p>}
      {found && whole > 0 && (
        <>
          <div class="columns"><span>{w('paths.pages')}</span><span class="n extra">{t('column.share')}</span><span class="n">{t('column.visitors')}</span></div>
          <ol class="rows">
            {found.paths.slice(0, ROWS).map((path) => (
              <li key={path.pages.join('\n')} class="row path" data-path={path.pages.join(' ')} data-value={path.visitors}>
                <span class="bar" style={{ width: `${(path.visitors / whole) * 100}%` }} />
                <span class="what" title={[...path.pages, goal].join(' → ')}>
                  <Steps pages={path.pages} />
                  <span class="arrow"> → </span><b>{goal}</b>
                </span>
                <span class="n extra">{share(lang, path.visitors / whole)}</span>
                <span class="n" title={exactCount(lang, path.visitors)}>{count(lang, path.visitors)}</span>
              </li>
            ))}
            {found.other > 0 && (
              <li class="row path" data-path="" data-value={found.other}>
                <span class="what soft">{w('paths.other')}</span>
                <span class="n extra">{share(lang, found.other / whole)}</span>
                <span class="n">{count(lang, found.other)}</span>
              </li>
            )}
          </ol>
          {found.paths.length > ROWS && <p class="all"><a href={addressOf(all)} onClick={(event) => follow(event, () => show(all))}>{t('panel.all', { n: found.paths.length })}</a></p>}
        </>
      )}
      {!!found?.undecided_days && <p class="soft undecided">{w('paths.undecided', { n: found.undecided_days })}</p>}
    </div>
  );
}
