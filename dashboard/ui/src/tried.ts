// Something a reader asked for, and why it was refused, if it was.

import { useSignal, type Signal } from '@preact/signals';
import { ApiError } from './api';

export interface Tries {
  /** Of the last attempt; null once one has gone well. */
  error: Signal<ApiError | null>;
  /** False when it was refused. What is no refusal is an error of the program's. */
  tried: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useTries(): Tries {
  const error = useSignal<ApiError | null>(null);
  return {
    error,
    async tried(work) {
      try {
        await work();
        error.value = null;
        return true;
      } catch (failed) {
        if (!(failed instanceof ApiError)) throw failed;
        error.value = failed;
        return false;
      }
    },
  };
}
