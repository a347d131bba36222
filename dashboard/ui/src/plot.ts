// uPlot set up our way: one bold line with a soft fill, the compared period
// dashed, what is not finished dotted. Colours come from the page's own tokens.
// Knows nothing of the application but what it is handed.

import uPlot from 'uplot';

export interface PlotData {
  /** Buckets that are over, then up to the present one, then the compared period. */
  finished: (number | null)[];
  unfinished: (number | null)[];
  previous: (number | null)[] | null;
  length: number;
}

export interface PlotWords {
  tick: (index: number) => string;
  value: (value: number) => string;
  /** Steps the value axis may take; undefined for decimal ones. */
  steps: number[] | undefined;
}

export interface PlotEvents {
  hover: (index: number | null, left: number) => void;
  pick: ((from: number, to: number) => void) | null;
}

/** Pixels; keeps the drawing from jumping when the axis labels grow. */
const VALUE_AXIS_PX = 56;
/** A drag shorter than this is a click. */
const DRAG_PX_MIN = 6;

/** Labels are put as often as they fit: one to about so many pixels. */
const TICK_PX = 84;

function align(data: PlotData): uPlot.AlignedData {
  const xs = Array.from({ length: data.length }, (_, i) => i);
  const fit = (values: (number | null)[]) => xs.map((i) => values[i] ?? null);
  return [xs, fit(data.finished), fit(data.unfinished), fit(data.previous ?? [])];
}

/** Whole steps, the same everywhere: 1, 2, 5, 10 … buckets. */
function ticks(length: number, width: number): number[] {
  const fits = Math.max(2, Math.floor(width / TICK_PX));
  const step = [1, 2, 3, 4, 5, 6, 7, 10, 14, 15, 30, 60, 90, 180].find((s) => (length - 1) / s <= fits) ?? length;
  const marks: number[] = [];
  for (let i = 0; i < length; i += step) marks.push(i);
  return marks;
}

export interface Plot {
  feed(data: PlotData, words: PlotWords): void;
  resize(width: number, height: number): void;
  remove(): void;
}

export function plot(element: HTMLElement, data: PlotData, words: PlotWords, events: PlotEvents): Plot {
  const css = getComputedStyle(element);
  const token = (name: string) => css.getPropertyValue(`--${name}`).trim();
  const font = `12px ${css.fontFamily}`;
  let said = words;
  let lead = data.finished.length === 0 || data.finished.every((v) => v === null);
  const axis = { font, stroke: token('soft'), ticks: { show: false } };
  const line = { stroke: token('accent'), width: 2, fill: token('accent-fill'), spanGaps: false };

  const chart = new uPlot({
    width: element.clientWidth,
    height: element.clientHeight,
    padding: [12, 28, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: events.pick !== null, y: false, setScale: false, dist: DRAG_PX_MIN },
      points: { size: 9, width: 2, fill: token('surface'), stroke: (_, series) => token(series === 3 ? 'before' : 'accent') },
      // The pointer snaps to a bucket: between two there is nothing to read.
      move: (u, left, top) => (left < 0 ? [left, top] : [Math.round(u.valToPos(u.posToIdx(left), 'x')), top]),
    },
    scales: {
      x: { time: false, range: (_, min, max) => (min === max ? [min - 1, max + 1] : [min, max]) },
      // The axis starts at nought: a cut axis makes a ripple look like a wave.
      y: { range: (_, __, max) => [0, max && max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 32,
        splits: (u) => ticks(u.data[0].length, u.width - VALUE_AXIS_PX),
        values: (_, splits) => splits.map((i) => said.tick(i)),
      },
      {
        ...axis,
        grid: { stroke: token('line'), width: 1 },
        border: { show: false },
        size: VALUE_AXIS_PX,
        space: 40,
        gap: 8,
        ...(words.steps ? { incrs: words.steps } : {}),
        values: (_, splits) => splits.map((v) => said.value(v)),
      },
    ],
    series: [
      {},
      { ...line, points: { show: (u, s) => single(u.data[s]!) } },
      { ...line, dash: [1, 5], cap: 'round', points: { show: (u, s) => lead && single(u.data[s]!), size: 7, fill: token('accent') } },
      { stroke: token('before'), width: 1.5, dash: [6, 5], spanGaps: false, points: { show: false } },
    ],
    hooks: {
      setCursor: [(u) => events.hover(u.cursor.idx ?? null, u.cursor.left ?? 0)],
      setSelect: [(u) => {
        if (!events.pick || u.select.width < DRAG_PX_MIN) return;
        const from = u.posToIdx(u.select.left);
        const to = u.posToIdx(u.select.left + u.select.width);
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        events.pick(from, to);
      }],
    },
  }, align(data), element);

  if (events.pick) {
    const { pick } = events;
    chart.over.addEventListener('click', () => {
      const index = chart.cursor.idx;
      if (index !== null && index !== undefined && !chart.select.width) pick(index, index);
    });
  }

  return {
    feed(next, nextWords) {
      said = nextWords;
      lead = next.finished.length === 0 || next.finished.every((v) => v === null);
      chart.setData(align(next));
    },
    resize: (width, height) => chart.setSize({ width, height }),
    remove: () => chart.destroy(),
  };
}

const single = (values: ArrayLike<number | null | undefined>) => Array.from(values).filter((v) => v !== null && v !== undefined).length === 1;
