// The script to paste, a dot that turns green by itself when the first event
// comes, and three checks for when it does not.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { api, ApiError } from './api';
import type { Site, SiteStatus } from './contract';
import { sumOf } from './balance';
import { check } from './check-words';
import { Footer } from './footer';
import { PlainHeader } from './header';
import { Hosts } from './hosts';
import { t } from './i18n';
import { Icon } from './icons';
import { RemoveSite } from './remove-site';
import { go } from './route';
import { sites } from './session';
import { skipped } from './skipped';
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

function Copy({ text }: { text: string }) {
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

function Checks({ site, script }: { site: Site; script: string }) {
  const origin = originOf(script);
  return (
    <section class="checks" aria-label={t('install.nothing')}>
      <h2>{t('install.nothing')}</h2>
      <ol>
        <li><h3>{check('script')}</h3><p>{check('script.how')}</p></li>
        <li>
          <h3>{check('csp')}</h3><p>{check('csp.how')}</p>
          {origin && <Copy text={`script-src ${origin}; connect-src ${origin}`} />}
        </li>
        <li><h3>{t('install.check.host')}</h3><p>{check('host.how', { domain: site.domain })}</p><Hosts site={site} /></li>
      </ol>
      {asksNotToBeCounted() && <p class="notice">{t('install.signal')}</p>}
    </section>
  );
}

export function Install({ site }: { site: Site }) {
  const status = useSignal<SiteStatus | null>(null);
  const refused = useSignal<{ n: number; reasons: string } | null>(null);
  const error = useSignal<ApiError | null>(null);
  const onward = useRef<HTMLButtonElement>(null);
  const here = status.value?.first_event ?? false;

  useEffect(() => { document.title = `${t('install.title', { domain: site.domain })} · mostik`; });
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
  useEffect(() => { if (here) onward.current?.focus(); }, [here]);

  const open = () => { skipped.add(site.id); go({ page: 'overview', site: site.id, view: DEFAULT_VIEW }); };
  return (
    <>
      <PlainHeader><span class="domain">{site.domain}</span></PlainHeader>
      <main class="narrow middle" data-state={error.value ? 'error' : status.value ? 'ready' : 'loading'}>
        {sites.value?.length === 1 && !here && <p class="soft step">{t('setup.step', { n: 3, of: 3 })}</p>}
        <h1>{t('install.title', { domain: site.domain })}</h1>
        <p class="soft">{t('install.lead')}</p>
        {status.value ? <Copy text={status.value.script} /> : <div class="snippet"><span class="bone" /></div>}
        <div class={`waiting${here ? ' here' : ''}`} role="status">
          <i aria-hidden="true" />
          <p><b>{t(here ? 'install.here' : 'install.waiting')}</b><span class="soft">{t(here ? 'install.here.why' : 'install.waiting.why', { domain: site.domain })}</span></p>
          <button type="button" ref={onward} class={here ? 'solid' : 'outline'} onClick={open}>{t(here ? 'install.open' : 'install.anyway')}</button>
        </div>
        {error.value && <Trouble title={t('error.title.first')} error={error.value} onRetry={null} />}
        {refused.value && !here && <p class="notice">{t('install.refused', refused.value)}</p>}
        {!here && <Checks site={site} script={status.value?.script ?? ''} />}
        <RemoveSite site={site} />
      </main>
      <Footer zone={site.time_zone} />
    </>
  );
}
