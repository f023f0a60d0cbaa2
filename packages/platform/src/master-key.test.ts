import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from './data-folder';
import { forgetOldMasterKey, loadMasterKey, parseMasterKey, renewMasterKey } from './master-key';

describe('the master key', () => {
  let parent: string;
  let dataDir: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'outlay-key-'));
    dataDir = join(parent, 'data');
  });

  afterEach(async () => {
    await rm(parent, { recursive: true, force: true });
  });

  it('is made with the data folder, private, and stays', async () => {
    const { release } = await openDataFolder(dataDir);
    await release();
    const first = await loadMasterKey({ dataDir });
    expect((await stat(join(dataDir, 'master.key'))).mode & 0o777).toBe(0o600);
    await openDataFolder(dataDir);
    expect(await loadMasterKey({ dataDir })).toEqual(first);
  });

  it('is not silently made anew when it is gone', async () => {
    await (await openDataFolder(dataDir)).release();
    await rm(join(dataDir, 'master.key'));
    await openDataFolder(dataDir);
    await expect(loadMasterKey({ dataDir })).rejects.toThrow(`The master key ${join(dataDir, 'master.key')} is gone.`);
  });

  it('comes from OUTLAY_MASTER_KEY first', async () => {
    const bytes = randomBytes(32);
    await openDataFolder(dataDir);
    expect((await loadMasterKey({ dataDir, value: bytes.toString('base64') })).bytes).toEqual(bytes);
  });

  it('is made anew beside the old one, which opens until it is forgotten, and not twice where that was broken off', async () => {
    await (await openDataFolder(dataDir)).release();
    const first = await loadMasterKey({ dataDir });
    const second = await renewMasterKey(dataDir);
    expect(second.keyId).not.toBe(first.keyId);
    expect(second.older).toEqual([first]);
    expect((await stat(join(dataDir, 'master.key.old'))).mode & 0o777).toBe(0o600);
    expect(await loadMasterKey({ dataDir })).toEqual(second);
    expect(await renewMasterKey(dataDir)).toEqual(second);
    // A folder that is in the middle of it is still ours.
    await (await openDataFolder(dataDir)).release();
    await forgetOldMasterKey(dataDir);
    await forgetOldMasterKey(dataDir);
    expect(await loadMasterKey({ dataDir })).toEqual({ ...second, older: [] });
    // Broken off before the new one took its name: the copy is of the key that holds.
    await copyFile(join(dataDir, 'master.key'), join(dataDir, 'master.key.old'));
    expect((await loadMasterKey({ dataDir })).older).toEqual([]);
    expect((await renewMasterKey(dataDir)).older).toEqual([{ ...second, older: [] }]);
  });

  it('has the one before it from OUTLAY_MASTER_KEY_OLD', async () => {
    const [own, old] = [randomBytes(32).toString('base64'), randomBytes(32).toString('hex')];
    expect(await loadMasterKey({ value: own, oldValue: old })).toEqual({ ...parseMasterKey(own, 'x'), older: [parseMasterKey(old, 'x')] });
    expect((await loadMasterKey({ value: own, oldValue: own })).older).toEqual([]);
    await expect(loadMasterKey({ value: own, oldValue: 'short' })).rejects.toThrow(/^OUTLAY_MASTER_KEY_OLD must be 32 bytes/);
  });

  it('is required without a data folder', async () => {
    await expect(loadMasterKey({})).rejects.toThrow('OUTLAY_MASTER_KEY is missing: with DATABASE_URL Outlay keeps no key of its own. Make one with: openssl rand -base64 32');
  });

  it('reads base64, base64url and hex alike', () => {
    const bytes = randomBytes(32);
    const ids = (['base64', 'base64url', 'hex'] as const).map((encoding) => parseMasterKey(bytes.toString(encoding), 'x').keyId);
    expect(new Set(ids).size).toBe(1);
  });

  it.each(['short', `${randomBytes(31).toString('base64')}`, `${randomBytes(33).toString('base64')}`, 'z'.repeat(64), `${'a'.repeat(42)}!=`])('refuses %j without repeating it', (text) => {
    expect(() => parseMasterKey(text, 'OUTLAY_MASTER_KEY')).toThrow(/^OUTLAY_MASTER_KEY must be 32 bytes as base64 or hex\./);
  });
});
