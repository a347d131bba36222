// The credit DB-IP asks for, whose midnight counts, and the version.

import { t } from './i18n';
import { session } from './session';

export function Footer({ zone }: { zone?: string }) {
  return (
    <footer class="foot">
      <span>{t('foot.definition')}</span>
      {zone && <span>{t('foot.zone', { zone: zone.replaceAll('_', ' ') })}</span>}
      <a href="https://db-ip.com" rel="noopener noreferrer" target="_blank">{t('foot.geo')}</a>
      {session.value && <span>{t('foot.version', { version: session.value.version })}</span>}
    </footer>
  );
}
