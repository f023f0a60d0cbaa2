/** `ol_<environment>_<random>`: says what it is and where it belongs, so that a scanner, and a person, can tell. */
import { randomToken } from '@outlay/kernel/ids';

// The environment has no underscore, so the second one ends it; the rest is 192 random bits in base64url.
const KEY = /^ol_([a-z0-9-]{1,32})_([A-Za-z0-9_-]{32})$/;
const BEARER = 'bearer ';

export interface NewKey {
  readonly secret: string;
  /** Shown for ever: enough to tell keys apart, far too little to guess one. */
  readonly prefix: string;
}

export function createKeySecret(environment: string): NewKey {
  const random = randomToken(24);
  return { secret: `ol_${environment}_${random}`, prefix: `ol_${environment}_${random.slice(0, 4)}` };
}

export function isKeySecret(text: string): boolean {
  return KEY.test(text);
}

/** The key of an `Authorization` header: undefined without one, null when it holds something else. */
export function readBearerKey(header: string | undefined): string | null | undefined {
  if (header === undefined || header === '') return undefined;
  const text = header.slice(0, BEARER.length).toLowerCase() === BEARER ? header.slice(BEARER.length).trim() : '';
  return isKeySecret(text) ? text : null;
}
