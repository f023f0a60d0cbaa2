/** Law: what users, features and keys used by their counters is what the ledger sums to, whenever the scope was opened, corrections and late rows included. */
import { BUCKET_MS, DAY_MS } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { APART_COLUMNS, APART_MEASURES, CAP_SCOPES_APART, SUBJECT_SQL } from './cap-scope';
import type { CounterAsk } from './counter-ask';
import { fillCapScopes, listUnfilledScopes, openCapScope } from './open-cap-scope';
import { readUsedAt } from './read-used-at';
import { openTestLedger, type TestLedger } from './testing-ledger';
import { makeScene, type Scene } from './testing-scenes';
import { createLedgerWriter, type LedgerWriter } from './writer';

const NOW = Date.parse('2026-11-21T12:00:00Z');
let ledger: TestLedger;
let other: LedgerWriter;

beforeAll(async () => {
  ledger = await openTestLedger({ nowMs: NOW });
  other = await createLedgerWriter(ledger.db);
});

afterAll(async () => {
  await other.close();
  await ledger.close();
});

/** Counters and ledger, side by side, where they differ. */
async function differences(tx: PoolClient): Promise<unknown[]> {
  const told = CAP_SCOPES_APART.map((scope) => `SELECT '${scope}' AS scope, ${SUBJECT_SQL[scope]} AS subject, date_bin('15 minutes', e.occurred_at, '2000-01-01T00:00:00Z') AS bucket,
    ${APART_MEASURES.map(({ name, sql }) => `sum(${sql})::numeric AS ${name}`).join(', ')} FROM usage_events e WHERE ${SUBJECT_SQL[scope]} <> '' GROUP BY 2, 3`).join(' UNION ALL ');
  const { rows } = await tx.query(`SELECT scope, subject, bucket, to_jsonb(l) AS ledger, to_jsonb(u) AS counter FROM (${told}) l
    FULL JOIN (SELECT scope, subject, bucket, ${APART_COLUMNS.map((name) => `sum(${name})::numeric AS ${name}`).join(', ')} FROM cap_usage GROUP BY 1, 2, 3) u USING (scope, subject, bucket)
    WHERE ${APART_COLUMNS.map((name) => `coalesce(l.${name}, 0) <> coalesce(u.${name}, 0)`).join(' OR ')}`);
  return rows;
}

/** In small groups and by two writers at once, so that scopes open between any two of them. */
async function write(scene: Scene, between: (n: number) => Promise<unknown> | undefined): Promise<void> {
  const steps: Promise<unknown>[] = [];
  for (let i = 0; i < scene.units.length; i += 3) {
    steps.push((i % 2 === 0 ? ledger.writer : other).submit(scene.units.slice(i, i + 3)));
    const step = between(i);
    if (step !== undefined) steps.push(step);
    if (steps.length % 12 === 0) await Promise.race(steps.slice(-12));
  }
  await Promise.all(steps);
}

async function makeTeam(seed: number): Promise<{ tenantId: string; scene: Scene }> {
  const { tenantId } = await ledger.createSender({ timeZone: 'Asia/Kathmandu' });
  const made = makeScene(tenantId, { seed, endMs: NOW, calls: 400, days: 30 });
  const keyed = new Map(made.rows.map((row, i) => [row, { ...row, api_key_id: i % 3 === 0 ? null : `00000000-0000-7000-8000-00000000000${i % 3}` }]));
  return { tenantId, scene: { rows: [...keyed.values()], units: made.units.map(({ rows }) => ({ rows: rows.map((row) => keyed.get(row) ?? row) })) } };
}

const differencesOf = (tenantId: string): Promise<unknown[]> => ledger.db.withTenantSnapshot(tenantId, differences);
const asksOf = (fromMs: number, toMs: number): CounterAsk[] => ([['user', 'u1'], ['feature', 'rag'], ['key', '00000000-0000-7000-8000-000000000001']] as const).flatMap(([scope, subject]) =>
  (['cost', 'units', 'tokens', 'calls'] as const).map((metric) => ({ key: `${scope} ${metric}`, scope, subject, metric, usableOnly: false, fromMs, toMs, workflows: null })));

it('counters are the ledger\'s sums, although scopes opened while writers were at work', { timeout: 120_000 }, async () => {
  const { tenantId, scene } = await makeTeam(31);
  const bystander = await makeTeam(32);
  await Promise.all([
    write(scene, (n) => (n === 60 ? openCapScope(ledger.db, tenantId, 'user') : n === 150 ? openCapScope(ledger.db, tenantId, 'feature') : n === 240 ? openCapScope(ledger.db, tenantId, 'key') : undefined)),
    write(bystander.scene, () => undefined),
  ]);
  expect(await openCapScope(ledger.db, tenantId, 'user')).toBe(false);
  const whole = asksOf(NOW - 40 * DAY_MS, NOW + BUCKET_MS);
  const read = async (): Promise<Map<string, number>> => (await ledger.db.withTenantSnapshot(tenantId, (tx) => readUsedAt(tx, tenantId, whole, 'Asia/Kathmandu'))).used;
  // Until a scope is filled its sum comes from the ledger.
  const before = await read();
  expect(await listUnfilledScopes(ledger.db)).toContain(tenantId);
  expect((await differencesOf(tenantId)).length).toBeGreaterThan(0);
  // Two workers at once: each row is added once.
  const filled = await Promise.all([fillCapScopes(ledger.db, tenantId, NOW), fillCapScopes(ledger.db, tenantId, NOW)]);
  expect(filled.sort()).toEqual([0, 3]);
  expect(await differencesOf(tenantId)).toEqual([]);
  expect(await read()).toEqual(before);
  expect([...before.values()].every((sum) => sum > 0)).toBe(true);
  expect(await listUnfilledScopes(ledger.db)).not.toContain(tenantId);
  expect((await ledger.db.withTenantSnapshot(bystander.tenantId, (tx) => tx.query('SELECT FROM cap_usage'))).rowCount).toBe(0);
});

it('counts what comes after the scope was filled, and nothing twice when it is sent again', { timeout: 60_000 }, async () => {
  const { tenantId, scene } = await makeTeam(33);
  for (const scope of CAP_SCOPES_APART) await openCapScope(ledger.db, tenantId, scope);
  expect(await fillCapScopes(ledger.db, tenantId, NOW)).toBe(3);
  await write(scene, () => undefined);
  await write(scene, () => undefined);
  expect(await differencesOf(tenantId)).toEqual([]);
});
