// The list of keys.

import { Dialog } from './dialog';
import { en, ru } from './help-words';
import { language, t } from './i18n';
import { helpOpen } from './keys';

type Word = keyof typeof en;

const PERIOD_KEYS: [string, Word][] = [['R', 'realtime'], ['D', 'today'], ['W', 'week'], ['M', 'month'], ['Y', 'year'], ['1 … 9', 'digits']];
const OTHER_KEYS: [string, Word][] = [['X', 'compare'], ['F', 'filter'], ['/', 'search'], ['?', 'help'], ['Esc', 'escape']];

export function Help() {
  const words = { en, ru }[language.value];
  const list = (title: Word, keys: [string, Word][]) => (
    <div>
      <h3>{words[title]}</h3>
      <dl>{keys.map(([key, does]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{words[does]}</dd></div>)}</dl>
    </div>
  );
  return (
    <Dialog title={t('help')} onClose={() => { helpOpen.value = false; }}>
      <div class="help">{list('period', PERIOD_KEYS)}{list('other', OTHER_KEYS)}</div>
    </Dialog>
  );
}
