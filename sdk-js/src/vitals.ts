// Web vitals of a load, as https://web.dev/articles/vitals defines them (2026-11): largest and
// first contentful paint, first byte, interaction to next paint, cumulative layout shift.
//
// They belong to the page view the load began, until it is hidden; steps, restored pages and
// pages opened in the background are not measured. What a browser does not tell is left out: Firefox tells no
// layout shifts, WebKitGTK paints only.

import type { Vitals } from './api';
import { page } from './page';

/** An entry of any of the types observed. */
interface Entry extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
  interactionId: number;
}

/** Shifts less than this apart, in milliseconds, … */
const SHIFT_GAP_MS = 1000;
/** … and within this make one window; the worst window counts. */
const SHIFT_WINDOW_MS = 5000;
/** Interactions quicker than this, in milliseconds, are not told by any browser. */
const INTERACTION_MS_MIN = 16;
/** One in so many may be slower than what is told. */
const FORGIVEN_ONE_IN = 50;
/** Interactions with a higher number are not kept. Numbers begin between 100 and 10,000 and grow
 * by a few (Event Timing; by 7 in Chromium 156), so this is more than 10,000 of them. */
const INTERACTION_ID_MAX = 100_000;

/** Raw times of paints and the first byte. */
const times: Record<string, number> = {};
/** Milliseconds by interaction. */
const slow: Record<string, number> = {};
let observer: PerformanceObserver;
/** The page view measured. */
let measured: string | undefined;
let shift: number | undefined;
let shiftWindow = 0;
let shiftWindowBegan = 0;
let shifted = -SHIFT_GAP_MS;

const heard = (entry: Entry): void => {
  const { startTime, interactionId } = entry;
  if (interactionId) {
    if (interactionId < INTERACTION_ID_MAX) slow[interactionId] = Math.max(slow[interactionId] || 0, entry.duration);
  } else if (entry.value) {
    if (!entry.hadRecentInput) {
      if (!(startTime - shifted < SHIFT_GAP_MS && startTime - shiftWindowBegan < SHIFT_WINDOW_MS)) {
        shiftWindowBegan = startTime;
        shiftWindow = 0;
      }
      shifted = startTime;
      shiftWindow += entry.value;
      shift = Math.max(shift as number, shiftWindow);
    }
  } else if (!entry.duration) {
    // A paint. All else that has no interaction took its time. The first paint is named as well,
    // but it comes before the first with content.
    times[entry.name ? 'fcp' : 'lcp'] = startTime;
  }
};

/** What is known now of the page view in progress. */
export const readVitals = (): Vitals | undefined => {
  if (page.pv != measured) return;
  // What is painted, or answered, after the page was hidden is another story.
  if (document.hidden) measured = '';
  const navigation = (performance.getEntriesByType('navigation')[0] || {}) as any;
  if (navigation.responseStart) times.ttfb = navigation.responseStart;
  const all = Object.values(slow).sort((a, b) => b - a);
  const vitals: Record<string, number | undefined> = {
    cls: shift,
    // Without a count the slowest is told; where there are no more slow ones, the last.
    inp: all[((performance as any).interactionCount / FORGIVEN_ONE_IN) | 0] || all.pop(),
  };
  // A prerendered page is measured from its activation, which is known only after it.
  for (const key in times) vitals[key] = Math.max(0, (times[key] as number) - (navigation.activationStart | 0)) | 0;
  return vitals;
};

export const watchVitals = (): void => {
  measured = page.pv;
  // Where none are told, 0 would be praise.
  shift = (window as { LayoutShift?: undefined }).LayoutShift && 0;
  observer = new PerformanceObserver((list) => (list.getEntries() as Entry[]).forEach(heard));
  'paint largest-contentful-paint layout-shift event'
    .split(' ')
    .forEach((type) => observer.observe({ type, buffered: true, durationThreshold: INTERACTION_MS_MIN } as PerformanceObserverInit));
};
