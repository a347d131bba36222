// A column's head that sorts the list by it; pressed again, the other way round.

import { t } from './i18n';
import { Icon } from './icons';

export interface Order<C extends string> { column: C; up: boolean }

interface Props<C extends string> {
  column: C;
  label: string;
  /** What it stands for, for hovering. */
  why?: string | undefined;
  /** Names begin with A, numbers with the greatest. */
  isName: boolean;
  order: Order<C>;
  onOrder: (order: Order<C>) => void;
}

export function SortHead<C extends string>({ column, label, why, isName, order, onOrder }: Props<C>) {
  const chosen = order.column === column;
  return (
    <th scope="col" class={isName ? '' : 'n'} title={why} aria-sort={chosen ? (order.up ? 'ascending' : 'descending') : undefined}>
      <button type="button" title={t('list.sort', { column: label })} onClick={() => onOrder({ column, up: chosen ? !order.up : isName })}>
        {label}{chosen && <Icon name={order.up ? 'up' : 'fall'} />}
      </button>
    </th>
  );
}
