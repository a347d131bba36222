// The log of every change, for administrators: read, checked, taken away.

import { useSignal } from '@preact/signals';
import { account, type AuditLine } from './contract';
import { moment, Section, useLoaded } from './parts';
import { coded, w } from './words';
import { BASE } from '../url';

/** Lines of one page, as the server gives them. */
const PAGE = 100;

export function Audit() {
  const older = useSignal<AuditLine[]>([]);
  const said = useSignal<string | null>(null);
  const loaded = useLoaded(() => account.audit(null));
  const lines = [...loaded.value?.lines ?? [], ...older.value];
  const last = lines[lines.length - 1];
  async function check() {
    await loaded.act(async () => {
      const found = await account.checkAudit();
      said.value = found.is_whole ? w('audit.whole', { n: found.rows ?? 0, head: found.head ?? '' }) : w('audit.broken', { n: found.broken_at ?? 0 });
    });
  }
  return (
    <Section title={w('audit')} why={w('audit.why')} said={said.value ?? loaded.said}>
      <p class="in-line">
        <button type="button" class="outline" onClick={() => void check()}>{w('audit.check')}</button>
        <a class="outline" href={`${BASE}/api/v1/audit/export`} download>{w('audit.export')}</a>
      </p>
      <div class="scroll" tabIndex={0}>
        <table data-audit={lines.length}>
          <thead><tr><th scope="col">{w('when')}</th><th scope="col">{w('who')}</th><th scope="col">{w('what')}</th><th scope="col">{w('about')}</th></tr></thead>
          <tbody>
            {lines.map((line) => <tr key={line.id}><td class="when">{moment(line.at)}</td><td>{line.actor}</td><td>{coded('action', line.action)}</td><td>{line.subject}</td></tr>)}
          </tbody>
        </table>
      </div>
      {last && lines.length % PAGE === 0 && (
        <p class="in-line"><button type="button" class="outline" onClick={() => void loaded.act(async () => { older.value = [...older.value, ...(await account.audit(last.id)).lines]; })}>{w('audit.older')}</button></p>
      )}
    </Section>
  );
}
