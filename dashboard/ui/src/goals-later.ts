// Goals and funnels come when they are asked for.

import { later } from './later';

export const goalsPart = later(() => import('./goals'));
