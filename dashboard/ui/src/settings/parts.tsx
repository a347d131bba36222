// What the sections of these pages have in common: loading a list, doing something about it,
// saying what came of it, and showing a secret once.

import { useSignal, type Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId } from 'preact/hooks';
import { Copy } from '../copy';
import { language } from '../i18n';
import { useTries } from '../tried';
import { coded, w } from './words';

export interface Loaded<T> {
  value: T | null;
  said: string | null;
  /** Does something, then loads anew. False when it was refused. */
  act: (work: () => Promise<unknown>, done?: string) => Promise<boolean>;
}

export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const value = useSignal<T | null>(null);
  const done = useSignal<string | null>(null);
  const { error, tried } = useTries();
  const look = () => tried(async () => { value.value = await load(); });
  useEffect(() => { void look(); }, []);
  return {
    value: value.value,
    said: error.value ? coded('error', error.value.code) : done.value,
    act: async (work, said) => {
      [error.value, done.value] = [null, null];
      if (!await tried(work)) return false;
      done.value = said ?? null;
      return look();
    },
  };
}

export function Section({ title, why, said, children }: { title: string; why: string; said: string | null; children: ComponentChildren }) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <p class="soft">{why}</p>
      {said && <p class="notice" role="alert">{said}</p>}
      {children}
    </section>
  );
}

export function Once({ title, text }: { title: string; text: string }) {
  return <div class="once" role="status"><b>{title}</b><p class="soft">{w('once')}</p><Copy text={text} /></div>;
}

interface ChoiceProps<T extends string> { label: string; name: string; value: Signal<T>; options: readonly (readonly [T, string])[]; why?: string }

export function Choice<T extends string>({ label, name, value, options, why }: ChoiceProps<T>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} name={name} value={value.value} onChange={(event) => { value.value = event.currentTarget.value as T; }}>
        {options.map(([option, words]) => <option key={option} value={option}>{words}</option>)}
      </select>
      {why && <p class="soft">{why}</p>}
    </div>
  );
}

/** Seconds since 1970 as a reader writes them. */
export function moment(seconds: number): string {
  return new Intl.DateTimeFormat(language.value === 'en' ? 'en-GB' : 'ru', { dateStyle: 'medium', timeStyle: 'short' }).format(seconds * 1000);
}

export function dayOf(seconds: number | null): string {
  if (seconds === null) return w('until.ended');
  return new Intl.DateTimeFormat(language.value === 'en' ? 'en-GB' : 'ru', { dateStyle: 'medium' }).format(seconds * 1000);
}
