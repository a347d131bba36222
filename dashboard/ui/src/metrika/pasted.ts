// Goals in pasted code: what `ym(1, 'reachGoal', 'order')` and the older
// `yaCounter1.reachGoal('order')` name.

/** Goals of one counter, at most, as the server takes them. */
const GOALS_MAX = 50;

/** An identifier that the bridge may send (docs/metrika.md). */
const IDENTIFIER = /^[A-Za-z0-9_.-]{1,64}$/;

export function reached(code: string): string[] {
  const calls = code.matchAll(/reachGoal['"`]?\s*[,(]\s*['"`]([^'"`]+)['"`]/g);
  const goals = [...calls].map((call) => call[1] ?? '').filter((goal) => IDENTIFIER.test(goal));
  return [...new Set(goals)].slice(0, GOALS_MAX);
}
