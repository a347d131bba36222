// How dark a country is on the map.

/** Shades of the map, `shade-1` to this; 0 is nobody. */
export const SHADES = 6;

/** By the logarithm: one great country must not leave all others pale. */
export function shadeOf(value: number, greatest: number): number {
  if (value <= 0) return 0;
  if (greatest <= 1) return SHADES;
  return 1 + Math.round((Math.log(value) / Math.log(greatest)) * (SHADES - 1));
}
