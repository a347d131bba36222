// Reports beside the overview: each comes when it is looked at.

import { later } from './later';

export const morePart = later(() => import('./more'));
export const realtimePart = later(() => import('./realtime'));
