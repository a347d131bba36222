// What this browser's owner prefers to see: theme and language. Kept in local
// storage because it belongs to the browser, not to a link that gets shared.
// A browser that refuses storage still works, it only forgets.

export type Theme = 'auto' | 'light' | 'dark';
export type Language = 'en' | 'ru';

export function recall(name: 'theme' | 'language'): string | null {
  try {
    return localStorage.getItem(`mostik.${name}`);
  } catch {
    return null;
  }
}

export function keep(name: 'theme' | 'language', value: string): void {
  try {
    localStorage.setItem(`mostik.${name}`, value);
  } catch {
    // Storage is off in this browser: the choice holds until the page is closed.
  }
}

export function preferredTheme(): Theme {
  const kept = recall('theme');
  return kept === 'light' || kept === 'dark' ? kept : 'auto';
}

export function preferredLanguage(): Language {
  const kept = recall('language');
  if (kept === 'en' || kept === 'ru') return kept;
  return navigator.languages.some((tag) => tag.toLowerCase().startsWith('ru')) ? 'ru' : 'en';
}
