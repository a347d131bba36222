// The forwarding of the fixture's site to Metrika, as docs/api.md tells it.

const NOW = 1_795_435_200;

export const RULES = {
  consent: 'event', paths: ['/cart'], delay_seconds: [300, 1200], release_at: 1, round_seconds: 60, visit_threshold_seconds: 1800, nightly: false, late: false, campaign: [{ key: 'utm_source', values: ['vk', 'mail'] }], params: [],
  goals: [{ event: 'Order', goal: 'srv_order', value: { kind: 'event', step_e4: 100_000, currency: 'RUB' }, guarantee: 'at_most_once' }],
};

const form = (extra) => new URLSearchParams({ tid: '12345678', cid: '1768350268232845118', ...extra, ms: '***' }).toString();

/** A page with something in every place. */
export function forwarding(mode) {
  return {
    now: NOW,
    settings: { counter: 12345678, has_token: true, has_oauth: true, has_upload: false, mode, tested: 0, rules: structuredClone(RULES) },
    collectors: [{
      node: 1, at: NOW, is_silent: false,
      state: {
        mode, breaker: mode === 'live' ? 'resting' : 'closed', until: NOW + 60, last: { at: NOW - 60, status: 403, class: 'denied' },
        late: mode === 'live' ? { breaker: 'denied', until: NOW + 60, last: { at: NOW - 30, status: 403, class: 'denied' } } : null,
      },
      waiting: mode === 'live' ? [{ goal: 'srv_order', state: 'pending', held: 2, n: 7, next_due: NOW + 300 }, { goal: 'srv_order', state: 'late', held: 0, n: 3, next_due: NOW + 400 }] : [],
      previews: mode === 'preview' ? [{
        source: { event: 'Order', at: NOW, path: '/cart', host: 'lampa.example', revenue_e4: 19_945_000, currency: 'RUB', dropped: [{ field: 'utm_medium', why: 'not_listed' }, { field: 'plan', why: 'other_value' }] },
        requests: [form({ t: 'pageview', dl: 'https://lampa.example/cart', dr: '', dt: 'lampa.example', et: String(NOW - 1) }), form({ t: 'event', ea: 'srv_order', dl: 'https://lampa.example/cart', et: String(NOW), ev: '1990', cu: 'RUB' })],
        late: `ClientId,Target,DateTime,Price,Currency\n1768350268232845118,srv_order,${NOW},1990,RUB\n`,
      }] : [],
    }],
    weeks: [{ from: NOW, goals: { srv_order: { eligible: { '': 9 }, accepted: { '': 4 }, uncertain: { no_answer: 1 }, blocked: { no_consent: 3, withdrawn: 1 } } } }],
    forwards: [
      { goal: 'srv_order', hour: NOW, state: 'accepted', reason: '', payload: 'ab'.repeat(32), seal: '01' },
      { goal: '', hour: NOW, state: 'accepted', reason: 'unverified', payload: 'cd'.repeat(32), seal: '02' },
    ],
    compared: [{ goal: 'srv_order', day: '2026-11-21', here: { accepted: 12, uncertain: 0, lost: 1 }, recorded: 12, verdict: 'ok' }],
  };
}

const TAG = {
  site_zone: 'Asia/Yekaterinburg', counter_zone: 'Europe/Moscow', left_out: 2,
  days: [
    { day: '2026-11-22', ours: { visitors: 1310, visits: 1502, views: 4110 }, theirs: null, refused: { gpc: 31, dnt: 4, bot: 207 }, goals: [{ goal: 'order', ours: 18, theirs: null }] },
    { day: '2026-11-21', ours: { visitors: 1204, visits: 1391, views: 3820 }, theirs: { visitors: 871, visits: 1010, views: 2777 }, refused: { gpc: 25 }, goals: [{ goal: 'order', ours: 17, theirs: 12 }] },
  ],
};

/** What the server makes of a call below `…/metrika`; null: nothing. */
export function answerForwarding(world, method, what, body) {
  const { metrika } = world;
  if (method === 'GET' && what === '') return metrika;
  if (method === 'PUT' && what === '') {
    metrika.settings = { ...metrika.settings, mode: metrika.settings?.mode ?? 'preview', counter: body.counter, has_token: true, has_oauth: false, has_upload: Boolean(body.upload) || Boolean(metrika.settings?.has_upload), tested: 0, rules: body.rules };
    return metrika.settings;
  }
  if (method === 'POST' && what === '/mode') return Object.assign(metrika.settings, { mode: body.mode });
  if (method === 'POST' && what === '/test') return metrika.settings;
  if (method === 'POST' && what === '/check') return { findings: [{ check: 'protocol_enabled', is_ok: true, found: [] }, { check: 'goals_exist', is_ok: false, found: ['srv_order'] }], proposals: [{ name: 'Call ordered', goal: 'call' }] };
  if (method === 'POST' && what === '/tag') return TAG;
  if (method === 'POST' && what === '/reconcile') return { days: [{ goal: 'srv_order', day: '2026-11-22', here: { accepted: 9, uncertain: 1, lost: 0 }, recorded: 4, verdict: 'short' }] };
  return null;
}
