// The owner's settings, set once.

import type { List, Options, Switch } from './api';

export const settings: Options = {};

/** `data-hash`, `data-hash="true"` and `hash: true` are on. */
export const on = (value: Switch | List): boolean => (value ?? false) + '' != 'false';

/** An array says the same as its text with commas. */
export const list = (value: List | boolean): string[] => (value + '').match(/[^\s,]+/g) || [];
