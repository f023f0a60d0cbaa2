/** The master key: 32 bytes that wrap every tenant's data key. Lost, and all stored provider secrets are lost. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@outlay/kernel';
import { sha256 } from '@outlay/kernel/ids';
import { readDataFile, writeDataFile } from './data-file';

export interface MasterKey {
  readonly bytes: Buffer;
  /** The first digits of its hash: says which key it is, and nothing about it. */
  readonly keyId: string;
  /** While it is rotated: what was wrapped or sealed by these still opens, and nothing new is. */
  readonly older: readonly MasterKey[];
}

const KEY_BYTES = 32;
const HOW_TO_MAKE = 'Make one with: openssl rand -base64 32';

/**
 * The key of OUTLAY_MASTER_KEY (32 bytes as base64, base64url or hex) or, in embedded mode, of `<dataDir>/master.key`, which is
 * made when the data folder is new; older ones from OUTLAY_MASTER_KEY_OLD and from where a rotation was broken off. Errors: `unavailable` with one sentence when it is missing or malformed.
 */
export async function loadMasterKey(options: { readonly value?: string; readonly oldValue?: string; readonly dataDir?: string }): Promise<MasterKey> {
  const stated = options.oldValue === undefined || options.oldValue === '' ? [] : [parseMasterKey(options.oldValue, 'OUTLAY_MASTER_KEY_OLD')];
  if (options.value !== undefined && options.value !== '') return withOlder(parseMasterKey(options.value, 'OUTLAY_MASTER_KEY'), stated);
  if (options.dataDir === undefined) {
    throw new DomainError('unavailable', { message: `OUTLAY_MASTER_KEY is missing: with DATABASE_URL Outlay keeps no key of its own. ${HOW_TO_MAKE}` });
  }
  const path = join(options.dataDir, MASTER_KEY_FILE);
  const text = await readDataFile(path);
  if (text === undefined) {
    throw new DomainError('unavailable', { message: `The master key ${path} is gone. Restore it from a backup of the data folder, or set OUTLAY_MASTER_KEY.` });
  }
  const oldPath = join(options.dataDir, OLD_MASTER_KEY_FILE);
  const oldText = await readDataFile(oldPath);
  return withOlder(parseMasterKey(text.trim(), path), oldText === undefined ? stated : [...stated, parseMasterKey(oldText.trim(), oldPath)]);
}

export const MASTER_KEY_FILE = 'master.key';
/** There only while a rotation is under way, or was broken off. */
const OLD_MASTER_KEY_FILE = 'master.key.old';

function withOlder(key: MasterKey, older: readonly MasterKey[]): MasterKey {
  return { ...key, older: older.filter(({ keyId }) => keyId !== key.keyId) };
}

/** Called once, when the data folder is made: a key that appeared later would hide that the old one is gone. */
export async function writeNewMasterKey(dataDir: string): Promise<void> {
  await writeDataFile(join(dataDir, MASTER_KEY_FILE), `${randomBytes(KEY_BYTES).toString('base64')}\n`);
}

/**
 * A new key in the data folder, the one before it beside it until `forgetOldMasterKey`. Where a rotation was broken off it goes on with the key that was made then. For
 * whoever has the folder alone: a process that runs on it would not hear of the new key.
 */
export async function renewMasterKey(dataDir: string): Promise<MasterKey> {
  const standing = await loadMasterKey({ dataDir });
  if (standing.older.length > 0) return standing;
  // The old one is safe on disk before the new one takes its name.
  await writeDataFile(join(dataDir, OLD_MASTER_KEY_FILE), `${standing.bytes.toString('base64')}\n`);
  await writeNewMasterKey(dataDir);
  return await loadMasterKey({ dataDir });
}

/** Once nothing needs it any more: it is gone for good. */
export async function forgetOldMasterKey(dataDir: string): Promise<void> {
  await rm(join(dataDir, OLD_MASTER_KEY_FILE), { force: true });
}

/** Errors: `unavailable`, never with a part of the key. */
export function parseMasterKey(text: string, source: string): MasterKey {
  const bytes = /^[0-9a-fA-F]{64}$/.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  const wellFormed = /^[0-9a-fA-F]{64}$/.test(text) || /^[A-Za-z0-9+/_-]+={0,2}$/.test(text);
  if (!wellFormed || bytes.length !== KEY_BYTES) {
    throw new DomainError('unavailable', { message: `${source} must be ${KEY_BYTES} bytes as base64 or hex. ${HOW_TO_MAKE}` });
  }
  return { bytes, keyId: sha256(bytes).slice(0, 12), older: [] };
}
