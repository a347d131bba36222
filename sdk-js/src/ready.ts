// Nothing leaves a page nobody has seen: a prerendered page and a tab opened in the
// background wait, and so does everything the site says meanwhile.

let begun = false;
const waiting: (() => void)[] = [];

export const hasBegun = (): boolean => begun;

/** Runs `act` now, or once the page has been seen. */
export const whenReady = (act: () => void): void => {
  if (begun) act();
  else waiting.push(act);
};

export const ready = (): void => {
  begun = true;
  waiting.forEach((act) => act());
};
