// A site's name out of what people type or paste.

/** What people paste is an address; what is wanted is its host. */
export function domainOf(text: string): string | null {
  const trimmed = text.trim();
  let host: string;
  try {
    host = new URL(/^[a-z]+:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`).hostname;
  } catch {
    return null;
  }
  host = host.replace(/^www\./, '').replace(/\.$/, '');
  return /^(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+)$/.test(host) ? host : null;
}
