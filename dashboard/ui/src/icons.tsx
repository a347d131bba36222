// The few signs the pages use, drawn on a 16-unit grid in the colour of the text.

const PATHS = {
  down: 'M4 6.5l4 4 4-4',
  plus: 'M8 3.500v9M3.500 8h9',
  cross: 'M4.500 4.500l7 7M11.500 4.500l-7 7',
  menu: 'M2.500 4.500h11M2.500 8h11M2.500 11.500h11',
  sun: 'M8 5.200a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600zM8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M3.400 12.600l.9-.9M11.700 4.300l.9-.9',
  moon: 'M13 9.600A5.500 5.500 0 1 1 6.400 3a4.500 4.500 0 0 0 6.600 6.600z',
  half: 'M8 2.200a5.800 5.800 0 1 0 0 11.600A5.800 5.800 0 0 0 8 2.200zM8 2.200v11.600M9.500 3v10M11 4v8M12.500 5.800v4.400',
  check: 'M3 8.500l3.300 3.300L13 5',
  up: 'M8 13V3M4 7l4-4 4 4',
  fall: 'M8 3v10M4 9l4 4 4-4',
  search: 'M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM10.400 10.400l3.100 3.100',
  warn: 'M8 2.500l6 11H2zM8 6.500v3M8 11.400v.2',
  table: 'M2.500 3.500h11v9h-11zM2.500 6.500h11M2.500 9.500h11M6.500 6.500v6',
  line: 'M2 12l3.500-4.500 3 2.500L14 4',
  back: 'M9.500 4l-4 4 4 4',
  copy: 'M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3',
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The bridge. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 16" aria-hidden="true">
      <path d="M1 13.500h22M1 13.500C4.500 1.500 19.500 1.500 23 13.500M7 13.500V7.700M12 13.500V4.500M17 13.500V7.700" />
    </svg>
  );
}
