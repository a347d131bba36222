// Where a content security policy forbids `fetch`, an image carries the event.

import type { Wire } from './api';
import { listen } from './listen';
import { settings } from './settings';

let forbidden = false;

export const isForbidden = (): boolean => forbidden;

export const sendImage = async (event: Wire): Promise<{ status: number }> => {
  const image = new Image();
  image.crossOrigin = 'anonymous'; // no cookies across sites here either
  image.src = settings.api + '?j=' + encodeURIComponent(JSON.stringify(event));
  await image.decode();
  return { status: 200 };
};

/** Calls `adapt` when the policy has forbidden a request of ours. */
export const watchPolicy = (adapt: () => void): void =>
  listen('securitypolicyviolation', ({ effectiveDirective, blockedURI }: SecurityPolicyViolationEvent) => {
    if (effectiveDirective == 'connect-src' && new URL(settings.api as string, location.href).href.startsWith(blockedURI)) {
      forbidden = true;
      adapt();
    }
  });
