// Where it begins: ask who is here, then show the page that the address and the
// answer call for.

import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import 'uplot/dist/uPlot.min.css';
import './style/main.css';
import { ApiError } from './api';
import type { Site } from './contract';
import { Footer } from './footer';
import { goalsPart } from './goals-later';
import { PlainHeader } from './header';
import { language, load, t } from './i18n';
import { onKey } from './keys';
import { later } from './later';
import { Overview } from './overview';
import { go, route } from './route';
import { askSession, session, sessionError, sites } from './session';
import { Trouble } from './trouble';
import { BASE, DEFAULT_VIEW } from './url';

function Alone({ title, error, retry }: { title: string; error: ApiError; retry: (() => void) | null }) {
  return (
    <>
      <PlainHeader />
      <main class="narrow middle" data-state="error"><h1 class="unseen">mostik</h1><Trouble title={title} error={error} onRetry={retry}>{error.status === 404 && <a class="outline" href={`${BASE}/`}>{t('error.home')}</a>}</Trouble></main>
      <Footer />
    </>
  );
}

/** The start address leads on; it has no page of its own. */
function Home({ known }: { known: Site[] }) {
  useEffect(() => {
    const first = known[0];
    if (first || session.value?.is_admin) go(first ? { page: 'overview', site: first.id, view: DEFAULT_VIEW } : { page: 'add_site' }, 'replace');
  }, []);
  return known.length || session.value?.is_admin ? <Waiting /> : <Alone title={t('error.title.first')} error={new ApiError('not_found', 404, null, '')} retry={null} />;
}

/** Sign in, set up, install: most visits see none of them. */
const { With: Front } = later(() => import('./door'));

/** Account, links and people. */
const { With: Settings } = later(() => import('./settings'));

/** Forwarding to Metrika. */
const { With: Bridge } = later(() => import('./metrika'));

const Waiting = () => <main data-state="loading"><h1 class="unseen">mostik</h1></main>;

function Page() {
  const who = session.value;
  const here = route.value;
  if (sessionError.value && !who) return <Alone title={t('error.title.first')} error={sessionError.value} retry={() => void askSession()} />;
  if (here.page === 'shared') return <Front instead={<Waiting />}>{(d) => <d.SharedDoor />}</Front>;
  if (!who) return <Waiting />;
  if (here.page === 'password') return <Front instead={<Waiting />}>{(d) => <d.ForgottenPassword />}</Front>;
  if (here.page === 'invitation') return <Front instead={<Waiting />}>{(d) => <d.Invitation />}</Front>;
  if (who.state === 'setup') return <Front instead={<Waiting />}>{(d) => (here.page === 'setup' ? <d.Setup /> : <d.SetupClosed />)}</Front>;
  if (who.state === 'signed_out') return <Front instead={<Waiting />}>{(d) => <d.SignIn />}</Front>;
  const known = sites.value ?? [];
  if (here.page === 'add_site') return <Front instead={<Waiting />}>{(d) => <d.NewSite />}</Front>;
  if (here.page === 'account') return <Settings instead={<Waiting />}>{(s) => <s.AccountPage />}</Settings>;
  if (here.page === 'home' || here.page === 'setup') return <Home known={known} />;
  const site = known.find((s) => s.id === here.site);
  if (!site) return <Alone title={t('error.title.first')} error={new ApiError('not_found', 404, null, '')} retry={null} />;
  if (here.page === 'sharing') return <Settings instead={<Waiting />}>{(s) => <s.SharingPage key={site.id} site={site} />}</Settings>;
  if (here.page === 'metrika') return <Bridge instead={<Waiting />}>{(b) => <b.Metrika key={site.id} site={site} />}</Bridge>;
  if (here.page === 'goals') return <goalsPart.With instead={<Waiting />}>{(g) => <g.Goals key={site.id} site={site} />}</goalsPart.With>;
  return here.page === 'install' ? <Front instead={<Waiting />}>{(d) => <d.Install key={site.id} site={site} />}</Front> : <Overview site={site} />;
}

document.addEventListener('keydown', onKey);
const root = document.getElementById('app');
void Promise.all([load(language.peek()), route.peek().page === 'shared' || askSession()]).then(() => { if (root) render(<Page />, root); });
