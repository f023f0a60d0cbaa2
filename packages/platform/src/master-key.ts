/** The master key: 32 bytes that wrap every tenant's data key. Lost, and all stored provider secrets are lost. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DomainError } from '@outlay/kernel';
import { sha256 } from '@outlay/kernel/ids';
import { readDataFile, writeDataFile } from './data-file';

export interface MasterKey {
  readonly bytes: Buffer;
  /** The first digits of its hash: says which key it is, and nothing about it. */
  readonly keyId: string;
}

const KEY_BYTES = 32;
const HOW_TO_MAKE = 'Make one with: openssl rand -base64 32';

/**
 * The key of OUTLAY_MASTER_KEY (32 bytes as base64, base64url or hex) or, in embedded mode, of `<dataDir>/master.key`, which is
 * made when the data folder is new. Errors: `unavailable` with one sentence when it is missing or malformed.
 */
export async function loadMasterKey(options: { readonly value?: string; readonly dataDir?: string }): Promise<MasterKey> {
  if (options.value !== undefined && options.value !== '') return parseMasterKey(options.value, 'OUTLAY_MASTER_KEY');
  if (options.dataDir === undefined) {
    throw new DomainError('unavailable', { message: `OUTLAY_MASTER_KEY is missing: with DATABASE_URL Outlay keeps no key of its own. ${HOW_TO_MAKE}` });
  }
  const path = join(options.dataDir, MASTER_KEY_FILE);
  const text = await readDataFile(path);
  if (text === undefined) {
    throw new DomainError('unavailable', { message: `The master key ${path} is gone. Restore it from a backup of the data folder, or set OUTLAY_MASTER_KEY.` });
  }
  return parseMasterKey(text.trim(), path);
}

export const MASTER_KEY_FILE = 'master.key';

/** Called once, when the data folder is made: a key that appeared later would hide that the old one is gone. */
export async function writeNewMasterKey(dataDir: string): Promise<void> {
  await writeDataFile(join(dataDir, MASTER_KEY_FILE), `${randomBytes(KEY_BYTES).toString('base64')}\n`);
}

/** Errors: `unavailable`, never with a part of the key. */
export function parseMasterKey(text: string, source: string): MasterKey {
  const bytes = /^[0-9a-fA-F]{64}$/.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  const wellFormed = /^[0-9a-fA-F]{64}$/.test(text) || /^[A-Za-z0-9+/_-]+={0,2}$/.test(text);
  if (!wellFormed || bytes.length !== KEY_BYTES) {
    throw new DomainError('unavailable', { message: `${source} must be ${KEY_BYTES} bytes as base64 or hex. ${HOW_TO_MAKE}` });
  }
  return { bytes, keyId: sha256(bytes).slice(0, 12) };
}
