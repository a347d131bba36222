// One way to listen: on the window, in the capture phase, where every event passes
// first. A page that stops an event still counts. Never prevents a default.

export const listen = (type: string, heard: (event: never) => void): void =>
  addEventListener(type, heard as EventListener, true);
