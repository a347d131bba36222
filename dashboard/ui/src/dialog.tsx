// A sheet over the whole page. The browser's own dialog keeps the focus inside,
// closes on Esc and hides the rest from screen readers.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import './dialog-style';
import { t } from './i18n';
import { Icon } from './icons';

interface Props {
  title: string;
  wide?: boolean;
  onClose: () => void;
  tools?: ComponentChildren;
  children: ComponentChildren;
}

export function Dialog({ title, wide = false, onClose, tools, children }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement as HTMLElement | null;
    dialog?.showModal();
    return () => {
      dialog?.close();
      before?.focus();
    };
  }, []);
  return (
    <dialog ref={element} class={wide ? 'wide' : ''} aria-label={title}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => { if (event.target === element.current) onClose(); }}>
      <div class="dialog">
        <header>
          <h2>{title}</h2>
          {tools}
          <button type="button" class="quiet square" aria-label={t('close')} title={t('close')} onClick={onClose}><Icon name="cross" /></button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
