// The words of the last half hour, in both languages.

import { lexicon, type Entry } from '../i18n';

export const en = {
  title: 'The last 30 minutes',
  visitors: 'visitors',
  views: 'views',
  'visitors.n': { one: '{n} visitor', other: '{n} visitors' },
  'views.n': { one: '{n} view', other: '{n} views' },
  since: 'in the last 30 minutes',
  now: 'now',
  summary: 'Visitors and views by minute. At most {visitors} visitors in one minute, at {at}. The same numbers stand in the table.',
  nobody: 'Nobody in the last 30 minutes',
  few: 'Too few people to break down: in half an hour, a small group may be one person.',
  today_of: 'Today’s figures of {value}',
  why: 'The panels end with the last whole minute and leave out groups of few people, so that nobody can be followed step by step.',
} satisfies Record<string, Entry>;

export const ru: Record<keyof typeof en, Entry> = {
  title: 'Последние 30 минут',
  visitors: 'посетители',
  views: 'просмотры',
  'visitors.n': { one: '{n} посетитель', few: '{n} посетителя', many: '{n} посетителей', other: '{n} посетителя' },
  'views.n': { one: '{n} просмотр', few: '{n} просмотра', many: '{n} просмотров', other: '{n} просмотра' },
  since: 'за последние 30 минут',
  now: 'сейчас',
  summary: 'Посетители и просмотры по минутам. Больше всего за минуту — {visitors}, в {at}. Те же числа есть в таблице.',
  nobody: 'За последние 30 минут никого не было',
  few: 'Людей слишком мало, чтобы показать разбивку: за полчаса малая группа — это, может быть, один человек.',
  today_of: 'За сегодня: {value}',
  why: 'Разделы считаются до последней целой минуты и без малых групп, чтобы ни за кем нельзя было следить по шагам.',
};

export const w = lexicon({ en, ru });
