// Everything of a site as one file: begun, watched, cancelled, taken away.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Site } from '../contract';
import { share } from '../format';
import { language } from '../i18n';
import { sharing, type Export, type ExportFormat } from './contract';
import { Choice, moment, Section, useLoaded } from './parts';
import { w } from './words';
import { BASE } from '../url';

/** Milliseconds between two looks at one that is being made. */
const LOOK_MS = 1_000;

const isUnderWay = (one: Export) => one.state === 'running' || one.state === 'waiting';

function Standing({ site, one }: { site: Site; one: Export }) {
  if (one.state === 'ready') return <a href={`${BASE}/api/v1/sites/${site.id}/exports/${one.id}/file`} download>{w('export.take', { mb: Math.max(1, Math.round(one.bytes / 1e6)) })}</a>;
  if (!isUnderWay(one)) return <>{w(`export.${one.state}`)}</>;
  const ratio = one.rows_total ? one.rows_done / one.rows_total : 0;
  return <><progress value={ratio} aria-label={w('export.running')} /> {one.state === 'waiting' ? w('export.waiting') : share(language.value, ratio)}</>;
}

export function ExportAll({ site }: { site: Site }) {
  const { value, said, act } = useLoaded(() => sharing.exports(site.id));
  const format = useSignal<ExportFormat>('csv');
  const busy = value?.exports.some(isUnderWay) ?? false;
  useEffect(() => {
    if (!busy) return;
    const timer = setTimeout(() => void act(() => Promise.resolve()), LOOK_MS);
    return () => clearTimeout(timer);
  });
  return (
    <Section title={w('export')} why={w('export.why')} said={said}>
      {value && value.exports.length > 0 && (
        <div class="scroll" tabIndex={0}>
          <table>
            <thead><tr><th scope="col">{w('when')}</th><th scope="col">{w('export.format')}</th><th scope="col">{w('export.state')}</th><th scope="col"><span class="unseen">{w('remove')}</span></th></tr></thead>
            <tbody>
              {value.exports.map((one) => (
                <tr key={one.id} data-export={one.state}>
                  <td>{moment(one.created_at)}</td><td>{w(`format.${one.format}`)}</td><td><Standing site={site} one={one} /></td>
                  <td><button type="button" class="outline end" onClick={() => void act(() => sharing.endExport(site.id, one.id))}>{w(isUnderWay(one) ? 'export.cancel' : 'remove')}</button></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <form onSubmit={(event) => { event.preventDefault(); void act(() => sharing.beginExport(site.id, format.value)); }}>
        <Choice label={w('export.format')} name="format" value={format} options={[['csv', w('format.csv')], ['parquet', w('format.parquet')]]} />
        <button type="submit" class="outline wide-start">{w('export.begin')}</button>
      </form>
    </Section>
  );
}
