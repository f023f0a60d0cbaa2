/** What holds at a moment, checked against a slow and obvious model over random histories. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { windowAt } from './calendar-window';
import { type PlanDefinition, planDefinitionSchema } from './plan-definition';
import { resolveCustomer } from './resolve-customer';
import { type AssignmentFact, changesOf, type CustomerFacts, followingVersions, type OverrideFact, type PlanFacts, renewalAfter, resolveEntitlement, type TermsFact, type VersionFact } from './resolve-entitlement';

const definition = (baseFee: number): PlanDefinition => planDefinitionSchema.parse({
  currency: 'USD', baseFee: String(baseFee), interval: 'month', allowances: [{ id: 'actions', unit: 'action', included: '10', exhausted: { mode: 'hard' } }],
});
const byTime = <T extends { fromMs: number }>(rows: readonly T[]): T[] => [...rows].sort((a, b) => a.fromMs - b.fromMs);

const time = fc.integer({ min: 0, max: 30 });
const versions: VersionFact[] = [0, 1, 2, 3].map((n) => ({ id: `v${n}`, planId: n < 2 ? 'p' : 'q', number: (n % 2) + 1, definition: definition(n), migrates: 'now', fromMs: 0 }));
const assignments = fc.array(fc.record({ planVersionId: fc.constantFrom('v0', 'v1', 'v2', 'v3'), fromMs: time }), { maxLength: 5 })
  .map((rows): AssignmentFact[] => byTime(rows.map((row, i) => ({ ...row, id: `a${i}` }))));
const overrides = (letter: string) => fc.array(fc.record({ fee: fc.option(fc.integer({ min: 100, max: 999 })), included: fc.integer({ min: 0, max: 99 }), fromMs: time, broken: fc.boolean() }), { maxLength: 4 })
  .map((rows): OverrideFact[] => byTime(rows.map(({ fee, included, fromMs, broken }, i) => ({
    id: `${letter}${i}`, fromMs,
    patch: fee === null ? null : broken ? { allowances: [{ id: 'no_such', included: String(included) }] } : letter === 's' ? { baseFee: String(fee) } : { allowances: [{ id: 'actions', included: String(included) }] },
  }))));
const terms = fc.array(fc.record({ segment: fc.option(fc.constantFrom('gold', 'silver')), fromMs: time }), { minLength: 1, maxLength: 3 })
  .map((rows): TermsFact[] => byTime(rows.map((row) => ({ ...row, timeZone: null, anchorDay: '2026-01-31' }))));

const world = fc.record({ assignments, overrides: overrides('c'), terms, gold: overrides('s') }).map(({ gold, ...customer }): { facts: PlanFacts; customer: CustomerFacts } => ({
  customer,
  facts: {
    timeZone: 'UTC', plans: new Map(['p', 'q'].map((id) => [id, { id, key: id, name: id }])), versions: new Map(versions.map((version) => [version.id, version])),
    segmentOverrides: new Map([['gold', gold]]), defaultPlanId: null,
  },
}));

/** The last row whose time has come, by walking all of them. */
function last<T extends { fromMs: number }>(rows: readonly T[], atMs: number): T | undefined {
  let found: T | undefined;
  for (const row of rows) if (row.fromMs <= atMs) found = row;
  return found;
}

it('answers the version that was assigned last, with the segment\'s override below the customer\'s, and since when', () => {
  fc.assert(fc.property(world, time, ({ facts, customer }, atMs) => {
    const resolved = resolveEntitlement(facts, customer, atMs);
    const assignment = last(customer.assignments, atMs);
    expect(resolved?.version.id ?? null).toBe(assignment?.planVersionId ?? null);
    if (resolved === null) return;
    const own = last(customer.overrides, atMs);
    const held = last(customer.terms, atMs) ?? customer.terms[0]!;
    const ofSegment = held.segment === 'gold' ? last(facts.segmentOverrides.get('gold')!, atMs) : undefined;
    const fits = (row: OverrideFact | undefined): row is OverrideFact => row !== undefined && row.patch !== null && !JSON.stringify(row.patch).includes('no_such');
    expect(resolved.overrides).toEqual([ofSegment, own].filter(fits).map(({ id }) => id));
    expect(resolved.definition.baseFee).toBe(fits(ofSegment) ? ofSegment.patch!['baseFee'] : facts.versions.get(resolved.version.id)!.definition.baseFee);
    const times = [assignment, ofSegment, own, last(customer.terms, atMs)].flatMap((row) => row?.fromMs ?? []);
    expect(Date.parse(resolved.since)).toBe(Math.max(...times));
  }));
});

it('changes at the moments that it names and at no other, also as memory keeps it', () => {
  fc.assert(fc.property(world, fc.array(time, { maxLength: 8 }), ({ facts, customer }, moments) => {
    const changes = new Set(changesOf(facts, customer));
    for (let atMs = 1; atMs <= 31; atMs++) if (!changes.has(atMs)) expect(resolveEntitlement(facts, customer, atMs)).toEqual(resolveEntitlement(facts, customer, atMs - 1));
    const record = { ...customer, customerId: 'acme', name: '', source: 'api', createdAt: '', suspended: null, riskLiftedUntil: null };
    for (const atMs of moments) expect(resolveCustomer(facts, 'acme', record, atMs, atMs).entitlement).toEqual(resolveEntitlement(facts, customer, atMs));
  }));
});

it('moves customers along scheduled versions: in order, never before a version is in force, at a renewal where that is asked', () => {
  const DAY = 86_400_000;
  const schedule = fc.array(fc.record({ day: fc.integer({ min: 1, max: 120 }), migrates: fc.constantFrom('now' as const, 'renewal' as const, 'grandfather' as const) }), { maxLength: 5 });
  const start = Date.parse('2026-02-10T00:00:00Z');
  fc.assert(fc.property(schedule, (list) => {
    const first: VersionFact = { ...versions[0]!, number: 1, fromMs: start };
    const later = list.map(({ day, migrates }, i): VersionFact => ({ ...first, id: `n${i}`, number: i + 2, migrates, fromMs: start + day * DAY }));
    const facts: PlanFacts = { timeZone: 'UTC', plans: new Map(), versions: new Map([first, ...later].map((version) => [version.id, version])), segmentOverrides: new Map(), defaultPlanId: 'p' };
    const held: TermsFact = { segment: null, timeZone: 'Asia/Kathmandu', anchorDay: '2026-01-31', fromMs: start };
    const rows = followingVersions(facts, first, held, start);
    const calendar = { timeZone: 'Asia/Kathmandu', anchorDay: '2026-01-31', interval: 'month' } as const;
    rows.forEach((row, i) => {
      const version = facts.versions.get(row.planVersionId)!;
      expect(version.migrates).not.toBe('grandfather');
      expect(row.fromMs).toBeGreaterThanOrEqual(version.fromMs);
      if (i > 0) expect(row.fromMs).toBeGreaterThan(rows[i - 1]!.fromMs);
      if (version.migrates === 'now') expect(row.fromMs).toBe(version.fromMs);
      else expect(windowAt('period', row.fromMs, calendar).startMs).toBe(row.fromMs);
    });
  }));
  expect(renewalAfter(Date.parse('2026-02-28T00:00:00Z'), { timeZone: 'UTC', anchorDay: '2026-01-31', interval: 'month' })).toBe(Date.parse('2026-02-28T00:00:00Z'));
});
