/**
 * A short-lived token with which a browser reads its own customer's usage, and nothing else: `olc_<payload>.<signature>`, HMAC-SHA-256 with a key derived
 * from the API key. The API key itself never leaves the server, and cannot be found from a token. A new API key ends all tokens of the old one.
 */
import { invalidOption, OutlayError } from '../errors.js';
import { asText, parseJson } from '../facts.js';

export interface CustomerTokenOptions {
  readonly customerId: string;
  readonly userId?: string;
  /** Default 900, at most 3600. */
  readonly ttlSeconds?: number;
}

/** Whom a valid token names. */
export interface TokenHolder {
  readonly customerId: string;
  readonly userId: string | undefined;
}

const PREFIX = 'olc_';
const TTL_SECONDS = 900;
const TTL_SECONDS_MAX = 3_600;
const PURPOSE = 'outlay/customer-token/1';
const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;
/** A token is short; what is longer is not read at all. */
const LENGTH_MAX = 2_048;
/** Keys of one process: a handful. */
const KEYS_MAX = 16;

const encoder = new TextEncoder();
const derivedByApiKey = new Map<string, Promise<CryptoKey>>();

/** Throws `invalid_option`. */
export async function createCustomerToken(apiKey: string, options: CustomerTokenOptions, nowMs: number): Promise<string> {
  const { customerId, userId, ttlSeconds = TTL_SECONDS } = options;
  if (typeof customerId !== 'string' || customerId === '') throw invalidOption('customerId', 'must be the id of the customer who is signed in.');
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > TTL_SECONDS_MAX) throw invalidOption('ttlSeconds', `must be a whole number from 1 to ${TTL_SECONDS_MAX}.`);
  const payload = encodeBase64Url(encoder.encode(JSON.stringify({ customer_id: customerId, user_id: userId, exp: Math.floor(nowMs / 1000) + ttlSeconds })));
  const signature = await crypto.subtle.sign(HMAC, await deriveKey(apiKey), encoder.encode(PREFIX + payload));
  return `${PREFIX}${payload}.${encodeBase64Url(new Uint8Array(signature))}`;
}

/** Null for a token that is forged, broken, of another API key, or past its time. `subtle.verify` compares in constant time. */
export async function readCustomerToken(apiKey: string, token: string, nowMs: number): Promise<TokenHolder | null> {
  if (!token.startsWith(PREFIX) || token.length > LENGTH_MAX) return null;
  const dot = token.indexOf('.');
  const signature = decodeBase64Url(token.slice(dot + 1));
  const payload = decodeBase64Url(token.slice(PREFIX.length, dot));
  if (dot < 0 || !signature || !payload) return null;
  if (!(await crypto.subtle.verify(HMAC, await deriveKey(apiKey), signature, encoder.encode(token.slice(0, dot))))) return null;
  const claims = parseJson(new TextDecoder().decode(payload));
  const exp = claims?.['exp'];
  const customerId = asText(claims?.['customer_id']);
  const nowSeconds = nowMs / 1000;
  // One that claims a longer life than a token may have was not made by this code.
  if (typeof exp !== 'number' || exp <= nowSeconds || exp > nowSeconds + TTL_SECONDS_MAX + 60 || customerId === undefined) return null;
  return { customerId, userId: asText(claims?.['user_id']) };
}

/** One derivation a key, not one a request. */
function deriveKey(apiKey: string): Promise<CryptoKey> {
  const known = derivedByApiKey.get(apiKey);
  if (known) return known;
  if (derivedByApiKey.size >= KEYS_MAX) derivedByApiKey.clear();
  const derived = derive(apiKey);
  derivedByApiKey.set(apiKey, derived);
  return derived;
}

async function derive(apiKey: string): Promise<CryptoKey> {
  if (typeof crypto !== 'object' || !crypto.subtle) throw new OutlayError('invalid_option', { field: 'crypto', message: 'This runtime has no WebCrypto (crypto.subtle), which customer tokens need.' });
  const root = await crypto.subtle.importKey('raw', encoder.encode(apiKey), HMAC, false, ['sign']);
  const bytes = await crypto.subtle.sign(HMAC, root, encoder.encode(PURPOSE));
  return crypto.subtle.importKey('raw', bytes, HMAC, false, ['sign', 'verify']);
}

function encodeBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]+$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}
