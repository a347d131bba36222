// The site that is measured: pages a test makes up, on 127.0.0.1.

import { createServer } from 'node:http';

/** The stub of the installation guide. */
export const STUB =
  '<script>window.mostik=window.mostik||function(){(mostik.q=mostik.q||[]).push(arguments)};mostik.init=mostik.init||function(o){mostik.o=o||{}}</script>';

/** `world.recorder` is whom the pages' scripts come from and report to. */
export async function startSite(world) {
  const pages = new Map();
  const server = createServer((request, response) => {
    const page = pages.get(new URL(request.url, 'http://127.0.0.1').pathname);
    if (!page) {
      response.writeHead(404, { 'content-type': 'text/html' }).end();
      return;
    }
    response.writeHead(page.status, { 'content-type': 'text/html; charset=utf-8', ...page.headers }).end(page.html);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;

  /** The script tag as an owner would write it; the switches let tests be counted. */
  const tag = ({ attributes = '', file = 'i.js', loading = 'defer' } = {}) =>
    `<script ${loading} src="${world.recorder.origin}/${file}" data-domain="site.test" data-local data-bots ${attributes}></script>`;

  return {
    origin,
    tag,
    /** Adds a page and returns its address. */
    add(path, { body = '', head = '', status = 200, headers = {}, raw, ...script } = {}) {
      const html = raw ?? `<!doctype html><title>${path}</title>${head}${STUB}${tag(script)}<body>${body}`;
      pages.set(path, { html, status, headers });
      return origin + path;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
