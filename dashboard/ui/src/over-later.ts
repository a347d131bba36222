// The full list, the filter's value and the help come after the page.

import { later } from './later';

export const over = later(() => import('./over'));
