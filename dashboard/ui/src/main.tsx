// Where it begins: ask who is here, then show the page that the address and the
// answer call for.

import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import 'uplot/dist/uPlot.min.css';
import './style/main.css';
import { ApiError } from './api';
import type { Site } from './contract';
import { Footer } from './footer';
import { PlainHeader } from './header';
import { t } from './i18n';
import { Install } from './install';
import { onKey } from './keys';
import { NewSite } from './new-site';
import { Overview } from './overview';
import { go, route } from './route';
import { askSession, session, sessionError, sites } from './session';
import { Setup, SetupClosed } from './setup';
import { SignIn } from './signin';
import { Trouble } from './trouble';
import { DEFAULT_VIEW } from './url';

function Alone({ title, error, retry }: { title: string; error: ApiError; retry: (() => void) | null }) {
  return (
    <>
      <PlainHeader />
      <main class="narrow middle" data-state="error"><h1 class="unseen">mostik</h1><Trouble title={title} error={error} onRetry={retry}>{error.status === 404 && <a class="outline" href="/">{t('error.home')}</a>}</Trouble></main>
      <Footer />
    </>
  );
}

/** The start address leads on; it has no page of its own. */
function Home({ known }: { known: Site[] }) {
  useEffect(() => {
    const first = known[0];
    go(first ? { page: 'overview', site: first.id, view: DEFAULT_VIEW } : { page: 'add_site' }, 'replace');
  }, []);
  return <main data-state="loading" />;
}

function Page() {
  const who = session.value;
  const here = route.value;
  if (sessionError.value && !who) return <Alone title={t('error.title.first')} error={sessionError.value} retry={() => void askSession()} />;
  if (!who) return <main data-state="loading"><h1 class="unseen">mostik</h1></main>;
  if (who.state === 'setup') return here.page === 'setup' ? <Setup /> : <SetupClosed />;
  if (who.state === 'signed_out') return <SignIn />;
  const known = sites.value ?? [];
  if (here.page === 'add_site') return <NewSite />;
  if (here.page === 'home' || here.page === 'setup') return <Home known={known} />;
  const site = known.find((s) => s.id === here.site);
  if (!site) return <Alone title={t('error.title.first')} error={new ApiError('not_found', 404, null, '')} retry={null} />;
  return here.page === 'install' ? <Install key={site.id} site={site} /> : <Overview site={site} />;
}

document.addEventListener('keydown', onKey);
const root = document.getElementById('app');
if (root) render(<Page />, root);
void askSession();
