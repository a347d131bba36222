// Choosing a time zone: a field that searches the browser's own list, names and
// present offsets, and begins with the browser's own zone.

import { useSignal, type Signal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { d } from './door-words';
import { isZone, matchingZones, offset } from './zones';

/** Suggestions shown at once. */
const SHOWN = 8;

export function ZoneField({ value, wrong }: { value: Signal<string>; wrong: string | null }) {
  const id = useId();
  const open = useSignal(false);
  const text = useSignal(value.value);
  const at = useSignal(0);
  const found = matchingZones(text.value === value.value ? '' : text.value);
  const start = text.value === value.value ? Math.max(0, Math.min(found.indexOf(value.value) - 2, found.length - SHOWN)) : 0;
  const shown = found.slice(start, start + SHOWN);

  function choose(zone: string) {
    value.value = zone;
    text.value = zone;
    open.value = false;
  }
  function onKey(event: KeyboardEvent) {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      open.value = true;
      at.value = (at.value + (event.key === 'ArrowDown' ? 1 : -1) + shown.length) % Math.max(1, shown.length);
    } else if (event.key === 'Enter' && open.value) {
      const zone = shown[at.value];
      if (zone) { event.preventDefault(); choose(zone); }
    } else if (event.key === 'Escape') open.value = false;
  }
  return (
    <div class="field zone">
      <label for={id}>{d('new.zone')}</label>
      <div class="input">
        <input id={id} name="time_zone" role="combobox" aria-expanded={open.value} aria-controls={`${id}-list`} aria-autocomplete="list"
          aria-activedescendant={open.value && shown[at.value] ? `${id}-${at.value}` : undefined} aria-describedby={`${id}-why`}
          aria-invalid={wrong ? true : undefined} autocomplete="off" spellcheck={false} value={text.value}
          onFocus={(event) => { open.value = true; at.value = Math.max(0, shown.indexOf(value.value)); event.currentTarget.select(); }}
          onBlur={() => { open.value = false; if (isZone(text.value)) value.value = text.value; else text.value = value.value; }}
          onInput={(event) => { text.value = event.currentTarget.value; at.value = 0; open.value = true; }} onKeyDown={onKey} />
        {isZone(value.value) && <span class="soft">{offset(value.value)}</span>}
      </div>
      <ul id={`${id}-list`} role="listbox" aria-label={d('new.zone')} hidden={!open.value || shown.length === 0}>
        {open.value && shown.map((zone, i) => (
          <li key={zone} id={`${id}-${i}`} role="option" aria-selected={i === at.value} onPointerDown={(event) => { event.preventDefault(); choose(zone); }}>
            <span>{zone.replaceAll('_', ' ')}</span><span class="soft">{offset(zone)}</span>
          </li>
        ))}
      </ul>
      <p id={`${id}-why`} class={wrong ? 'bad' : 'soft'}>{wrong ?? d('new.zone.why')}</p>
    </div>
  );
}
