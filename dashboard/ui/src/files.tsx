// A report to take away: as CSV, and as a spreadsheet.

import { api, type ApiError } from './api';
import { t } from './i18n';
import { session } from './session';
import { BASE } from './url';

const FORMATS = ['csv', 'xlsx'];

/** Milliseconds for a browser to begin saving what it was given. */
const SAVING_MS = 60_000;

async function take(address: string, name: string): Promise<void> {
  const url = URL.createObjectURL(await api.file(address));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), SAVING_MS);
}

/** `report`: the call that answers its rows, with a query. */
interface Props { name: string; report: string; onFailed: (error: ApiError) => void }

export function Files({ name, report, onFailed }: Props) {
  return (
    <>
      {FORMATS.map((format) => {
        const [at, file] = [`${BASE}${report}&format=${format}`, `${name}.${format}`];
        // Through a link there is no session that a download could show.
        const fetched = (event: Event) => {
          event.preventDefault();
          take(at, file).catch(onFailed);
        };
        return <a key={format} class="quiet small" href={at} download={file} onClick={session.value?.state === 'shared' ? fetched : undefined} aria-label={t('list.file', { format: format.toUpperCase() })}>{format.toUpperCase()}</a>;
      })}
    </>
  );
}
