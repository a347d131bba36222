// How the script comes onto pages of various make: where it goes, and the text to paste.

import { useSignal } from '@preact/signals';
import { Copy } from './copy';
import { d } from './door-words';

const KINDS = ['html', 'wordpress', 'tilda', 'bitrix', 'next', 'nuxt', 'gtm'] as const;
export type Kind = (typeof KINDS)[number];

/** `script` is the tag as the server gives it; its address and domain cannot leave an attribute. */
export function snippet(kind: Kind, script: string): string {
  const src = /src="([^"]*)"/.exec(script)?.[1] ?? '';
  const domain = /data-domain="([^"]*)"/.exec(script)?.[1] ?? '';
  switch (kind) {
    case 'html': case 'tilda': return script;
    case 'wordpress': return `add_action('wp_head', function () {\n  echo '${script}';\n});`;
    case 'bitrix': return `<?php\n\\Bitrix\\Main\\Page\\Asset::getInstance()->addString(\n  '${script}'\n);`;
    case 'next': return `import Script from 'next/script';\n\n<Script src="${src}" data-domain="${domain}" strategy="afterInteractive" />`;
    case 'nuxt': return `export default defineNuxtConfig({\n  app: { head: { script: [\n    { src: '${src}', 'data-domain': '${domain}', defer: true },\n  ] } },\n});`;
    // Tag Manager drops attributes it does not know from a tag that is pasted.
    case 'gtm': return `<script>\n(function () {\n  var script = document.createElement('script');\n  script.defer = true;\n  script.src = '${src}';\n  script.setAttribute('data-domain', '${domain}');\n  document.head.appendChild(script);\n})();\n</script>`;
  }
}

export function Snippets({ script }: { script: string }) {
  const kind = useSignal<Kind>('html');
  return (
    <>
      <div class="tabs makes" role="group" aria-label={d('install.kind')}>
        {KINDS.map((one) => <button key={one} type="button" aria-pressed={one === kind.value} onClick={() => { kind.value = one; }}>{d(`install.kind.${one}`)}</button>)}
      </div>
      <p class="soft">{d(`install.where.${kind.value}`)}</p>
      <Copy key={kind.value} text={snippet(kind.value, script)} />
    </>
  );
}
