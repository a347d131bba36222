// The page view in progress. A new one begins with every load, single-page step and
// return from the back-forward cache.

export const page: {
  /** Its random name. */
  pv?: string;
  /** Its address as sent; undefined when this page is not counted. */
  u?: string | undefined;
} = {};
