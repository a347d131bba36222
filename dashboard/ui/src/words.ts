// What a value of a dimension is called on the page.

import type { Dimension, Filter, Row } from './contract';
import { countryName } from './format';
import { language, t, worded } from './i18n';

export function nameOf(dimension: Dimension, value: string): string {
  switch (dimension) {
    case 'country': return countryName(language.value, value);
    case 'channel': return worded('channel', value || 'direct');
    case 'device': return worded('device', value || 'unknown');
    case 'source': case 'referrer': return value || t('channel.direct');
    case 'browser': case 'os': return value || t('unknown');
    default: return value || t('none');
  }
}

export function filterText(filter: Filter): string {
  const values = filter.values.map((v) => (filter.operator === 'contains' || filter.operator === 'matches' ? `“${v}”` : nameOf(filter.dimension, v))).join(` ${t('filter.or')} `);
  const name = t(`dimension.${filter.dimension}`);
  if (filter.operator === 'contains' || filter.operator === 'matches') return `${name} ${t(`filter.${filter.operator}`)} ${values}`;
  return `${name}: ${filter.operator === 'is_not' ? `${t('filter.not')} ` : ''}${values}`;
}

/** Dimensions whose values the reader knows by another name than the server: searched here, by that name. */
const TRANSLATED: readonly Dimension[] = ['country', 'channel', 'device'];
/** More than there are countries, channels or devices. */
export const TRANSLATED_MAX = 300;
export const isTranslated = (dimension: Dimension) => TRANSLATED.includes(dimension);

export function matching(dimension: Dimension, rows: Row[], search: string): Row[] {
  const wanted = search.trim().toLowerCase();
  return rows.filter((row) => nameOf(dimension, row.value).toLowerCase().includes(wanted) || row.value.toLowerCase() === wanted);
}
