/** An owner deletes a team: under its exact name, told to every owner, taken back by any of them. */
import { listLetters } from '@outlay/platform';
import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeRole } from './change-members';
import { listAudit } from './list-audit';
import { findErasures } from './store-erasures';
import { cancelTeamErasure, readTeamErasure, requestTeamErasure } from './team-erasure';
import type { Tenancy } from './tenancy';
import { createColleague, createOwner, createTestTenancy } from './testing';

let test: TestDatabase;
let tenancy: Tenancy;

beforeAll(async () => {
  test = await createTestDatabase();
  tenancy = createTestTenancy(test.db);
});

afterAll(async () => {
  await tenancy.close();
  await test.close();
});

it('goes from a wrong name to a request that everybody sees, and back', async () => {
  const owner = await createOwner(tenancy, { teamName: 'Harbour & Co', name: 'Ola' });
  const second = await createColleague(tenancy, owner, 'admin');
  const viewer = await createColleague(tenancy, owner, 'viewer');
  const acting = await owner.acting();
  await changeRole(tenancy, acting, second.userId, 'owner');
  for (const wrong of ['', 'harbour & co', 'Harbour & Co ', 'Harbour']) {
    await expect(requestTeamErasure(tenancy, acting, wrong), wrong).rejects.toMatchObject({ code: 'invalid_input', field: 'name', message: expect.stringContaining('Harbour & Co') });
  }
  expect(await readTeamErasure(tenancy, acting)).toBeNull();
  await expect(cancelTeamErasure(tenancy, acting)).rejects.toMatchObject({ code: 'conflict' });

  const asked = await requestTeamErasure(tenancy, acting, 'Harbour & Co');
  expect(asked.requestedBy).toBe('Ola');
  expect(Math.round((asked.eraseAfter.getTime() - Date.now()) / 86_400_000)).toBe(7);
  expect(await readTeamErasure(tenancy, await viewer.acting())).toEqual(asked);
  await expect(requestTeamErasure(tenancy, acting, 'Harbour & Co')).rejects.toMatchObject({ code: 'conflict' });
  const letters = (await listLetters(test.db)).filter(({ subject }) => subject === 'Harbour & Co on Outlay will be deleted');
  expect(letters.map(({ to }) => to).sort()).toEqual([owner.email, second.email].sort());
  expect(letters[0]!.text).toMatch(/Ola asked to delete the team Harbour & Co .* and cannot be undone/s);
  expect(letters[0]!.text).toContain('/settings/data');

  // The other owner keeps it.
  await cancelTeamErasure(tenancy, await second.acting());
  expect(await readTeamErasure(tenancy, acting)).toBeNull();
  expect((await findErasures(test.db)).some(({ tenantId }) => tenantId === owner.tenantId)).toBe(false);
  expect((await listLetters(test.db)).filter(({ subject }) => subject === 'Harbour & Co on Outlay will not be deleted')).toHaveLength(2);
  const { rows } = await listAudit(tenancy, acting, { action: 'team' });
  expect(rows.slice(0, 2).map(({ action, after, before }) => [action, after ?? before])).toEqual([
    ['team.erasure_cancelled', { eraseAfter: asked.eraseAfter.toISOString() }], ['team.erasure_requested', { eraseAfter: asked.eraseAfter.toISOString() }],
  ]);
});

it('is for owners only', async () => {
  const owner = await createOwner(tenancy, { teamName: 'Guarded' });
  for (const role of ['admin', 'finance', 'developer', 'viewer'] as const) {
    const acting = await (await createColleague(tenancy, owner, role)).acting();
    await expect(requestTeamErasure(tenancy, acting, 'Guarded'), role).rejects.toMatchObject({ code: 'role_missing' });
    await expect(cancelTeamErasure(tenancy, acting), role).rejects.toMatchObject({ code: 'role_missing' });
  }
  expect(await readTeamErasure(tenancy, await owner.acting())).toBeNull();
});
