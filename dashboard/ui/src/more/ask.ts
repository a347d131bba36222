// Reports that are asked for when they are looked at, asked again when the question changes,
// and now and then while the page is open.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { RefObject } from 'preact';
import { ApiError } from '../api';
import { figures } from '../refresh';

/** The page's own beat is seconds; what lies below the fold follows it this often. */
const BEAT_MS = 30_000;
/** How far below the window a panel begins to ask. */
const EARLY = '240px';
/** After so long a look at the page the rest of it comes too: a reader may print it, or search in it. */
const REST_MS = 3_000;

/** Whether the element has come into sight, or would be printed, once. */
export function useSeen(element: RefObject<Element | null>): boolean {
  const seen = useSignal(false);
  useEffect(() => {
    if (!element.current || seen.value) return;
    const see = () => {
      seen.value = true;
      leave();
    };
    const watch = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) see(); }, { rootMargin: EARLY });
    watch.observe(element.current);
    const timer = setTimeout(see, REST_MS);
    const leave = () => { watch.disconnect(); clearTimeout(timer); };
    return leave;
  }, []);
  return seen.value;
}

interface Known<T> { key: string; answer: T }

/** `key` names the question; null asks nothing. */
export function useReport<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>) {
  const known = useSignal<Known<T> | null>(null);
  const failed = useSignal<{ key: string; error: ApiError } | null>(null);
  const beat = Math.floor((figures.value?.at.getTime() ?? 0) / BEAT_MS);
  useEffect(() => {
    if (key === null) return;
    const stop = new AbortController();
    ask(stop.signal).then(
      (answer) => { known.value = { key, answer }; failed.value = null; },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        failed.value = { key, error };
      },
    );
    return () => stop.abort();
  }, [key, beat]);
  const error = failed.value && failed.value.key === key ? failed.value.error : null;
  return { found: known.value?.answer ?? null, isOld: known.value !== null && known.value.key !== key, error };
}
