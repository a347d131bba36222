// Turns world-atlas (Natural Earth 1:110m, public domain) into SVG paths, one
// per ISO 3166-1 alpha-2 code, in the Equal Earth projection: a choropleth
// compares areas, so the projection has to keep them.
//
// Promises: every country of the atlas has a two-letter code or the build
// fails; no geometry library reaches the browser.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { feature } from 'topojson-client';

/** Width of the drawing in its own units; the panel is about so many pixels wide. */
const WIDTH = 720;
/** How far a simplified border may stray from the true one, in drawing units: less than the eye sees. */
const STRAY_MAX = 0.7;
/** Rings whose box is smaller than this on both sides, in drawing units, are specks and only cost bytes. */
const SPECK = 2;

const UNINHABITED = ['Antarctica', 'Fr. S. Antarctic Lands'];
/**
 * The drawing is cut at this meridian, in the Bering strait, and centred
 * opposite: no country is torn in two.
 */
const CUT_LONGITUDE = -168.4;
/** Territories that the atlas lists without an ISO number. */
const WITHOUT_NUMBER = { Kosovo: 'XK', Somaliland: 'SO', 'N. Cyprus': 'CY' };

/** Equal Earth (Šavrič, Patterson, Jenny 2018), radians in, unit sphere out. */
function project([longitude, latitude]) {
  const [a1, a2, a3, a4] = [1.340264, -0.081106, 0.000893, 0.003796];
  const phi = (latitude * Math.PI) / 180;
  const lambda = ((longitude - (CUT_LONGITUDE + 180)) * Math.PI) / 180;
  const theta = Math.asin((Math.sqrt(3) / 2) * Math.sin(phi));
  const t2 = theta * theta;
  const t6 = t2 * t2 * t2;
  const x = (lambda * Math.cos(theta)) / ((Math.sqrt(3) / 2) * (a1 + 3 * a2 * t2 + t6 * (7 * a3 + 9 * a4 * t2)));
  return [x, -theta * (a1 + a2 * t2 + t6 * (a3 + a4 * t2))];
}

function codeOf(country) {
  const named = WITHOUT_NUMBER[country.properties.name];
  if (named) return named;
  // CLDR maps the UN number to the letters: und-643 is und-RU.
  const region = country.id && new Intl.Locale(`und-${country.id}`).region;
  if (!region || !/^[A-Z]{2}$/.test(region)) throw new Error(`no two-letter code for ${country.properties.name} (${country.id})`);
  return region;
}

/**
 * Douglas-Peucker over one arc. Arcs, not rings, so that two neighbours keep
 * the very same border.
 */
function simplified(arc) {
  if (arc.length < 3) return arc;
  const keep = new Set([0, arc.length - 1]);
  const open = [[0, arc.length - 1]];
  while (open.length > 0) {
    const [from, to] = open.pop();
    const [ax, ay] = arc[from];
    const [dx, dy] = [arc[to][0] - ax, arc[to][1] - ay];
    const length = Math.hypot(dx, dy);
    let [worst, at] = [STRAY_MAX, -1];
    for (let i = from + 1; i < to; i += 1) {
      const [px, py] = [arc[i][0] - ax, arc[i][1] - ay];
      const stray = length === 0 ? Math.hypot(px, py) : Math.abs(px * dy - py * dx) / length;
      if (stray > worst) [worst, at] = [stray, i];
    }
    if (at !== -1) {
      keep.add(at);
      open.push([from, at], [at, to]);
    }
  }
  return arc.filter((_, i) => keep.has(i));
}

/** The atlas's arcs are deltas on a grid; here they become degrees. */
function degrees({ arcs, transform: { scale, translate } }) {
  return arcs.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([dx, dy]) => {
      x += dx;
      y += dy;
      const longitude = x * scale[0] + translate[0];
      return [longitude < CUT_LONGITUDE ? longitude + 360 : longitude, y * scale[1] + translate[1]];
    });
  });
}

function ringsOf(geometry) {
  return geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat();
}

/** One closed ring as a relative path in whole units, or '' for a speck. */
function pathOf(points) {
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  if (Math.max(...xs) - Math.min(...xs) < SPECK && Math.max(...ys) - Math.min(...ys) < SPECK) return '';
  let [x, y] = points[0];
  let path = `M${x} ${y}l`;
  let first = true;
  for (const [nx, ny] of points.slice(1, -1)) {
    const dx = nx - x;
    const dy = ny - y;
    if (dx === 0 && dy === 0) continue;
    path += (first || dx < 0 ? '' : ' ') + dx + (dy < 0 ? '' : ' ') + dy;
    first = false;
    [x, y] = [nx, ny];
  }
  return first ? '' : `${path}z`;
}

/** The world without Antarctica: `{ width, height, paths: { RU: "M…z", … } }`. */
export function world() {
  const atlas = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('world-atlas/countries-110m.json'), 'utf8'));
  const shown = atlas.objects.countries.geometries.filter((c) => !UNINHABITED.includes(c.properties.name));
  const projected = degrees(atlas).map((arc) => arc.map(project));
  const used = new Set(shown.flatMap((c) => c.arcs.flat(Infinity)).map((i) => (i < 0 ? ~i : i)));
  const all = projected.filter((_, i) => used.has(i)).flat();
  const [xs, ys] = [all.map((p) => p[0]), all.map((p) => p[1])];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const scale = WIDTH / (Math.max(...xs) - left);
  const drawn = projected.map((arc) => simplified(arc.map(([x, y]) => [(x - left) * scale, (y - top) * scale])));
  const topology = { type: 'Topology', arcs: drawn, objects: { countries: { type: 'GeometryCollection', geometries: shown } } };
  const paths = {};
  for (const country of feature(topology, topology.objects.countries).features) {
    const code = codeOf(country);
    const rings = ringsOf(country.geometry).map((ring) => ring.map(([x, y]) => [Math.round(x), Math.round(y)]));
    const path = rings.map(pathOf).join('');
    if (path) paths[code] = (paths[code] ?? '') + path;
  }
  return { width: WIDTH, height: Math.ceil((Math.max(...ys) - top) * scale), paths };
}
