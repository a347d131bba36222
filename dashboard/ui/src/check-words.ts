// The words of the checks on the page of installation, in both languages. They travel with
// it, so that the overview, which most visits want, does not wait for them.

import { language } from './i18n';

const en = {
  'script': 'Is the script on the page?',
  'script.how': 'Open the page, press F12, then Network, and look for i.js with status 200. If it is missing, the page is served from a cache, or the line went into a template that this page does not use.',
  'csp': 'Does a Content-Security-Policy block it?',
  'csp.how': 'If the console speaks of Content Security Policy, add this to the site’s policy:',
  'host.how': 'Events are taken from {domain} and its www only. A test copy under another name has to be listed here:',
};

const ru: typeof en = {
  'script': 'Стоит ли скрипт на странице?',
  'script.how': 'Откройте страницу, нажмите F12, затем «Сеть» и найдите i.js со статусом 200. Если его нет, страница отдаётся из кеша или строка попала не в тот шаблон.',
  'csp': 'Не мешает ли Content-Security-Policy?',
  'csp.how': 'Если консоль упоминает Content Security Policy, добавьте в политику сайта:',
  'host.how': 'События принимаются только с {domain} и с его www. Тестовую копию под другим именем нужно добавить сюда:',
};

export function check(word: keyof typeof en, values: Record<string, string> = {}): string {
  return { en, ru }[language.value][word].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}
