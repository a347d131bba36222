// Words in the reader's language. A dictionary entry is a text, or the plural
// forms of one; `{name}` stands for a value and `{n}` for the count, printed as
// the language prints numbers.

import { signal } from '@preact/signals';
import { en } from './i18n/en';
import { ru } from './i18n/ru';
import { keep, preferredLanguage, type Language } from './preference';

export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Entry = string | Plural;
export type Key = keyof typeof en;
export type Dictionary = Record<Key, Entry>;

const dictionaries: Record<Language, Dictionary> = { en, ru };
const rules: Record<Language, Intl.PluralRules> = { en: new Intl.PluralRules('en'), ru: new Intl.PluralRules('ru') };
const counts: Record<Language, Intl.NumberFormat> = { en: new Intl.NumberFormat('en'), ru: new Intl.NumberFormat('ru') };

export const language = signal<Language>(preferredLanguage());

export function speak(next: Language): void {
  keep('language', next);
  document.documentElement.lang = next;
  language.value = next;
}

export function phrase(lang: Language, key: Key, values: Record<string, string | number> = {}): string {
  const entry = dictionaries[lang][key];
  const n = values['n'];
  const text = typeof entry === 'string' ? entry : entry[rules[lang].select(Number(n))] ?? entry.other;
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? counts[lang].format(value) : value ?? `{${name}}`;
  });
}

export const t = (key: Key, values?: Record<string, string | number>): string => phrase(language.value, key, values);

/** For codes that come from the server: a new one is shown as it is rather than not at all. */
export function worded(prefix: string, code: string): string {
  const key = `${prefix}.${code}`;
  return key in en ? t(key as Key) : code.replaceAll('_', ' ');
}

export const knows = (key: string): key is Key => key in en;
