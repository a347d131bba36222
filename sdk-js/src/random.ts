// Names for page views and events. They live in the page's memory only, and mean nothing
// to anyone: they need to differ, not to be a secret. The collector keeps 64 bits.

export const random = (): string => Math.random() + '' + Math.random();
