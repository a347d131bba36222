// Words in the reader's language. A dictionary entry is a text, or the plural
// forms of one; `{name}` stands for a value and `{n}` for the count, printed as
// the language prints numbers. Only the language in use is loaded.

import { signal } from '@preact/signals';
import type { en } from './i18n/en';
import { keep, preferredLanguage, type Language } from './preference';

export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Entry = string | Plural;
export type Key = keyof typeof en;
export type Dictionary = Record<Key, Entry>;

const dictionaries = new Map<Language, Dictionary>();
const rules: Record<Language, Intl.PluralRules> = { en: new Intl.PluralRules('en'), ru: new Intl.PluralRules('ru') };
const counts: Record<Language, Intl.NumberFormat> = { en: new Intl.NumberFormat('en'), ru: new Intl.NumberFormat('ru') };

export const language = signal<Language>(preferredLanguage());

export function learn(lang: Language, dictionary: Dictionary): void {
  dictionaries.set(lang, dictionary);
}

/** Loads a language's words; `language` changes only once they are here. */
export async function load(lang: Language): Promise<void> {
  if (dictionaries.has(lang)) return;
  learn(lang, lang === 'ru' ? (await import('./i18n/ru')).ru : (await import('./i18n/en')).en);
}

export async function speak(next: Language): Promise<void> {
  await load(next);
  keep('language', next);
  document.documentElement.lang = next;
  language.value = next;
}

export function phrase(lang: Language, key: Key, values: Record<string, string | number> = {}): string {
  const entry = dictionaries.get(lang)?.[key];
  // Every page waits for `load`; a key can't be missing, the type says so.
  return entry === undefined ? key : filled(lang, entry, values);
}

/** An entry with its values put in. Parts that come later bring entries of their own. */
export function filled(lang: Language, entry: Entry, values: Record<string, string | number>): string {
  const n = values['n'];
  const text = typeof entry === 'string' ? entry : entry[rules[lang].select(Number(n))] ?? entry.other;
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? counts[lang].format(value) : value ?? `{${name}}`;
  });
}

/** Words that travel with one part of the application instead of with all of it. */
export function lexicon<K extends string>(words: Record<Language, Record<K, Entry>>) {
  return (key: K, values: Record<string, string | number> = {}): string => filled(language.value, words[language.value][key], values);
}

export const t = (key: Key, values?: Record<string, string | number>): string => phrase(language.value, key, values);

/** For codes that come from the server: a new one is shown as it is rather than not at all. */
export function worded(prefix: string, code: string): string {
  const key = `${prefix}.${code}`;
  const known = dictionaries.get(language.value);
  return known && key in known ? t(key as Key) : code.replaceAll('_', ' ');
}
