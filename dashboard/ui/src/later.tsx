// Parts of the application that are fetched only when something needs them.

import { signal, type Signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';

interface Part<M> {
  fetch: () => void;
  /** Shows what `children` makes of the part once it is here, `instead` until then. */
  With: (props: { children: (module: M) => VNode; instead?: VNode }) => VNode | null;
}

export function later<M>(load: () => Promise<M>): Part<M> {
  const module: Signal<M | null> = signal(null);
  let asked = false;
  const fetch = () => {
    if (asked) return;
    asked = true;
    // A part that could not be fetched (the connection broke, a new version was put up) is asked for again next time.
    load().then((loaded) => { module.value = loaded; }, () => { asked = false; });
  };
  return {
    fetch,
    With({ children, instead }) {
      useEffect(fetch);
      return module.value ? children(module.value) : instead ?? null;
    },
  };
}
