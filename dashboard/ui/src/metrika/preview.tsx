// Left what happened here, right the exact request, field by field. What does not leave is
// struck through, with the reason on the same line.

import type { ComponentChildren } from 'preact';
import type { Preview } from './contract';
import { clock, coded, w } from './words';

const Dropped = ({ name, why, children }: { name: string; why: string; children?: ComponentChildren }) => (
  <><dt>{name}</dt><dd>{children && <><s>{children}</s> </>}<small>{why}</small></dd></>
);

function Request({ body }: { body: string }) {
  return <dl>{[...new URLSearchParams(body)].map(([key, value]) => <><dt key={key}><code>{key}</code></dt><dd><code>{value || '""'}</code></dd></>)}</dl>;
}

export function Previews({ previews, isOn }: { previews: Preview[]; isOn: boolean }) {
  return (
    <section aria-label={w('preview.title')}>
      <h2>{w('preview.title')}</h2>
      {previews.length === 0 && <p class="soft">{w(isOn ? 'preview.empty' : 'preview.off')}</p>}
      <div class="boxes">
        {previews.map(({ source, requests, late }) => (
          <article class="box what" key={requests[1]}>
            <div>
              <h3>{w('preview.here')}</h3>
              <dl>
                <Dropped name={w('field.event')} why={w('why.event')}>{source.event}</Dropped>
                <Dropped name={w('field.time')} why={w('why.time')}>{clock(source.at, { hour: '2-digit', minute: '2-digit', second: '2-digit' })}</Dropped>
                <Dropped name={w('field.page')} why={w('why.page')}>{source.host + source.path}</Dropped>
                {source.revenue_e4 !== 0 && <Dropped name={w('field.revenue')} why={w('why.revenue')}>{`${source.revenue_e4 / 10_000} ${source.currency}`}</Dropped>}
                {source.dropped.map(({ field, why }) => <Dropped key={field} name={field} why={coded('dropped', why)} />)}
                <Dropped name={w('field.visitor')} why={w('why.never')} />
                <Dropped name={w('field.title')} why={w('why.never')} />
              </dl>
            </div>
            <div>
              <h3>{w('preview.leaves')}</h3>
              <Request body={requests[1]} />
              <details><summary>{w('opening')}</summary><p class="soft">{w('opening.why')}</p><Request body={requests[0]} /></details>
              {late && <details><summary>{w('late.preview')}</summary><p class="soft">{w('late.preview.why')}</p><pre tabIndex={0}><code>{late}</code></pre></details>}
            </div>
          </article>
        ))}
      </div>
    </section>
  );
}
