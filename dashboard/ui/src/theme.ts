// Light, dark, or as the system says; `shade` is what is really shown.

import { computed, signal } from '@preact/signals';
import { keep, preferredTheme, type Theme } from './preference';

export const theme = signal<Theme>(preferredTheme());

const system = matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(system.matches);
system.addEventListener('change', () => { systemDark.value = system.matches; });

export const shade = computed<'light' | 'dark'>(() => (theme.value === 'auto' ? (systemDark.value ? 'dark' : 'light') : theme.value));

export function dress(next: Theme): void {
  keep('theme', next);
  if (next === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = next;
  theme.value = next;
}
