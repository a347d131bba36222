// Goals and funnels of the fixture's site, as docs/api.md tells them.

import { DECLARED } from './figures.mjs';

const refuse = (status, code) => ({ status, body: { error: { code, message: code } } });

export const declared = () => structuredClone(DECLARED);

export function answerGoals(world, method, kind, rest, body) {
  if (method === 'GET') return { body: world.declared };
  if (rest === 'preview') {
    world.previewed.push(body.rule);
    return { body: { days: 30, events: body.rule.what.page === '/nowhere' ? 0 : 1204, visitors: 988, counting: 'about' } };
  }
  const all = world.declared[kind];
  const at = all.findIndex((one) => String(one.id) === rest);
  if (rest && at === -1) return refuse(404, 'not_found');
  if (method === 'DELETE') {
    all.splice(at, 1);
    return { status: 204 };
  }
  if (all.some((one, i) => one.title === body.title && i !== at)) return refuse(409, 'title_taken');
  const kept = { ...body, id: rest ? Number(rest) : all.length + 10 };
  if (rest) all[at] = kept;
  else all.push(kept);
  return { status: rest ? 200 : 201, body: kept };
}
