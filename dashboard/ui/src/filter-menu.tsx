// Adding a filter by hand: first what about, then how and which value.

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { DIMENSIONS, type Dimension } from './contract';
import { t } from './i18n';
import { Icon } from './icons';
import { Menu, openMenu } from './menu';
import { over } from './over-later';

const about = signal<Dimension | null>(null);

export function FilterMenu() {
  const open = openMenu.value === 'filter';
  useEffect(() => { if (!open) about.value = null; }, [open]);
  return (
    <Menu name="filter" class="filter" align="end" label={t('filter.add')} face={<><span>{t('filter')}</span><Icon name="plus" /></>}>
      {about.value
        ? <over.With>{(o) => (about.value ? <o.FilterValue key={about.value} dimension={about.value} about={about} /> : <></>)}</over.With>
        : <><over.With>{(o) => <o.Segments />}</over.With>{DIMENSIONS.map((d) => <button key={d} type="button" class="item" onClick={() => { about.value = d; }}><span>{t(`dimension.${d}`)}</span></button>)}</>}
    </Menu>
  );
}
