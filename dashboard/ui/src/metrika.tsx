// The owner's page of forwarding to Yandex Metrika: one big switch with its state in words,
// the settings, what would leave, what waits and what left. Fetched when it is asked for.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError } from './api';
import type { Site } from './contract';
import { Footer } from './footer';
import { PlainHeader } from './header';
import { t } from './i18n';
import { Check } from './metrika/check';
import { metrika, type MetrikaPage, type Mode } from './metrika/contract';
import { Previews } from './metrika/preview';
import { SettingsForm } from './metrika/settings';
import { Standing } from './metrika/standing';
import './metrika/style';
import { coded, w } from './metrika/words';
import { follow } from './panel';
import { go } from './route';
import { Trouble } from './trouble';
import { DEFAULT_VIEW, writeRoute } from './url';

/** Milliseconds between two looks at how it goes. */
const LOOK_MS = 2_000;

const MODES: Mode[] = ['off', 'preview', 'live'];

function Meaning() {
  return (
    <section aria-label={w('meaning')}>
      <h2>{w('meaning')}</h2>
      <ul class="plain">{(['yes', 'no', 'never', 'law'] as const).map((word) => <li key={word}>{w(`meaning.${word}`)}</li>)}</ul>
    </section>
  );
}

export function Metrika({ site }: { site: Site }) {
  const page = useSignal<MetrikaPage | null>(null);
  const error = useSignal<ApiError | null>(null);
  const said = useSignal<string | null>(null);
  const asked = useSignal(0);

  useEffect(() => { document.title = `${w('title')} · ${site.domain} · mostik`; });
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function look() {
      try {
        page.value = await metrika.page(site.id, stop.signal);
        error.value = null;
      } catch (failed) {
        if (stop.signal.aborted) return;
        if (!(failed instanceof ApiError)) throw failed;
        error.value = failed;
      }
      timer = setTimeout(() => void look(), LOOK_MS);
    }
    void look();
    return () => { stop.abort(); clearTimeout(timer); };
  }, [site.id, asked.value]);

  async function act(work: () => Promise<unknown>, done: string | null) {
    try {
      await work();
      said.value = done;
      asked.value += 1;
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      said.value = coded('error', failed.code);
    }
  }
  const settings = page.value?.settings ?? null;
  const mode = settings?.mode ?? 'off';
  const home = { page: 'overview', site: site.id, view: DEFAULT_VIEW } as const;
  return (
    <>
      <PlainHeader><a class="domain" href={writeRoute(home)} title={w('back')} onClick={(event) => follow(event, () => go(home))}>{site.domain}</a></PlainHeader>
      <main class="metrika" data-state={error.value ? 'error' : page.value ? 'ready' : 'loading'} data-mode={mode}>
        <h1>{w('title')}</h1>
        {error.value && <Trouble title={t('error.title.first')} error={error.value} onRetry={null} />}
        {page.value && (
          <>
            <div class="modes" role="group" aria-label={w('title')}>
              {MODES.map((one) => <button key={one} type="button" disabled={!settings} aria-pressed={settings !== null && one === mode} onClick={() => void act(() => metrika.mode(site.id, one), null)}>{w(one)}</button>)}
            </div>
            <p class="state" role="status">{settings ? w(`${mode}.why`, { counter: settings.counter }) : w('none.why')}</p>
            <p class="in-line">
              <button type="button" class="outline kill" onClick={() => void act(() => metrika.stop(), w('kill.done'))}>{w('kill')}</button>
              <span class="soft">{w('kill.why')}</span>
            </p>
            {said.value && <p class="notice" role="alert">{said.value}</p>}
            <SettingsForm key={`${settings?.counter} ${settings?.rules.goals.length}`} site={site.id} settings={settings} onSaved={() => { asked.value += 1; }} />
            {mode !== 'live' && <Previews previews={page.value.collectors.flatMap((collector) => collector.previews)} isOn={mode === 'preview'} />}
            <Standing site={site.id} page={page.value} />
            {settings && <Check site={site.id} settings={settings} compared={page.value.compared} onChange={() => { asked.value += 1; }} />}
            <Meaning />
          </>
        )}
      </main>
      <Footer zone={site.time_zone} />
    </>
  );
}
