// The words of segments and annotations, in both languages; they come with them.

import { language } from './i18n';

const en = {
  segments: 'Segments',
  'segment.save': 'Save these filters',
  'segment.title': 'Title of the segment',
  'segment.remove': 'Remove the segment {title}',
  'segment.taken': 'There is one with this title already.',
  'remarks.failed': 'That did not work. Try again.',
  'remarks.full': 'There is no room for more. Remove one first.',
  save: 'Save',
  cancel: 'Cancel',
  notes: 'What happened',
  'note.add': 'Add a note',
  'note.day': 'Day',
  'note.text': 'What happened',
  'note.remove': 'Remove the note of {day}',
  gap: 'Nothing was counted from {from} to {until}.',
  split: 'At {until} the key of the day was lost: from then on, visitors of that day are counted once more.',
  'gap.more': 'Earlier interruptions: {n}.',
};

const ru: typeof en = {
  segments: 'Сегменты',
  'segment.save': 'Сохранить эти фильтры',
  'segment.title': 'Название сегмента',
  'segment.remove': 'Удалить сегмент «{title}»',
  'segment.taken': 'Сегмент с таким названием уже есть.',
  'remarks.failed': 'Не получилось. Попробуйте ещё раз.',
  'remarks.full': 'Больше места нет. Сначала удалите что-нибудь.',
  save: 'Сохранить',
  cancel: 'Отмена',
  notes: 'Что было',
  'note.add': 'Добавить заметку',
  'note.day': 'День',
  'note.text': 'Что произошло',
  'note.remove': 'Удалить заметку за {day}',
  gap: 'С {from} по {until} ничего не учитывалось.',
  split: '{until} потерян ключ дня: после этого посетители того дня учтены ещё раз.',
  'gap.more': 'Более ранних перерывов: {n}.',
};

export function r(word: keyof typeof en, values: Record<string, string> = {}): string {
  const text = (language.value === 'ru' ? ru : en)[word];
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}
