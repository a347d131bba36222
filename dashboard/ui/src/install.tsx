// The script to paste, a dot that turns green by itself when the first event
// comes, and three checks for when it does not.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { api, ApiError } from './api';
import type { Site, SiteStatus } from './contract';
import { Copy } from './copy';
import { sumOf } from './balance';
import { Footer } from './footer';
import { PlainHeader } from './header';
import { Hosts } from './hosts';
import { d } from './door-words';
import { t } from './i18n';
import { RemoveSite } from './remove-site';
import { go } from './route';
import { mayChange, sites, siteOf } from './session';
import { SiteCheck } from './site-check';
import { skipped } from './skipped';
import { Snippets } from './snippets';
import { Trouble } from './trouble';
import { DEFAULT_VIEW } from './url';

/** Milliseconds between two looks for the first event. */
const LOOK_MS = 2_000;

/** Where the script comes from, for the site's Content-Security-Policy. */
export function originOf(script: string): string | null {
  const address = /src="([^"]+)"/.exec(script)?.[1];
  try {
    return address ? new URL(address, location.origin).origin : null;
  } catch {
    return null;
  }
}

/** Does this browser ask not to be counted? Then its owner would wait in vain. */
function asksNotToBeCounted(): boolean {
  return (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true || navigator.doNotTrack === '1';
}

function Checks({ site, script }: { site: Site; script: string }) {
  const origin = originOf(script);
  return (
    <section class="nothing" aria-label={d('install.nothing')}>
      <h2>{d('install.nothing')}</h2>
      {mayChange(siteOf(site.id)) && <SiteCheck site={site} />}
      <ol class="checks">
        <li><h3>{d('check.script')}</h3><p>{d('check.script.how')}</p></li>
        <li>
          <h3>{d('check.csp')}</h3><p>{d('check.csp.how')}</p>
          {origin && <Copy text={`script-src ${origin}; connect-src ${origin}`} />}
        </li>
        <li><h3>{d('install.check.host')}</h3><p>{d('check.host.how', { domain: site.domain })}</p><Hosts site={site} /></li>
      </ol>
      {asksNotToBeCounted() && <p class="notice">{d('install.signal')}</p>}
    </section>
  );
}

export function Install({ site }: { site: Site }) {
  const status = useSignal<SiteStatus | null>(null);
  const refused = useSignal<{ n: number; reasons: string } | null>(null);
  const error = useSignal<ApiError | null>(null);
  const onward = useRef<HTMLButtonElement>(null);
  const here = status.value?.first_event ?? false;

  useEffect(() => { document.title = `${d('install.title', { domain: site.domain })} · mostik`; });
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function look() {
      try {
        status.value = await api.status(site.id, stop.signal);
        if (!status.value.first_event) {
          const { balance } = await api.overview(site.id, { ...DEFAULT_VIEW, period: 'today', compare: 'none' }, stop.signal);
          const sum = sumOf(balance);
          refused.value = sum.refused > 0 ? { n: sum.refused, reasons: sum.reasons.map((r) => r.word).join(', ') } : null;
        }
        error.value = null;
      } catch (failed) {
        if (stop.signal.aborted) return;
        if (!(failed instanceof ApiError)) throw failed;
        error.value = failed;
      }
      if (!status.value?.first_event) timer = setTimeout(() => void look(), LOOK_MS);
    }
    void look();
    return () => { stop.abort(); clearTimeout(timer); };
  }, [site.id]);
  // Not away from what the owner has turned to meanwhile: Enter would do another thing there.
  useEffect(() => { if (here && document.activeElement === document.body) onward.current?.focus(); }, [here]);

  const open = () => { skipped.add(site.id); go({ page: 'overview', site: site.id, view: DEFAULT_VIEW }); };
  return (
    <>
      <PlainHeader><span class="domain">{site.domain}</span></PlainHeader>
      <main class="narrow middle" data-state={error.value ? 'error' : status.value ? 'ready' : 'loading'}>
        {sites.value?.length === 1 && !here && <p class="soft step">{d('setup.step', { n: 3, of: 3 })}</p>}
        <h1>{d('install.title', { domain: site.domain })}</h1>
        {status.value ? <Snippets script={status.value.script} /> : <div class="snippet"><span class="bone" /></div>}
        <div class={`waiting${here ? ' here' : ''}`} role="status">
          <i aria-hidden="true" />
          <p><b>{d(here ? 'install.here' : 'install.waiting')}</b><span class="soft">{d(here ? 'install.here.why' : 'install.waiting.why', { domain: site.domain })}</span></p>
          <button type="button" ref={onward} class={here ? 'solid' : 'outline'} onClick={open}>{d(here ? 'install.open' : 'install.anyway')}</button>
        </div>
        {error.value && <Trouble title={t('error.title.first')} error={error.value} onRetry={null} />}
        {refused.value && !here && <p class="notice">{d('install.refused', refused.value)}</p>}
        {!here && <Checks site={site} script={status.value?.script ?? ''} />}
        <RemoveSite site={site} />
      </main>
      <Footer zone={site.time_zone} />
    </>
  );
}
