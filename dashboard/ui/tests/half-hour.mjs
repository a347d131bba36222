// The fixture's last half hour, in the shape of docs/api.md.

import { NOW } from './figures.mjs';

const at = (minutesAgo) => new Date(Date.parse(NOW) - minutesAgo * 60_000 + 3 * 3_600_000).toISOString().slice(0, 16);
const visitorsAt = (minutesAgo) => Math.round(4 + 3 * Math.sin(minutesAgo * 0.7) + (minutesAgo % 4));
const rows = (values) => ({ rows: Object.entries(values).map(([value, visitors]) => ({ value, visitors, views: visitors * 2 })), total: Object.keys(values).length });

export function halfHour({ quiet = false } = {}) {
  const ago = Array.from({ length: 31 }, (_, i) => 30 - i);
  const visitors = ago.map((m) => (quiet ? Number(m === 3) : visitorsAt(m)));
  const hidden = (panel, n) => (quiet ? { rows: [], total: 0, hidden: 1 } : { ...panel, ...(n ? { hidden: n } : {}) });
  return {
    now: NOW, visitors: quiet ? 1 : 74, views: visitors.reduce((a, b) => a + b * 2, 0),
    series: { at: ago.map(at), visitors, views: visitors.map((n, i) => n * 2 + (n ? i % 3 : 0)) },
    panels: {
      page: hidden(rows({ '/': 31, '/catalog/': 18, '/catalog/lamps/': 9, '/cart/': 6 }), 4),
      source: hidden(rows({ '': 30, Yandex: 24, Google: 11, Telegram: 5 }), 0),
      country: hidden(rows({ RU: 58, BY: 7, KZ: 5 }), 2),
      device: hidden(rows({ mobile: 44, desktop: 30 }), 0),
    },
  };
}
