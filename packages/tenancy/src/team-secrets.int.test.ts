import { createSecretBox, loadMasterKey } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTeamSecret, sealTeamSecret } from './team-secrets';

let test: TestDatabase;
let box: ReturnType<typeof createSecretBox>;
beforeAll(async () => {
  test = await createTestDatabase();
  box = createSecretBox(await loadMasterKey({ value: Buffer.alloc(32, 7).toString('base64') }));
});
afterAll(async () => await test.close());

it('seals with one key a team, whoever is first, and opens only where it was sealed for', async () => {
  const { tenantId } = await createTenantFixture(test.db);
  const other = await createTenantFixture(test.db);
  const row = ['channels', 'a', 'secret'];
  const sealed = await Promise.all(['one', 'two'].map(async (secret) => await test.db.withTenant(tenantId, async (tx) => await sealTeamSecret(tx, box, tenantId, row, secret))));
  const open = async (team: string, place: readonly string[], text: string): Promise<string> => await test.db.withTenant(team, async (tx) => await openTeamSecret(tx, box, team, place, text));
  expect(await Promise.all(sealed.map(async (text) => await open(tenantId, row, text)))).toEqual(['one', 'two']);
  await expect(open(tenantId, ['channels', 'b', 'secret'], sealed[0]!)).rejects.toThrow(/does not open/);
  await expect(open(other.tenantId, row, sealed[0]!)).rejects.toThrow(/does not open/);
  expect(sealed.join()).not.toContain('one');
});
