// The list of keys.

import { Dialog } from './dialog';
import { t, type Key } from './i18n';
import { helpOpen } from './keys';

const PERIOD_KEYS: [string, Key][] = [['D', 'help.today'], ['W', 'help.week'], ['M', 'help.month'], ['Y', 'help.year'], ['1 … 9', 'help.digits']];
const OTHER_KEYS: [string, Key][] = [['X', 'help.compare'], ['F', 'help.filter'], ['/', 'help.search'], ['?', 'help.help'], ['Esc', 'help.escape']];

export function Help() {
  const list = (title: Key, keys: [string, Key][]) => (
    <div>
      <h3>{t(title)}</h3>
      <dl>{keys.map(([key, words]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{t(words)}</dd></div>)}</dl>
    </div>
  );
  return (
    <Dialog title={t('help')} onClose={() => { helpOpen.value = false; }}>
      <div class="help">{list('help.period', PERIOD_KEYS)}{list('help.other', OTHER_KEYS)}</div>
    </Dialog>
  );
}
