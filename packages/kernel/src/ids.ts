/**
 * Ids. Every id of the ledger is made once, by whoever starts the fact. This module is apart from the package's index
 * because it needs node:crypto, and the console imports the index in the browser.
 */
import { hash, randomBytes } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

export function isUuidV7(text: string): boolean {
  return UUID_V7.test(text);
}

/** A new UUIDv7: 48 bits of Unix milliseconds, then random bits. */
export function newId(nowMs: number = Date.now()): string {
  return fromTimeAndBits(nowMs, randomBytes(10));
}

/** The Unix milliseconds that a UUIDv7 carries. */
export function idTimeMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** True for ids made from a caller's key: they stand from `f0000000-...` upwards and carry no time. */
export function isKeyId(id: string): boolean {
  return id.charCodeAt(0) === 102;
}

/**
 * A further id of the same fact (its outcome, a further part, the halves of a correction): the time of its base, so
 * that it stays in the base's partition, and bits of SHA-256(base, purpose, n).
 */
export function deriveId(baseId: string, purpose: string, n: number | string): string {
  const hex = sha256(`${baseId}\n${purpose}\n${n}`);
  return `${baseId.slice(0, 13)}-7${hex.slice(0, 3)}-${variant(byteAt(hex, 2))}${hex.slice(5, 8)}-${hex.slice(8, 20)}`;
}

/** The id of a caller's own idempotency key: `f` + hash of tenant, kind and key. The same key always gives the same id. */
export function idFromKey(tenantId: string, kind: string, key: string): string {
  const hex = sha256(`${tenantId}\n${kind}\n${key}`);
  return `f${hex.slice(0, 7)}-${hex.slice(7, 11)}-7${hex.slice(11, 14)}-${variant(byteAt(hex, 7))}${hex.slice(16, 19)}-${hex.slice(19, 31)}`;
}

function byteAt(hex: string, index: number): number {
  return Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16);
}

function variant(byte: number): string {
  return '89ab'[byte & 3]!;
}

function fromTimeAndBits(timeMs: number, bits: Buffer): string {
  const time = timeMs.toString(16).padStart(12, '0');
  const hex = bits.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${variant(bits[2]!)}${hex.slice(5, 8)}-${hex.slice(8, 20)}`;
}

/** SHA-256 as lower-case hex. */
export function sha256(text: string | Buffer): string {
  return hash('sha256', text, 'hex');
}

/** `bytes` random bytes as base62-like url-safe text, for keys and one-time links. */
export function randomToken(bytes = 24): string {
  return randomBytes(bytes).toString('base64url');
}
