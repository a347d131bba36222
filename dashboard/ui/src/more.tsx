// Reports below the first panels, and the tabs of goals that ask for themselves.

import type { Overview, Site } from './contract';
import { Actions } from './more/actions';
import { Speed } from './more/speed';
import './more/style';

export { Balance } from './balance';
export { Paths } from './more/paths';
export { PathList } from './more/path-list';
export { Properties } from './more/properties';
export { SpeedList } from './more/speed-list';

export function Panels({ site, overview }: { site: Site; overview: Overview | null }) {
  return <><Actions site={site} overview={overview} /><Speed site={site} /></>;
}
