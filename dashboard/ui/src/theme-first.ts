// Runs before the first paint, alone and tiny, so that a dark page does not
// flash white while the application loads.

import { preferredLanguage, preferredTheme } from './preference';

const theme = preferredTheme();
if (theme !== 'auto') document.documentElement.dataset['theme'] = theme;
document.documentElement.lang = preferredLanguage();
