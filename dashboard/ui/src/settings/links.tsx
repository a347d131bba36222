// Links by which others see a site's figures without an account.

import { useSignal } from '@preact/signals';
import type { Site } from '../contract';
import { Field } from '../field';
import { Copy } from '../copy';
import { sharing, type ShareLink } from './contract';
import { Choice, dayOf, Once, Section, useLoaded } from './parts';
import { w } from './words';
import { BASE, here } from '../url';

type Kind = 'secret' | 'password' | 'public';

const kindOf = (link: ShareLink): Kind => (link.is_public ? 'public' : link.has_password ? 'password' : 'secret');

/** What stands on other pages. */
function Outside({ id, secret, frames }: { id: string; secret: string | null; frames: string[] }) {
  const hash = secret ? `#${secret}` : '';
  return (
    <>
      {frames.length > 0 && <><h3>{w('link.frame')}</h3><Copy text={`<iframe src="${here()}/embed/${id}${hash}" title="mostik" width="100%" height="1600" loading="lazy"></iframe>`} /></>}
      {!secret && <><h3>{w('link.badge')}</h3><Copy text={`<a href="${here()}/share/${id}"><img src="${here()}/badge/${id}.svg" alt=""></a>`} /></>}
    </>
  );
}

export function Links({ site }: { site: Site }) {
  const { value, said, act } = useLoaded(() => sharing.links(site.id));
  const made = useSignal<(ShareLink & { secret?: string }) | null>(null);
  const name = useSignal('');
  const kind = useSignal<Kind>('secret');
  const password = useSignal('');
  const days = useSignal('');
  const frames = useSignal('');
  async function make(event: Event) {
    event.preventDefault();
    await act(async () => {
      made.value = await sharing.makeLink(site.id, {
        name: name.value,
        is_public: kind.value === 'public',
        ...(kind.value === 'password' ? { password: password.value } : {}),
        ...(days.value ? { life_days: Number(days.value) } : {}),
        frames: frames.value.split('\n').map((line) => line.trim()).filter(Boolean),
      });
      name.value = password.value = days.value = frames.value = '';
    });
  }
  const fresh = made.value;
  return (
    <Section title={w('links')} why={w('links.why')} said={said}>
      {value && value.links.length === 0 && <p class="in-line soft">{w('links.none')}</p>}
      {value && value.links.length > 0 && (
        <div class="scroll" tabIndex={0}>
          <table>
            <thead><tr><th scope="col">{w('link.for')}</th><th scope="col">{w('link.kind')}</th><th scope="col">{w('until')}</th><th scope="col">{w('link.frame')}</th><th scope="col"><span class="unseen">{w('end')}</span></th></tr></thead>
            <tbody>
              {value.links.map((link) => (
                <tr key={link.id} data-link={link.id}>
                  <td>{link.is_public ? <a href={`${BASE}/share/${link.id}`} target="_blank" rel="noopener">{link.name}</a> : link.name}</td>
                  <td>{w(`link.${kindOf(link)}`)}</td><td>{dayOf(link.expires_at)}</td><td>{link.frames.join(', ')}</td>
                  <td><button type="button" class="outline end" onClick={() => void act(() => sharing.endLink(site.id, link.id))}>{w('end')}</button></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {fresh && (fresh.secret
        ? <Once title={`${w('link.address')}: ${fresh.name}`} text={`${here()}/share/${fresh.id}#${fresh.secret}`} />
        : <div class="once" role="status"><b>{w('link.address')}: {fresh.name}</b><Copy text={`${here()}/share/${fresh.id}`} /></div>)}
      {fresh && <Outside id={fresh.id} secret={fresh.secret ?? null} frames={fresh.frames} />}
      <form onSubmit={make}>
        <h3>{w('link.new')}</h3>
        <Field label={w('link.for')} name="link" value={name} />
        <Choice label={w('link.kind')} name="kind" value={kind} options={(['secret', 'password', 'public'] as const).map((one) => [one, w(`link.${one}`)] as const)} {...(kind.value === 'public' ? { why: w('link.public.why') } : {})} />
        {kind.value === 'password' && <Field label={w('password')} name="password" type="password" autocomplete="new-password" value={password} />}
        <Field label={w('days')} name="days" value={days} why={w('days.why')} optional />
        <div class="field wide">
          <label for="frames">{w('link.frames')}</label>
          <textarea id="frames" name="frames" value={frames.value} spellcheck={false} onInput={(event) => { frames.value = event.currentTarget.value; }} />
          <p class="soft">{w('link.frames.why')}</p>
        </div>
        <button type="submit" class="outline">{w('make')}</button>
      </form>
    </Section>
  );
}
