// What went wrong, in words, with what can be done about it.

import type { ComponentChildren } from 'preact';
import type { ApiError } from './api';
import { language, t, type Key } from './i18n';
import { Icon } from './icons';

export function remedy(error: ApiError): string {
  const known: Record<string, Key> = {
    offline: 'error.offline', slow: 'error.slow', unreadable: 'error.unreadable', unavailable: 'error.offline',
    store_unavailable: 'error.unavailable', busy: 'error.slow', internal: 'error.internal', filters_conflict: 'error.conflict',
    too_many_sites: 'error.too_many_sites', cross_origin: 'error.origin', too_many_attempts: 'error.limited',
  };
  const key = known[error.code] ?? (error.status >= 500 ? 'error.internal' : error.status === 404 ? 'error.not_found' : error.status === 400 || error.status === 422 ? 'error.invalid' : null);
  return key ? t(key) : t('error.other', { code: error.code });
}

interface Props { title: string; error: ApiError; since?: Date | null; onRetry: (() => void) | null; children?: ComponentChildren }

export function Trouble({ title, error, since, onRetry, children }: Props) {
  const time = since ? new Intl.DateTimeFormat(language.value === 'en' ? 'en-GB' : 'ru', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(since) : null;
  return (
    <div class="trouble" role="alert">
      <Icon name="warn" />
      <p><b>{title}.</b> {remedy(error)} {time && t('error.since', { time })}</p>
      {onRetry && <button type="button" class="outline" onClick={onRetry}>{t('retry')}</button>}
      {children}
    </div>
  );
}
