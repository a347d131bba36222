// The pages of a path, one after the other.

import { w } from './words';

export function Steps({ pages }: { pages: string[] }) {
  if (pages.length === 0) return <i>{w('paths.first')}</i>;
  return <>{pages.map((page, i) => <span key={i}>{i > 0 && <span class="arrow" aria-hidden="true"> → </span>}{page}</span>)}</>;
}
