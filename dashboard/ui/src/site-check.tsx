// The check of the site by our server: what would keep its events from coming, and what to do.

import { useSignal } from '@preact/signals';
import { owned } from './api';
import { Copy } from './copy';
import { d } from './door-words';
import './site-check-style';
import { remedy } from './trouble';
import { useTries } from './tried';
import type { Site } from './contract';

interface Finding {
  check: 'page_read' | 'script_there' | 'over_tls' | 'policy_allows' | 'collector_answers' | 'visitors_told_apart';
  is_ok: boolean;
  /** What is wrong, by code, and perhaps its value. */
  found: string[];
}

/** What is wrong, and the remedy. A reason why something was not read is the same for pages and collector. */
function wrong({ check, found: [code = '', value = ''] }: Finding): string {
  switch (check) {
    case 'policy_allows': return d('look.policy');
    case 'over_tls': return d('look.plain', { value: code });
    case 'script_there': return d(code === 'of_another' ? 'look.of_another' : 'look.missing', { value });
    case 'visitors_told_apart': if (code === 'ignored' || code === 'untold') return d(`look.${code}`);
  }
  switch (code) {
    case 'local': case 'too_slow': case 'too_large': case 'not_a_page': case 'another': return d(`look.${code}`);
    case 'status': case 'elsewhere': return d(`look.${code}`, { value });
    default: return d('look.unreachable');
  }
}

export function SiteCheck({ site }: { site: Site }) {
  const page = useSignal(`https://${site.domain}/`);
  const findings = useSignal<Finding[] | null>(null);
  const looking = useSignal(false);
  const { error, tried } = useTries();
  async function look(event: Event) {
    event.preventDefault();
    [looking.value, findings.value] = [true, null];
    await tried(async () => {
      findings.value = (await owned<{ findings: Finding[] }>('POST', `/api/v1/sites/${site.id}/check`, { page: page.value })).findings;
    });
    looking.value = false;
  }
  return (
    <form class="look" onSubmit={(event) => void look(event)}>
      <p class="soft">{d('look.why')}</p>
      <div class="ask">
        <input type="url" name="page" required aria-label={d('look.page')} value={page.value} spellcheck={false} autocapitalize="none"
          onInput={(event) => { page.value = event.currentTarget.value; }} />
        <button type="submit" class="outline" disabled={looking.value}>{d(looking.value ? 'look.looking' : 'look.run')}</button>
      </div>
      <div role="status" aria-busy={looking.value}>
        {error.value && <p class="notice bad">{error.value.code === 'page_invalid' ? d('look.page_invalid', { domain: site.domain }) : remedy(error.value)}</p>}
        {findings.value && (
          <ul>
            {findings.value.map((one) => (
              <li key={one.check} data-check={one.check} data-ok={one.is_ok}>
                <b><i aria-hidden="true">{one.is_ok ? '✓' : '✗'}</i> {d(`look.${one.check}`)}<span class="unseen">: {d(one.is_ok ? 'look.good' : 'look.bad')}</span></b>
                {!one.is_ok && <p>{wrong(one)}</p>}
                {!one.is_ok && one.check === 'policy_allows' && <Copy text={one.found.join('; ')} />}
              </li>
            ))}
          </ul>
        )}
        {findings.value?.every((one) => one.is_ok) && <p class="soft">{d('look.all_good')}</p>}
      </div>
    </form>
  );
}
