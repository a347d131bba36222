// The words of goals and funnels, in both languages. They travel with their page, so that the
// overview does not wait for them.

import { filled, language, type Entry } from '../i18n';

const en = {
  title: 'Goals and funnels',
  lead: 'A goal is a page somebody opens or an event your site sends. It is counted at once, and for past days as far as they still tell.',
  goals: 'Goals', funnels: 'Funnels',
  'goals.none': 'No goals yet.', 'goals.empty': 'No goals to show. A goal is a page somebody opens or an event; declare them below.', 'funnels.none': 'No funnels yet.',
  'goal.add': 'Add a goal', 'funnel.add': 'Add a funnel',
  'goal.new': 'New goal', 'goal.edit': 'Edit the goal', 'funnel.new': 'New funnel', 'funnel.edit': 'Edit the funnel',
  edit: 'Edit', remove: 'Remove', save: 'Save', back: 'Back to the figures',
  name: 'Name', 'name.goal': 'Order placed', 'name.funnel': 'From catalogue to order',
  page: 'opens a page', event: 'sends an event', 'what': 'A visitor',
  'page.label': 'Page', 'page.why': 'Such as /thanks or /blog/*, where * is anything.', 'event.label': 'Event’s name', 'event.why': 'As your page calls it: mostik(\'order\'), or ym(…, \'reachGoal\', \'order\').',
  props: 'Only when a property', 'prop.add': 'Add a condition', 'prop.name': 'Property', 'prop.values': 'Values, separated by commas',
  is: 'is', is_not: 'is not', contains: 'contains',
  value: 'Worth each', 'value.why': 'Empty: what the events bring themselves.', currency: 'Currency',
  steps: 'Steps', 'step.add': 'Add a step', 'step.of': 'Take a goal’s rule', step: 'Step {n}',
  'funnel.why': 'From two to eight steps, in this order, within one visit; anything may lie between them.',
  'preview.wait': 'Counting the last 30 days…',
  'preview.exact': { one: 'In the last 30 days: once', other: 'In the last 30 days: {n} times' },
  'preview.visitors': { one: ', by {n} visitor', other: ', by {n} visitors' },
  'preview.about': { one: ', by about {n} visitor', other: ', by about {n} visitors' },
  'preview.none': 'Nothing in the last 30 days. Is it spelt as on the site?',
  'remove.goal': 'Remove the goal “{title}”? Reports stop showing it. Declared again with the same rule, it is as before for all days it was declared on.',
  'remove.funnel': 'Remove the funnel “{title}”? Days that are closed meanwhile will never be in it.',
  cancel: 'Cancel',
  undecided: { one: '{n} day of this period was closed before the goal was declared and is not counted.', other: '{n} days of this period were closed before the goal was declared and are not counted.' },
  'undecided.funnel': { one: 'Without {n} day that was closed before the funnel was declared', other: 'Without {n} days that were closed before the funnel was declared' },
  'of.before': '{share} of the step before', whole: 'through all steps: {share}', few: 'few',
  'error.title_taken': 'There is one of this name already.', 'error.title_invalid': 'Give it a name, at most 100 bytes.',
  'error.rule_invalid': 'A page begins with / or *; a condition needs a property and a value.', 'error.value_invalid': 'A sum from 0 and a currency such as RUB.',
  'error.steps_invalid': 'From two to eight steps.', 'error.too_many_goals': 'A site has at most 64 goals and 8 funnels.', 'error.other': 'It could not be saved. Try again.',
} satisfies Record<string, Entry>;

export type Word = keyof typeof en;

const ru: Record<Word, Entry> = {
  title: 'Цели и воронки',
  lead: 'Цель — это страница, которую открывают, или событие, которое шлёт ваш сайт. Считается сразу, а за прошлые дни — насколько они ещё помнят.',
  goals: 'Цели', funnels: 'Воронки',
  'goals.none': 'Целей пока нет.', 'goals.empty': 'Целей пока нет. Цель — страница, которую открывают, или событие; завести их можно ниже.', 'funnels.none': 'Воронок пока нет.',
  'goal.add': 'Добавить цель', 'funnel.add': 'Добавить воронку',
  'goal.new': 'Новая цель', 'goal.edit': 'Изменить цель', 'funnel.new': 'Новая воронка', 'funnel.edit': 'Изменить воронку',
  edit: 'Изменить', remove: 'Удалить', save: 'Сохранить', back: 'К цифрам',
  name: 'Название', 'name.goal': 'Оформлен заказ', 'name.funnel': 'От каталога до заказа',
  page: 'открывает страницу', event: 'вызывает событие', 'what': 'Посетитель',
  'page.label': 'Страница', 'page.why': 'Например, /thanks или /blog/*, где * — что угодно.', 'event.label': 'Имя события', 'event.why': 'Как его вызывает страница: mostik(\'order\') или ym(…, \'reachGoal\', \'order\').',
  props: 'Только если свойство', 'prop.add': 'Добавить условие', 'prop.name': 'Свойство', 'prop.values': 'Значения через запятую',
  is: 'равно', is_not: 'не равно', contains: 'содержит',
  value: 'Ценность', 'value.why': 'Пусто — доход самих событий.', currency: 'Валюта',
  steps: 'Шаги', 'step.add': 'Добавить шаг', 'step.of': 'Взять правило цели', step: 'Шаг {n}',
  'funnel.why': 'От двух до восьми шагов, в этом порядке, за один визит; между ними может быть что угодно.',
  'preview.wait': 'Считаем последние 30 дней…',
  'preview.exact': { one: 'За последние 30 дней: {n} раз', few: 'За последние 30 дней: {n} раза', other: 'За последние 30 дней: {n} раз' },
  'preview.visitors': { one: ', {n} посетитель', few: ', {n} посетителя', other: ', {n} посетителей' },
  'preview.about': { one: ', примерно {n} посетитель', few: ', примерно {n} посетителя', other: ', примерно {n} посетителей' },
  'preview.none': 'За последние 30 дней — ни разу. Так ли это пишется на сайте?',
  'remove.goal': 'Удалить цель «{title}»? Отчёты перестанут её показывать. Заведённая снова с тем же правилом, она будет прежней за все дни, когда была заведена.',
  'remove.funnel': 'Удалить воронку «{title}»? Дни, которые закроются без неё, в неё уже не попадут.',
  cancel: 'Отмена',
  undecided: { one: '{n} день периода закрылся до того, как цель завели, и не учтён.', few: '{n} дня периода закрылись до того, как цель завели, и не учтены.', other: '{n} дней периода закрылись до того, как цель завели, и не учтены.' },
  'undecided.funnel': { one: 'Без {n} дня, который закрылся до того, как воронку завели', other: 'Без {n} дней, которые закрылись до того, как воронку завели' },
  'of.before': '{share} от прошлого шага', whole: 'прошли все шаги: {share}', few: 'мало',
  'error.title_taken': 'Такое название уже есть.', 'error.title_invalid': 'Дайте название, не длиннее 100 байт.',
  'error.rule_invalid': 'Страница начинается с / или *; условию нужны свойство и значение.', 'error.value_invalid': 'Сумма от 0 и валюта, например RUB.',
  'error.steps_invalid': 'От двух до восьми шагов.', 'error.too_many_goals': 'У сайта не больше 64 целей и 8 воронок.', 'error.other': 'Сохранить не удалось. Попробуйте ещё раз.',
};

export const w = (word: Word, values: Record<string, string | number> = {}): string => filled(language.value, { en, ru }[language.value][word], values);

export const wrong = (code: string): string => w((`error.${code}` in en ? `error.${code}` : 'error.other') as Word);
