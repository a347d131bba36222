// Adding and taking away filters: pure, so that a click, a menu and a link to
// the result all agree.

import type { Dimension, Filter } from './contract';

const same = (filter: Filter, dimension: Dimension) => filter.dimension === dimension && filter.operator === 'is';

export function isChosen(filters: Filter[], dimension: Dimension, value: string): boolean {
  return filters.some((f) => same(f, dimension) && f.values.includes(value));
}

/** A click on a row: filter by it, or, when it already is the filter, no longer. */
export function toggled(filters: Filter[], dimension: Dimension, value: string): Filter[] {
  if (!isChosen(filters, dimension, value)) return added(filters, { dimension, operator: 'is', values: [value] });
  return filters
    .map((f) => (same(f, dimension) ? { ...f, values: f.values.filter((v) => v !== value) } : f))
    .filter((f) => f.values.length > 0);
}

/** Values of the same question widen it (this or that); another question narrows. */
export function added(filters: Filter[], next: Filter): Filter[] {
  const at = filters.findIndex((f) => f.dimension === next.dimension && f.operator === next.operator);
  if (at === -1) return [...filters, next];
  return filters.map((f, i) => (i === at ? { ...f, values: [...new Set([...f.values, ...next.values])] } : f));
}
