// Node has no navigator languages, storage or media queries; modules that ask
// for them at their start get plain answers.

export {};
Object.defineProperty(globalThis, 'navigator', { value: { languages: ['en'], language: 'en' }, configurable: true });
