// The header of the overview: which site, who is there now, which days, what
// they are compared with, what is filtered, and how the page itself looks.

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { COMPARISONS, PERIODS, type Period, type Site } from './contract';
import { FilterMenu } from './filter-menu';
import { range } from './format';
import { helpOpen } from './keys';
import { language, speak, t } from './i18n';
import { Icon, Mark } from './icons';
import { Item, Menu } from './menu';
import { follow } from './panel';
import { over } from './over-later';
import type { Theme } from './preference';
import { live } from './refresh';
import { addressOf, go, route, show, view } from './route';
import { session, signOut, sites } from './session';
import { dress, theme } from './theme';
import { filterText } from './words';

/** More sites than this get a search box above them. */
const SITES_WITHOUT_SEARCH = 8;
/** The menu's order and, by it, the digits that choose a period; 0 is the last. */
export const DIGITS: readonly Period[] = PERIODS;

export function Brand() {
  return <a class="brand" href="/" aria-label="mostik" onClick={(event) => follow(event, () => go({ page: 'home' }))}><Mark /><span>mostik</span></a>;
}

function SiteMenu({ site }: { site: Site }) {
  const search = useSignal('');
  const all = sites.value ?? [];
  const shown = all.filter((s) => s.domain.includes(search.value.trim().toLowerCase()));
  if (session.value?.state === 'shared') return <b class="domain">{site.domain}</b>;
  return (
    <Menu name="site" label={`${t('site')}: ${site.domain}`} face={<><b class="domain">{site.domain}</b><Icon name="down" /></>}>
      {all.length > SITES_WITHOUT_SEARCH && <input class="find" aria-label={t('site.find')} placeholder={t('site.find')} value={search.value} onInput={(event) => { search.value = event.currentTarget.value; }} />}
      {shown.map((s) => <Item key={s.id} current={s.id === site.id} onPick={() => go({ page: 'overview', site: s.id, view: { ...view.value, filters: [], list: null } })}>{s.domain}</Item>)}
      {site.role !== 'viewer' && <hr />}
      {site.role !== 'viewer' && <Item onPick={() => go({ page: 'install', site: site.id })}>{t('site.install')}</Item>}
      {site.role !== 'viewer' && <Item onPick={() => go({ page: 'goals', site: site.id })}>{t('site.goals')}</Item>}
      {site.role !== 'viewer' && <Item onPick={() => go({ page: 'metrika', site: site.id })}>{t('site.metrika')}</Item>}
      {site.role === 'owner' && <Item onPick={() => go({ page: 'sharing', site: site.id })}>{t('site.sharing')}</Item>}
    </Menu>
  );
}

function PeriodMenu() {
  const { period, from, to } = view.value;
  const name = period === 'custom' && from && to ? range(language.value, from, to) : t(`period.${period}`);
  return (
    <Menu name="period" align="end" label={`${t('period')}: ${name}`} face={<><span>{name}</span><Icon name="down" /></>}>
      <Item current={period === 'realtime'} hint="R" onPick={() => show({ period: 'realtime', from: null, to: null })}>{t('period.realtime')}</Item>
      {PERIODS.filter((p) => p !== 'custom').map((p) => (
        <Item key={p} current={p === period} hint={String(DIGITS.indexOf(p) + 1)} onPick={() => show({ period: p, from: null, to: null })}>{t(`period.${p}`)}</Item>
      ))}
      <hr />
      <over.With>{(o) => <o.CustomPeriod />}</over.With>
    </Menu>
  );
}

function CompareMenu() {
  const { compare } = view.value;
  return (
    <Menu name="compare" align="end" class="compare" label={`${t('compare')}: ${t(`compare.short.${compare}`)}`} face={<>{compare !== 'none' && <span class="key then" aria-hidden="true" />}<span>{t(`compare.short.${compare}`)}</span><Icon name="down" /></>}>
      {COMPARISONS.filter((c) => c !== 'custom').map((c) => <Item key={c} current={c === compare} onPick={() => show({ compare: c, compareFrom: null })}>{t(`compare.${c}`)}</Item>)}
      <hr />
      <over.With>{(o) => <o.CustomComparison />}</over.With>
    </Menu>
  );
}

export function LanguageButton() {
  const other = language.value === 'en' ? 'ru' : 'en';
  return <button type="button" class="quiet square language" lang={other} aria-label={`${other.toUpperCase()}: ${t('language.to_other')}`} title={t('language.to_other')} onClick={() => void speak(other)}>{other.toUpperCase()}</button>;
}

const THEMES: Theme[] = ['auto', 'light', 'dark'];
const nextTheme = () => THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'auto';

export function ThemeButton() {
  const icon = { auto: 'half', light: 'sun', dark: 'moon' } as const;
  return <button type="button" class="quiet square" data-theme-button={theme.value} aria-label={t(`theme.${theme.value}`)} title={t(`theme.${theme.value}`)} onClick={() => dress(nextTheme())}><Icon name={icon[theme.value]} /></button>;
}

function OwnerMenu() {
  return (
    <Menu name="owner" align="end" label={t('menu')} face={<Icon name="menu" />}>
      {session.value?.email && <p class="who">{t('signed_in_as', { email: session.value.email })}</p>}
      <Item hint="?" onPick={() => { helpOpen.value = true; }}>{t('help')}</Item>
      {session.value?.state === 'signed_in' && <Item onPick={() => go({ page: 'account' })}>{t('account')}</Item>}
      {session.value?.is_admin && <Item onPick={() => go({ page: 'add_site' })}>{t('site.add')}</Item>}
      <div class="phone-only">
        <hr />
        <Item onPick={() => void speak(language.value === 'en' ? 'ru' : 'en')}>{t('language.other')}</Item>
        <Item onPick={() => dress(nextTheme())}>{t(`theme.${theme.value}`)}</Item>
      </div>
      {session.value?.state === 'signed_in' && <><hr /><Item onPick={() => void signOut()}>{t('sign_out')}</Item></>}
    </Menu>
  );
}

function Live() {
  const n = live.value;
  const change = { period: 'realtime' as const, from: null, to: null };
  return (
    <a class={`live${n ? ' some' : ''}`} href={addressOf(change)} title={n === null ? '' : t('live.title', { n })} data-live={n ?? ''} onClick={(event) => follow(event, () => show(change))}>
      <i aria-hidden="true" />{n === null ? '–' : t('live', { n })}
    </a>
  );
}

export function Chips() {
  const { filters } = view.value;
  if (filters.length === 0) return null;
  return (
    <div class="chips" role="group" aria-label={t('filters')}>
      {filters.map((filter, i) => {
        const text = filterText(filter);
        return (
          <button key={text} type="button" class="chip" data-filter={filter.dimension} title={t('filter.remove', { filter: text })} aria-label={t('filter.remove', { filter: text })}
            onClick={() => show({ filters: filters.filter((_, j) => j !== i) })}><span>{text}</span><Icon name="cross" /></button>
        );
      })}
      {filters.length > 1 && <button type="button" class="quiet small" onClick={() => show({ filters: [] })}>{t('filter.clear')}</button>}
    </div>
  );
}

export function Header({ site }: { site: Site }) {
  return (
    <header class="top full">
      <a class="skip" href="#figures">{t('skip')}</a>
      <div class="bar-top">
        <Brand />
        <SiteMenu site={site} />
        <Live />
        <div class="controls">
          <PeriodMenu />
          {view.value.period !== 'realtime' && <><CompareMenu /><FilterMenu /></>}
        </div>
        <div class="looks"><LanguageButton /><ThemeButton /><OwnerMenu /></div>
      </div>
    </header>
  );
}

/** The header of pages that stand alone: sign in, set up, install. */
export function PlainHeader({ children }: { children?: ComponentChildren }) {
  return (
    <header class="top">
      <div class="bar-top">
        <Brand />
        {children}
        <div class="looks"><LanguageButton /><ThemeButton />{session.value?.state === 'signed_in' && route.value.page !== 'setup' && <OwnerMenu />}</div>
      </div>
    </header>
  );
}

