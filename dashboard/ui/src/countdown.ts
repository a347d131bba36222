// Seconds that run down once a second, for "try again in …".

import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';

export function useCountdown(): { left: number; start: (seconds: number) => void } {
  const until = useSignal(0);
  const left = useSignal(0);
  useEffect(() => {
    if (until.value === 0) return;
    const beat = () => {
      left.value = Math.max(0, Math.ceil((until.value - Date.now()) / 1000));
      if (left.value === 0) until.value = 0;
    };
    beat();
    const timer = setInterval(beat, 250);
    return () => clearInterval(timer);
  }, [until.value]);
  return { left: left.value, start: (seconds) => { left.value = seconds; until.value = Date.now() + seconds * 1000; } };
}
