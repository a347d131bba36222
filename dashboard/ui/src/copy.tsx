// A text to be taken elsewhere, with a button that takes it.

import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { t } from './i18n';
import { Icon } from './icons';

export function Copy({ text }: { text: string }) {
  const copied = useSignal(false);
  const source = useRef<HTMLPreElement>(null);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      copied.value = true;
    } catch {
      // The clipboard needs https or permission: select the text, so that Ctrl+C is all that is left to do.
      const area = source.current;
      if (area) getSelection()?.selectAllChildren(area);
    }
  }
  return (
    <div class="snippet">
      <pre ref={source} tabIndex={0}><code>{text}</code></pre>
      <button type="button" class="outline" onClick={() => void copy()} onBlur={() => { copied.value = false; }}>
        <Icon name={copied.value ? 'check' : 'copy'} />{t(copied.value ? 'copied' : 'copy')}
      </button>
      <span class="unseen" role="status">{copied.value && t('copied')}</span>
    </div>
  );
}
