/** Books from before units of usable outcomes had a measure of their own: the migration fills every cell, those of folded and of corrected runs too. */
import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { foldRollups } from './fold-rollups';
import type { Sender } from './record-usage';
import { openTestLedger, type TestLedger } from './testing-ledger';
import { makeScene, writeScene } from './testing-scenes';
import { findImbalances } from './trial-balance';

const MIGRATION = new URL('../../../prisma/migrations/20261121145000_units_usable/migration.sql', import.meta.url);
const TABLES = ['usage_rollup', 'usage_rollup_day', 'customer_rollup', 'customer_rollup_day'];
const NOW = Date.parse('2026-11-21T12:00:00Z');
let ledger: TestLedger;
let admin: Client;

beforeAll(async () => {
  ledger = await openTestLedger({ nowMs: NOW });
  admin = new Client({ connectionString: ledger.test.adminUrl });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await ledger.close();
});

async function unitsOf(sender: Sender): Promise<unknown[]> {
  const sums = TABLES.map((table) => `SELECT '${table}', trim_scale(sum(units_usable))::text AS usable, sum(units) > sum(units_usable) AS less FROM ${table} WHERE tenant_id = $1`);
  return (await admin.query<object>(sums.join(' UNION ALL '), [sender.tenantId])).rows;
}

it('fills what the writer would have written, and leaves the tables as guarded as they were', { timeout: 60_000 }, async () => {
  const senders = [await ledger.createSender({ timeZone: 'Europe/Berlin' }), await ledger.createSender({ timeZone: 'Pacific/Chatham' })];
  for (const [i, sender] of senders.entries()) await writeScene(ledger.writer, makeScene(sender.tenantId, { seed: 21 + i, endMs: Date.parse('2026-08-31T12:00:00Z'), days: 20, calls: 400 }));
  await foldRollups(ledger.db, senders[0]!.tenantId, { nowMs: NOW });
  const before = [await unitsOf(senders[0]!), await unitsOf(senders[1]!)];
  expect(JSON.stringify(before)).not.toContain('"usable":"0"');
  for (const table of TABLES) await admin.query(`ALTER TABLE ${table} DROP COLUMN units_usable`);
  await admin.query(`BEGIN; SET LOCAL ROLE outlay_owner; ${await readFile(MIGRATION, 'utf8')}; COMMIT`);
  for (const sender of senders) expect(await ledger.db.withTenantSnapshot(sender.tenantId, findImbalances)).toEqual([]);
  expect([await unitsOf(senders[0]!), await unitsOf(senders[1]!)]).toEqual(before);
  const { rows } = await admin.query(`SELECT relname FROM pg_class WHERE relname = ANY ($1) AND NOT (relrowsecurity AND relforcerowsecurity)`, [[...TABLES, 'runs', 'tenants']]);
  expect(rows).toEqual([]);
});
