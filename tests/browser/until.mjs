// Waiting for what only asking tells.

import { setTimeout as rest } from 'node:timers/promises';

/** How long a condition may take to come true, in milliseconds, on a busy machine. */
const PATIENCE_MS = 60_000;
/** Between two questions, in milliseconds. */
const REST_MS = 50;

/** Asks until the answer is truthy, and gives it. */
export async function until(what, ask) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await rest(REST_MS);
  }
}
