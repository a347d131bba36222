// Goals that a page's code reaches, found in pasted text.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reached } from '../src/metrika/pasted';

test('every spelling of a reached goal is found, each once', () => {
  const code = `
    ym(12345678, 'reachGoal', 'order');
    ym(12345678,"reachGoal" , "cart.add", {price: 5});
    <a onclick="ym(1,'reachGoal',\`call-me\`); return true;">
    yaCounter12345678.reachGoal('lead_form'); ym(12345678, 'reachGoal', 'order');`;
  assert.deepEqual(reached(code), ['order', 'cart.add', 'call-me', 'lead_form']);
});

test('what no counter would take is left out', () => {
  assert.deepEqual(reached("ym(1,'reachGoal',name); ym(1,'reachGoal','a/b'); ym(1,'hit','/x')"), []);
});
