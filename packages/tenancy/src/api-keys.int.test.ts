import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '@outlay/kernel/ids';
import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { createKeyUses } from './key-uses';
import { createKey, listKeys, revokeKey } from './manage-keys';
import { listAudit } from './list-audit';
import { createColleague, createOwner, createTestTenancy, type TestPerson } from './testing';
import type { Tenancy } from './tenancy';

let test: TestDatabase;
let tenancy: Tenancy;
/** A second process on the same database. */
let other: Tenancy;
let owner: TestPerson;
const clock = { ms: 0 };
const now = (): number => Date.now() + clock.ms;
const IP = '198.51.100.1';

beforeAll(async () => {
  test = await createTestDatabase();
  tenancy = createTestTenancy(test.db, { now });
  other = createTestTenancy(test.db, { now });
  owner = await createOwner(tenancy);
});

afterAll(async () => {
  await Promise.all([tenancy.close(), other.close()]);
  await test.close();
});

const INGEST = { name: 'ci', environment: 'production', abilities: ['ingest'] } as const;

async function newSecret(): Promise<{ id: string; secret: string }> {
  return await createKey(tenancy, await owner.acting(), INGEST);
}

async function verify(where: Tenancy, secret: string, ip = IP): Promise<unknown> {
  return await where.keys.verify(`Bearer ${secret}`, ip);
}

describe('an API key', () => {
  it('is shown once, stored as a hash, and says whose it is', async () => {
    const { id, secret } = await createKey(tenancy, await owner.acting(), { name: 'ci', environment: 'staging', abilities: ['ingest', 'read'], expiresInDays: 30 });
    expect(secret).toMatch(/^ol_staging_[A-Za-z0-9_-]{32}$/);
    expect(await verify(tenancy, secret)).toEqual({ tenantId: owner.tenantId, keyId: id, environment: 'staging', abilities: ['ingest', 'read'], timeZone: 'UTC', lateWindowDays: 7 });
    const { rows: [stored] } = await test.db.withTenant(owner.tenantId, (tx) => tx.query('select * from api_keys where id = $1', [id]));
    expect(stored.key_hash).toBe(sha256(secret));
    expect(JSON.stringify(stored)).not.toContain(secret.slice('ol_staging_'.length));
    const [listed] = await listKeys(tenancy, await owner.acting());
    expect(listed).toMatchObject({ id, name: 'ci', environment: 'staging', prefix: secret.slice(0, 15), createdBy: 'Olga Owner', revokedAt: null, lastUsedAt: null });
    expect(listed).not.toHaveProperty('keyHash');
    const { rows: audited } = await listAudit(tenancy, await owner.acting(), { action: 'key.created' });
    expect(audited[0]).toMatchObject({ subjectId: id, after: { name: 'ci', environment: 'staging', abilities: ['ingest', 'read'] } });
    expect(JSON.stringify(audited)).not.toContain(secret);
  });

  it('answers from memory without a promise, and from the database once a second at most', async () => {
    const { secret } = await newSecret();
    await Promise.all(Array.from({ length: 50 }, () => verify(tenancy, secret)));
    expect(tenancy.keys.verify(`Bearer ${secret}`, IP)).not.toBeInstanceOf(Promise);
    clock.ms += 1_001;
    expect(tenancy.keys.verify(`Bearer ${secret}`, IP)).toBeInstanceOf(Promise);
  });

  it('is refused at once where it was revoked, and within a second in every other process', async () => {
    const { id, secret } = await newSecret();
    await verify(tenancy, secret);
    await verify(other, secret);
    await revokeKey(tenancy, await owner.acting(), id);
    await expect(verify(tenancy, secret)).rejects.toMatchObject({ code: 'key_revoked' });
    clock.ms += 1_000;
    await expect(verify(other, secret)).rejects.toMatchObject({ code: 'key_revoked' });
    await revokeKey(tenancy, await owner.acting(), id);
    const { rows } = await listAudit(tenancy, await owner.acting(), { action: 'key.revoked' });
    expect(rows).toHaveLength(1);
    expect((await listKeys(tenancy, await owner.acting())).find((key) => key.id === id)?.revokedAt).toBeInstanceOf(Date);
  });

  it('expires on time, in memory too', async () => {
    const { secret } = await createKey(tenancy, await owner.acting(), { ...INGEST, expiresInDays: 1 });
    clock.ms += 86_400_000 - 2_000;
    await verify(tenancy, secret);
    clock.ms += 2_500;
    await expect(verify(tenancy, secret)).rejects.toMatchObject({ code: 'key_expired' });
    clock.ms -= 86_400_000 + 500;
  });

  it('is told apart: missing, malformed, unknown', async () => {
    expect(() => tenancy.keys.verify(undefined, IP)).toThrow(expect.objectContaining({ code: 'key_missing' }));
    expect(() => tenancy.keys.verify('Bearer sk-test', IP)).toThrow(expect.objectContaining({ code: 'key_invalid' }));
    await expect(verify(tenancy, `ol_production_${'A'.repeat(32)}`)).rejects.toMatchObject({ code: 'key_invalid' });
  });

  it('asks the database once for many at the same moment', async () => {
    const { secret } = await newSecret();
    let queries = 0;
    const app = { query: (...args: Parameters<typeof test.db.app.query>) => { queries += 1; return test.db.app.query(...args); } };
    const counted = createTestTenancy({ ...test.db, app: app as unknown as typeof test.db.app }, { now });
    await Promise.all(Array.from({ length: 50 }, () => verify(counted, secret)));
    await verify(counted, secret);
    expect(queries).toBe(1);
    await counted.close();
  });

  it('notes its last use at most every 30 s, and what is left at the end', async () => {
    const { id } = await newSecret();
    const key = { keyId: id, tenantId: owner.tenantId };
    const uses = createKeyUses({ db: test.db, now });
    const lastUse = async (): Promise<number | undefined> => (await listKeys(tenancy, await owner.acting())).find((listed) => listed.id === id)?.lastUsedAt?.getTime();
    const useAndFlush = async (): Promise<number> => {
      const at = now();
      uses.note(key, at);
      await uses.flush();
      return at;
    };
    const first = await useAndFlush();
    expect(await lastUse()).toBe(first);
    clock.ms += 29_000;
    await useAndFlush();
    expect(await lastUse()).toBe(first);
    clock.ms += 2_000;
    const second = await useAndFlush();
    expect(await lastUse()).toBe(second);
    clock.ms += 1_000;
    const third = await useAndFlush();
    await uses.close();
    expect(await lastUse()).toBe(third);
  });
});

describe('guessing keys', () => {
  const guess = (n: number): string => `ol_production_${String(n).padStart(32, 'x')}`;

  it('is stopped by address, and does not touch keys that are known or come from elsewhere', async () => {
    const ip = '203.0.113.5';
    const { secret } = await newSecret();
    await verify(tenancy, secret, ip);
    for (let n = 0; n < 20; n++) await expect(verify(tenancy, guess(n), ip)).rejects.toMatchObject({ code: 'key_invalid' });
    await expect(Promise.resolve().then(() => verify(tenancy, guess(21), ip))).rejects.toMatchObject({ code: 'rate_limited' });
    clock.ms += 1_001;
    expect(await verify(tenancy, secret, ip)).toMatchObject({ tenantId: owner.tenantId });
    expect(await verify(tenancy, (await newSecret()).secret, '203.0.113.6')).toMatchObject({ tenantId: owner.tenantId });
  });

  it('does not count the same wrong key twice: a forgotten process is no guesser', async () => {
    const ip = '203.0.113.7';
    for (let n = 0; n < 60; n++) await expect(Promise.resolve().then(() => verify(tenancy, guess(100), ip))).rejects.toMatchObject({ code: 'key_invalid' });
    expect(await verify(tenancy, (await newSecret()).secret, ip)).toMatchObject({ tenantId: owner.tenantId });
  });
});

describe('rights', () => {
  it('give keys to owner, admin and developer, and a key with admin to the first two only', async () => {
    const admin = await createColleague(tenancy, owner, 'admin');
    const developer = await createColleague(tenancy, owner, 'developer');
    const finance = await createColleague(tenancy, owner, 'finance');
    await createKey(tenancy, await admin.acting(), { ...INGEST, abilities: ['admin'] });
    await createKey(tenancy, await developer.acting(), INGEST);
    await expect(createKey(tenancy, await developer.acting(), { ...INGEST, abilities: ['ingest', 'admin'] })).rejects.toMatchObject({ code: 'role_missing' });
    await expect(createKey(tenancy, await finance.acting(), INGEST)).rejects.toMatchObject({ code: 'role_missing' });
    await expect(listKeys(tenancy, await finance.acting())).rejects.toMatchObject({ code: 'role_missing' });
    const stranger = await createOwner(tenancy);
    const [key] = await listKeys(tenancy, await owner.acting());
    await expect(revokeKey(tenancy, await stranger.acting(), key!.id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await listKeys(tenancy, await stranger.acting())).toEqual([]);
  });
});
