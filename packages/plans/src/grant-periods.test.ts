import { expect, it } from 'vitest';
import { periodGrantsOf } from './grant-periods';
import { type PlanDefinition, planDefinitionSchema } from './plan-definition';
import type { CustomerFacts, PlanFacts } from './resolve-entitlement';

const at = (text: string): number => Date.parse(text);
const plan = (granted: string | null, expires: 'month' | 'quarter' | 'never' = 'month'): PlanDefinition =>
  planDefinitionSchema.parse({ currency: 'USD', baseFee: '0', interval: 'month', ...(granted === null ? {} : { credits: { granted, expires } }) });
const facts: PlanFacts = {
  timeZone: 'Europe/Berlin', defaultPlanId: null, segmentOverrides: new Map(),
  plans: new Map(['a', 'b', 'free'].map((id) => [id, { id, key: id, name: `Plan ${id}` }])),
  versions: new Map([
    { id: 'a1', planId: 'a', definition: plan('100') }, { id: 'a2', planId: 'a', definition: plan('150') }, { id: 'b1', planId: 'b', definition: plan('500', 'quarter') }, { id: 'free1', planId: 'free', definition: plan(null) },
  ].map((version) => [version.id, { ...version, number: 1, migrates: 'now' as const, fromMs: 0 }])),
};
const customer = (...assignments: readonly (readonly [version: string, from: string])[]): CustomerFacts => ({
  terms: [{ segment: null, timeZone: null, anchorDay: '2026-08-31', fromMs: 0 }], overrides: [], assignments: assignments.map(([planVersionId, from], n) => ({ id: `${n}`, planVersionId, fromMs: at(from) })),
});
const told = (rows: CustomerFacts, now: string): string[] => periodGrantsOf(facts, rows, at(now)).map((grant) =>
  `${grant.planId} ${grant.periodDay} ${grant.amount} ${new Date(grant.fromMs).toISOString()} ${grant.expiresMs === null ? 'never' : new Date(grant.expiresMs).toISOString()}`);

it('grants each period that has not expired once, in local days, with anchors at the end of a month', () => {
  expect(told(customer(['b1', '2026-08-30T22:00:00Z']), '2026-11-21T10:00:00Z')).toEqual([
    'b 2026-08-31 500 2026-08-30T22:00:00.000Z 2026-11-29T23:00:00.000Z',
    'b 2026-09-30 500 2026-09-29T22:00:00.000Z 2026-12-30T23:00:00.000Z',
    'b 2026-10-31 500 2026-10-30T23:00:00.000Z 2027-01-30T23:00:00.000Z',
  ]);
});

it('grants at once when a plan begins within a period, and again for another plan, but not for the same one twice', () => {
  const rows = customer(['a1', '2026-11-05T12:00:00Z'], ['a2', '2026-11-10T12:00:00Z'], ['b1', '2026-11-12T12:00:00Z'], ['free1', '2026-11-14T12:00:00Z'], ['a2', '2026-11-15T12:00:00Z']);
  expect(told(rows, '2026-11-21T10:00:00Z')).toEqual([
    'a 2026-10-31 100 2026-11-05T12:00:00.000Z 2026-11-29T23:00:00.000Z', 'b 2026-10-31 500 2026-11-12T12:00:00.000Z 2027-01-30T23:00:00.000Z',
  ]);
  expect(told(rows, '2026-12-01T10:00:00Z')).toEqual(['b 2026-10-31 500 2026-11-12T12:00:00.000Z 2027-01-30T23:00:00.000Z', 'a 2026-11-30 150 2026-11-29T23:00:00.000Z 2026-12-30T23:00:00.000Z']);
});

it('grants nothing under a plan without credits, nor before it begins', () => {
  expect(told(customer(['free1', '2026-11-05T12:00:00Z']), '2026-11-21T10:00:00Z')).toEqual([]);
  expect(told(customer(['a1', '2026-12-05T12:00:00Z']), '2026-11-21T10:00:00Z')).toEqual([]);
});
