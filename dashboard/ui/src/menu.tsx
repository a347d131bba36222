// A button with a sheet below it. One sheet is open at a time; Esc, a click
// elsewhere or moving the focus away closes it, arrows walk through its items.

import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export const openMenu = signal<string | null>(null);
export const closeMenu = () => { openMenu.value = null; };

interface Props {
  name: string;
  label: string;
  face: ComponentChildren;
  class?: string;
  /** The edge of the button that the sheet is aligned with. */
  align?: 'start' | 'end';
  children: ComponentChildren;
}

const items = (sheet: HTMLElement) => [...sheet.querySelectorAll<HTMLElement>('button:not(:disabled), a[href], input, select')];

export function Menu({ name, label, face, class: extra = '', align = 'start', children }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const open = openMenu.value === name;

  useEffect(() => {
    if (!open || !root.current) return;
    const sheet = root.current.querySelector<HTMLElement>('.sheet');
    const first = sheet && (sheet.querySelector<HTMLElement>('[aria-current="true"]') ?? items(sheet)[0]);
    first?.focus();
    const outside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) closeMenu();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);

  function onKey(event: KeyboardEvent) {
    if (!open) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      closeMenu();
      button.current?.focus();
      return;
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const sheet = root.current?.querySelector<HTMLElement>('.sheet');
    if (!step || !sheet || event.target instanceof HTMLSelectElement) return;
    event.preventDefault();
    const all = items(sheet);
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[(at + step + all.length) % all.length]?.focus();
  }

  function onFocusOut(event: FocusEvent) {
    // Focus that goes nowhere (a click on plain text in the sheet) is not leaving.
    if (open && event.relatedTarget && !root.current?.contains(event.relatedTarget as Node)) closeMenu();
  }

  return (
    <div class={`menu ${extra}`} ref={root} onKeyDown={onKey} onFocusOut={onFocusOut}>
      <button type="button" class="quiet" ref={button} aria-expanded={open} aria-label={label} title={label}
        onClick={() => { openMenu.value = open ? null : name; }}>
        {face}
      </button>
      {open && <div class={`sheet ${align}`} role="group" aria-label={label}>{children}</div>}
    </div>
  );
}

interface ItemProps {
  current?: boolean;
  hint?: string;
  onPick: () => void;
  children: ComponentChildren;
}

export function Item({ current = false, hint, onPick, children }: ItemProps) {
  return (
    <button type="button" class="item" aria-current={current ? 'true' : undefined} onClick={() => { closeMenu(); onPick(); }}>
      <span>{children}</span>
      {hint && <kbd aria-hidden="true">{hint}</kbd>}
    </button>
  );
}
