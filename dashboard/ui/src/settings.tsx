// Two pages: one's own account with its tokens, and a site's links and people. Fetched when
// they are asked for.

import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Site } from './contract';
import { Footer } from './footer';
import { PlainHeader } from './header';
import { follow } from './panel';
import { go } from './route';
import { Audit } from './settings/audit';
import { account } from './settings/contract';
import { ExportAll } from './settings/export';
import { Links } from './settings/links';
import { useLoaded } from './settings/parts';
import { People } from './settings/people';
import { Password, Sessions, TwoStep } from './settings/security';
import './settings/style';
import { Tokens } from './settings/tokens';
import { w } from './settings/words';
import { DEFAULT_VIEW, writeRoute } from './url';

function Page({ title, site, isReady, children }: { title: string; site: Site | null; isReady: boolean; children: ComponentChildren }) {
  useEffect(() => { document.title = `${title}${site ? ` · ${site.domain}` : ''} · mostik`; });
  const home = site ? { page: 'overview', site: site.id, view: DEFAULT_VIEW } as const : { page: 'home' } as const;
  return (
    <>
      <PlainHeader><a class="domain" href={writeRoute(home)} title={w('back')} onClick={(event) => follow(event, () => go(home))}>{site ? site.domain : w('back')}</a></PlainHeader>
      <main class="settings" data-state={isReady ? 'ready' : 'loading'}><h1>{title}</h1>{children}</main>
      <Footer {...(site ? { zone: site.time_zone } : {})} />
    </>
  );
}

export function AccountPage() {
  const { value, said, act } = useLoaded(() => account.show());
  return (
    <Page title={w('account')} site={null} isReady={value !== null}>
      {value && (
        <>
          <p class="soft">{value.email}</p>
          <TwoStep about={value} act={act} said={said} />
          <Password about={value} />
          <Sessions />
          <Tokens />
          {value.is_admin && <Audit />}
        </>
      )}
    </Page>
  );
}

export function SharingPage({ site }: { site: Site }) {
  return <Page title={w('sharing')} site={site} isReady><Links site={site} /><People site={site} /><ExportAll site={site} /></Page>;
}
