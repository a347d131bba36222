// The time zones this browser knows, how to find one and how far it is from UTC.

export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

let known: string[] | undefined;
export function zones(): string[] {
  // Chromium leaves UTC out of its list, and some zones only under their older name.
  known ??= [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', ownZone()])].sort();
  return known;
}

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name !== '';
  } catch {
    return false;
  }
}

/** "UTC+3", as of now. */
export function offset(zone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(new Date());
  return (parts.find((part) => part.type === 'timeZoneName')?.value ?? '').replace('GMT', 'UTC').replace('-', '−');
}

export function matchingZones(search: string): string[] {
  const words = search.toLowerCase().replaceAll('_', ' ').split(/[\s/]+/).filter(Boolean);
  const found = zones().filter((zone) => {
    const text = zone.toLowerCase().replaceAll('_', ' ');
    return words.every((word) => text.includes(word));
  });
  // A city that begins with the word is meant rather than one that hides it: Moscow before Hermosillo.
  const first = words[0] ?? '';
  const begins = (zone: string) => zone.toLowerCase().split(/[/_]/).some((part) => part.startsWith(first));
  return [...found.filter(begins), ...found.filter((zone) => !begins(zone))];
}
