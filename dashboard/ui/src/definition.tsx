// What a figure means, and how Metrika, GA4 and Plausible use the same word. Fetched after
// the page, like all that lies over it.

import type { Metric, Overview } from './contract';
import { exactMetric } from './format';
import { filled, language, t, type Entry } from './i18n';

interface Meaning {
  here: string;
  /** Metrika, GA4, Plausible: what is different there. */
  there: [string, string, string];
}

// Metrika: yandex.ru/support/metrica, glossary, and its API's list of metrics. GA4: support.google.com/analytics,
// engagement rate and sessions. Plausible: plausible.io/docs/metrics-definitions. Looked at in November 2026.
const en: Record<Metric, Meaning> = {
  visitors: {
    here: 'Distinct visitors of each day, summed over the days: the key that tells visitors apart is destroyed every night, so nobody is recognised tomorrow.',
    there: ['recognises a browser by a cookie and counts it once in a period: fewer over longer periods.', 'does so with a cookie or an account: fewer over longer periods as well.', 'counts once a day, as here, by address and agent.'],
  },
  visits: {
    here: 'A run of activity by one visitor with no gap of 30 minutes or more.',
    there: ['30 minutes too, up to 6 hours if the owner says so; a new ad click begins a new visit.', '30 minutes too; midnight and a new campaign do not begin a new session.', '30 minutes too.'],
  },
  views: {
    here: 'How many times a page was opened, repeats included.',
    there: ['the same.', 'the same, screens of apps included.', 'the same.'],
  },
  views_per_visit: {
    here: 'Page views divided by visits.',
    there: ['“depth”, the same.', 'views per session, the same.', 'the same.'],
  },
  bounce_ratio: {
    here: 'The share of visits with one page view and nothing done on it.',
    there: ['a bounce also lasts less than 15 seconds: who reads one page for a minute is none, so its rate is lower.', 'a bounce is a session under 10 seconds with one view and no key event: lower as well.', 'one page view and no event, as here.'],
  },
  duration_seconds: {
    here: 'The average time from the first to the last event of a visit.',
    there: ['“time on site”, the same.', '“average engagement time” counts only seconds in the foreground: compare it with “engaged time” here.', 'the same.'],
  },
  engaged_seconds: {
    here: 'The average time per visit during which the page was visible and in focus.',
    there: ['has no such figure among its usual ones.', '“average engagement time per session”, nearly the same.', '“time on page” is the like of it, by page.'],
  },
  conversion_ratio: {
    here: 'The share of visitors who reached at least one of your goals, as they were declared on the day. Each goal’s own conversion stands in the panel of goals.',
    there: ['counts the share of visits, goal by goal.', '“user key event rate”, the share of users; recognised by a cookie, so lower over longer periods.', 'shows it for one goal at a time, once a goal is chosen as a filter.'],
  },
};

const ru: Record<Metric, Meaning> = {
  visitors: {
    here: 'Разные посетители каждого дня, сложенные по дням: ключ, по которому их различают, каждую ночь уничтожается, и назавтра никого нельзя узнать.',
    there: ['узнаёт браузер по cookie и считает один раз за период: чем длиннее период, тем меньше.', 'так же, по cookie или аккаунту: за долгий период тоже меньше.', 'как здесь: раз в день, по адресу и браузеру.'],
  },
  visits: {
    here: 'Действия одного посетителя подряд, без перерывов в 30 минут и дольше.',
    there: ['тоже 30 минут, владелец может поставить до 6 часов; переход по рекламе начинает новый визит.', 'тоже 30 минут; полночь и новая кампания сеанс не прерывают.', 'тоже 30 минут.'],
  },
  views: {
    here: 'Сколько раз открывали страницы, включая повторы.',
    there: ['то же.', 'то же, вместе с экранами приложений.', 'то же.'],
  },
  views_per_visit: {
    here: 'Сколько просмотров в среднем приходится на один визит.',
    there: ['«глубина просмотра», то же.', 'просмотры на сеанс, то же.', 'то же.'],
  },
  bounce_ratio: {
    here: 'Доля визитов, в которых открыли одну страницу и ничего на ней не сделали.',
    there: ['отказ ещё и короче 15 секунд: кто минуту читал одну страницу, не отказ, поэтому доля там ниже.', 'отказ — сеанс короче 10 секунд с одним просмотром и без ключевого события: доля тоже ниже.', 'один просмотр и ни одного события, как здесь.'],
  },
  duration_seconds: {
    here: 'Сколько в среднем проходит от первого до последнего события визита.',
    there: ['«время на сайте», то же.', '«среднее время взаимодействия» — только секунды на переднем плане: сравнивайте его с «вниманием».', 'то же.'],
  },
  engaged_seconds: {
    here: 'Сколько в среднем за визит страница была видна и в фокусе.',
    there: ['такого среди обычных показателей нет.', '«среднее время взаимодействия на сеанс», почти то же.', 'похоже на «time on page» у страниц.'],
  },
  conversion_ratio: {
    here: 'Доля посетителей, достигших хотя бы одной из ваших целей — как они были заведены в тот день. Конверсия каждой цели — в разделе целей.',
    there: ['считает долю визитов, по каждой цели.', '«коэффициент ключевых событий для пользователей»: доля пользователей, узнанных по cookie, поэтому за долгий период другая.', 'показывает для одной цели, когда она выбрана фильтром.'],
  },
};

const NAMES = { en: ['Metrika', 'GA4', 'Plausible'], ru: ['Метрика', 'GA4', 'Plausible'] };

const WITHOUT: Record<'en' | 'ru', Entry> = {
  en: { one: 'Without {n} day that was closed before there was a goal.', other: 'Without {n} days that were closed before there was a goal.' },
  ru: { one: 'Без {n} дня, который закрылся, когда целей ещё не было.', few: 'Без {n} дней, которые закрылись, когда целей ещё не было.', many: 'Без {n} дней, которые закрылись, когда целей ещё не было.', other: 'Без {n} дня, который закрылся, когда целей ещё не было.' },
};

const WOULD = { en: 'By that, it would be {value} here.', ru: 'По такому счёту здесь было бы {value}.' };

export function Definition({ metric, about, without, elsewhere }: { metric: Metric; about: boolean; without: number; elsewhere: Overview['bounce_elsewhere'] | undefined }) {
  const lang = language.value;
  const { here, there } = { en, ru }[lang][metric];
  const would = metric === 'bounce_ratio' ? [elsewhere?.metrika, elsewhere?.ga4] : [];
  return (
    <div class="definition" role="status">
      <p><b>{t(`metric.${metric}`)}.</b> {here}{about && ` ${t('define.about')}`}{metric === 'conversion_ratio' && without > 0 && ` ${filled(language.value, WITHOUT[language.value], { n: without })}`}</p>
      <dl>{there.map((text, i) => <div key={i}><dt>{NAMES[language.value][i]}</dt><dd>{text}{would[i] != null && <> <b data-would={would[i]}>{WOULD[lang].replace('{value}', exactMetric(lang, 'bounce_ratio', would[i]!))}</b></>}</dd></div>)}</dl>
    </div>
  );
}
