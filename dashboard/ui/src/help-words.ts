// The words of the list of keys, in both languages; they come with the list.

export const en = {
  period: 'Periods',
  other: 'The rest',
  realtime: 'The last 30 minutes',
  today: 'Today',
  week: '7 days',
  month: '30 days',
  year: '12 months',
  digits: 'Periods in the order of the menu',
  compare: 'Compare or stop comparing',
  filter: 'Add a filter',
  search: 'Search all pages',
  help: 'This list',
  escape: 'Close what lies on top',
};

export const ru: typeof en = {
  period: 'Периоды',
  other: 'Остальное',
  realtime: 'Последние 30 минут',
  today: 'Сегодня',
  week: '7 дней',
  month: '30 дней',
  year: '12 месяцев',
  digits: 'Периоды по порядку в меню',
  compare: 'Сравнивать или нет',
  filter: 'Добавить фильтр',
  search: 'Поиск по страницам',
  help: 'Этот список',
  escape: 'Закрыть то, что сверху',
};
