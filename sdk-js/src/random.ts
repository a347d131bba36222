// Names for page views and events: 96 random bits as digits. They live in the page's
// memory only, and mean nothing to anyone.

export const random = (): string => crypto.getRandomValues(new Uint32Array(3)).join('');
