// The keyboard of the overview. Keys are taken by their place on the keyboard,
// so that D is D in a Russian layout too; while someone types into a field, or
// a sheet lies over the page, letters belong to that.

import { signal } from '@preact/signals';
import { PERIODS, type Period } from './contract';
import { closeDefinition } from './metrics';
import { closeMenu, openMenu } from './menu';
import { route, show, view } from './route';

export const helpOpen = signal(false);

const LETTERS: Record<string, Period> = { KeyD: 'today', KeyW: '7d', KeyM: '30d', KeyY: '12mo', KeyR: 'realtime' };

export function onKey(event: KeyboardEvent): void {
  if (event.key === 'Escape') {
    if (!closeDefinition()) closeMenu();
    return;
  }
  if (route.value.page !== 'overview' || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as HTMLElement;
  if (target.closest('input, textarea, select, [contenteditable]')) return;
  const over = document.querySelector('dialog[open]') !== null;
  const act = over ? sheetAction(event) : action(event);
  if (!act) return;
  event.preventDefault();
  act();
}

/** Over the list only the search key means something. */
function sheetAction(event: KeyboardEvent): (() => void) | null {
  const search = document.querySelector<HTMLInputElement>('dialog[open] [data-search]');
  return search && isSlash(event) ? () => search.focus() : null;
}

// `/` has its own key in many layouts and a shifted digit in others; `?` likewise.
const isSlash = (event: KeyboardEvent) => event.key === '/' || (event.code === 'Slash' && !event.shiftKey);
const isQuestion = (event: KeyboardEvent) => event.key === '?' || (event.code === 'Slash' && event.shiftKey);

function action(event: KeyboardEvent): (() => void) | null {
  if (isQuestion(event)) return () => { helpOpen.value = true; };
  if (isSlash(event)) return () => show({ list: 'page', ...(view.value.period === 'realtime' ? { period: 'today' } : {}) });
  if (event.shiftKey) return null;
  const letter = LETTERS[event.code];
  if (letter) return () => { closeMenu(); show({ period: letter, from: null, to: null }); };
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  if (digit !== undefined) {
    const period = PERIODS[digit === '0' ? 9 : Number(digit) - 1];
    if (period === 'custom') return () => { openMenu.value = 'period'; };
    return period ? () => { closeMenu(); show({ period, from: null, to: null }); } : null;
  }
  if (event.code === 'KeyX') return () => show({ compare: view.value.compare === 'none' ? 'previous' : 'none', compareFrom: null });
  if (event.code === 'KeyF') return () => { openMenu.value = 'filter'; };
  return null;
}
