// Turns world-atlas (Natural Earth 1:110m, public domain) into SVG paths, one
// per ISO 3166-1 alpha-2 code, in the Equal Earth projection: a choropleth
// compares areas, so the projection has to keep them.
//
// Promises: every country of the atlas has a two-letter code or the build
// fails; no geometry library reaches the browser.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { feature } from 'topojson-client';

/** Width of the drawing in its own units; one unit is about half a pixel on a wide screen. */
const WIDTH = 1000;
/** Rings whose box is smaller than this on both sides, in drawing units, are specks and only cost bytes. */
const SPECK = 2;

/** Territories that the atlas lists without an ISO number. */
const WITHOUT_NUMBER = { Kosovo: 'XK', Somaliland: 'SO', 'N. Cyprus': 'CY' };

/** Equal Earth (Šavrič, Patterson, Jenny 2018), radians in, unit sphere out. */
function project([longitude, latitude]) {
  const [a1, a2, a3, a4] = [1.340264, -0.081106, 0.000893, 0.003796];
  const phi = (latitude * Math.PI) / 180;
  const lambda = (longitude * Math.PI) / 180;
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
  const countries = feature(atlas, atlas.objects.countries).features.filter((c) => c.properties.name !== 'Antarctica' && c.properties.name !== 'Fr. S. Antarctic Lands');
  const projected = countries.map((c) => ({ code: codeOf(c), rings: ringsOf(c.geometry).map((ring) => ring.map(project)) }));
  const all = projected.flatMap((c) => c.rings.flat());
  const [left, right] = [Math.min(...all.map((p) => p[0])), Math.max(...all.map((p) => p[0]))];
  const [top, bottom] = [Math.min(...all.map((p) => p[1])), Math.max(...all.map((p) => p[1]))];
  const scale = WIDTH / (right - left);
  const whole = ([x, y]) => [Math.round((x - left) * scale), Math.round((y - top) * scale)];
  const paths = {};
  for (const { code, rings } of projected) {
    paths[code] = (paths[code] ?? '') + rings.map((ring) => pathOf(ring.map(whole))).join('');
  }
  return { width: WIDTH, height: Math.ceil((bottom - top) * scale), paths };
}
