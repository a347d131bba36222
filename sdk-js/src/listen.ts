// One way to listen: on the window, in the capture phase, where every event passes
// first. A page that stops an event still counts. Never prevents a default.

/** `types` with a space between. */
export const listen = (types: string, heard: (event: never) => void): void =>
  types.split(' ').forEach((type) => addEventListener(type, heard as EventListener, true));
