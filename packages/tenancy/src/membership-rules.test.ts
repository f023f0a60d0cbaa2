import { describe, expect, it } from 'vitest';
import { decideInvitation, decideLeaving, decideRemoval, decideRoleChange, type Standing } from './membership-rules';
import { ROLES } from './roles';

const team: Standing[] = [
  { userId: 'olga', role: 'owner' },
  { userId: 'omar', role: 'owner' },
  { userId: 'ada', role: 'admin' },
  { userId: 'fin', role: 'finance' },
  { userId: 'dev', role: 'developer' },
];
const oneOwner = team.filter(({ userId }) => userId !== 'omar');

describe('changing a role', () => {
  it('lets owner and admin change others, and says the role before', () => {
    expect(decideRoleChange(team, 'olga', 'dev', 'admin')).toEqual({ ok: true, value: { from: 'developer' } });
    expect(decideRoleChange(team, 'ada', 'dev', 'finance')).toEqual({ ok: true, value: { from: 'developer' } });
  });

  it.each(['fin', 'dev', 'stranger'])('refuses %s', (actor) => {
    expect(decideRoleChange(team, actor, 'dev', 'viewer')).toMatchObject({ ok: false, error: { code: 'role_missing' } });
  });

  it('refuses an admin who makes, changes or removes an owner', () => {
    expect(decideRoleChange(team, 'ada', 'ada', 'owner')).toMatchObject({ error: { code: 'role_missing', field: 'role' } });
    expect(decideRoleChange(team, 'ada', 'olga', 'viewer')).toMatchObject({ error: { code: 'role_missing' } });
    expect(decideRemoval(team, 'ada', 'olga')).toMatchObject({ error: { code: 'role_missing' } });
  });

  it('keeps the last owner, whoever asks', () => {
    expect(decideRoleChange(oneOwner, 'olga', 'olga', 'viewer')).toMatchObject({ error: { code: 'last_owner' } });
    expect(decideRoleChange(oneOwner, 'olga', 'olga', 'owner')).toMatchObject({ ok: true });
    expect(decideRoleChange(team, 'olga', 'olga', 'viewer')).toMatchObject({ ok: true });
  });

  it('does not know people of other teams', () => {
    expect(decideRoleChange(team, 'olga', 'stranger', 'viewer')).toMatchObject({ error: { code: 'not_found', field: 'userId' } });
    expect(decideRemoval(team, 'olga', 'stranger')).toMatchObject({ error: { code: 'not_found', field: 'userId' } });
  });
});

describe('leaving', () => {
  it('lets everybody go but the last owner', () => {
    expect(decideLeaving(team, 'olga')).toEqual({ ok: true, value: { from: 'owner' } });
    expect(decideLeaving(team, 'dev')).toEqual({ ok: true, value: { from: 'developer' } });
    expect(decideLeaving(oneOwner, 'olga')).toMatchObject({ error: { code: 'last_owner' } });
    expect(decideLeaving(team, 'stranger')).toMatchObject({ error: { code: 'not_found' } });
  });

  it('is what removing oneself means, for any role', () => {
    expect(decideRemoval(team, 'dev', 'dev')).toEqual({ ok: true, value: { from: 'developer' } });
    expect(decideRemoval(oneOwner, 'olga', 'olga')).toMatchObject({ error: { code: 'last_owner' } });
  });
});

it('lets an owner invite anybody, an admin anybody but owners, others nobody', () => {
  const allowed = ROLES.flatMap((inviter) => ROLES.filter((invited) => decideInvitation(inviter, invited).ok).map((invited) => `${inviter} ${invited}`));
  expect(allowed).toEqual([
    'owner owner', 'owner admin', 'owner finance', 'owner developer', 'owner viewer', 'admin admin', 'admin finance', 'admin developer', 'admin viewer',
  ]);
});
