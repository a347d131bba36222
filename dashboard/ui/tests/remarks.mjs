// Segments and annotations of the fixture's site, as docs/api.md tells them.

const refuse = (status, code) => ({ status, body: { error: { code, message: code } } });

export const remarks = () => ({
  segments: [],
  annotations: [],
  interruptions: [],
});

export function answerRemarks(world, method, kind, rest, body) {
  const all = world.remarks[kind];
  const { interruptions } = world.remarks;
  if (method === 'GET') return { body: kind === 'annotations' ? { annotations: all, interruptions } : { [kind]: all } };
  if (method === 'DELETE') {
    const at = all.findIndex((one) => String(one.id) === rest);
    if (at === -1) return refuse(404, 'not_found');
    all.splice(at, 1);
    return { status: 204 };
  }
  if (body.title && all.some((one) => one.title === body.title)) return refuse(409, 'title_taken');
  const kept = { ...body, id: all.length + 10 };
  all.push(kept);
  return { status: 201, body: kept };
}
