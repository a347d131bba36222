// The add-on for sites that call `ym(…)`: goals become events of ours.
//
// `ym.js` mirrors: Yandex's tag stays and never notices; each `reachGoal` counts here, too.
// `ym-replace.js` stands in its place: the tag is gone, and its calls are answered.

import { ours, page, reachGoal } from './goal';
import { counter, standIn } from './replace';

type Call = ArrayLike<unknown>;

const heard = (call: Call): void => {
  const [id, method, ...args] = Array.from(call) as any[];
  const number = parseInt(id);
  if (ours.includes(number + '')) {
    if (__REPLACE__) counter(number)[method]?.(...args);
    else if (method == 'reachGoal') reachGoal(args[0], args[1]);
  }
};

// The script may come later: what is told before waits in its queue.
page.mostik ||= function () {
  ((page.mostik as any).q ||= []).push(arguments);
} as any;
page.ym ||= function () {
  page.ym.a.push(arguments);
};
const calls: Call[] = (page.ym.a ||= []);
// Yandex's tag wraps `push` in the same way and calls the one it found.
const { push } = calls;
calls.push = (...added) => {
  const result = push.apply(calls, added);
  added.forEach(heard);
  return result;
};
calls.forEach(heard);

if (__REPLACE__) standIn();
