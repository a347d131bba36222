// The small line under a metric: its shape over the period, nothing to read off.

import type { Parts } from './period';

const WIDTH = 120;
const HEIGHT = 24;

export function Spark({ values, parts }: { values: (number | null)[]; parts: Parts }) {
  // The bucket that is still filling would always look like a fall.
  const end = parts.unfinished > 1 ? parts.unfinished : parts.future;
  const shown = values.slice(0, end);
  const max = Math.max(0, ...shown.map((v) => v ?? 0));
  const step = WIDTH / Math.max(1, shown.length - 1);
  let path = '';
  let drawing = false;
  shown.forEach((value, i) => {
    if (value === null) { drawing = false; return; }
    const y = max === 0 ? HEIGHT - 1.5 : HEIGHT - 1.5 - (value / max) * (HEIGHT - 3);
    path += `${drawing ? 'L' : 'M'}${(i * step).toFixed(1)} ${y.toFixed(1)}`;
    drawing = true;
  });
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
