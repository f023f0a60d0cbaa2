/** Books from before fallbacks had a measure of their own: put right by the migration, or, for an archived month, when it comes back. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ArchivedMonth, archiveMonth, dropMonth } from './archive-month';
import { createArchiveSeal } from './archive-seal';
import { foldRollups } from './fold-rollups';
import type { Sender } from './record-usage';
import { restoreMonth } from './restore-month';
import { openTestLedger, type TestLedger } from './testing-ledger';
import { makeScene, writeScene } from './testing-scenes';
import { findImbalances } from './trial-balance';

const MIGRATION = new URL('../../../prisma/migrations/20261121131000_fallback_cost/migration.sql', import.meta.url);
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

const imbalancesOf = (sender: Sender): ReturnType<typeof findImbalances> => ledger.db.withTenantSnapshot(sender.tenantId, findImbalances);

async function costsOf(sender: Sender): Promise<unknown[]> {
  const sums = TABLES.map((table) => `SELECT '${table}', sum(retry_cost_pico)::text AS retry, sum(fallback_cost_pico)::text AS fallback FROM ${table} WHERE tenant_id = $1`);
  return (await admin.query<object>(sums.join(' UNION ALL '), [sender.tenantId])).rows;
}

async function createHistory(seed: number, timeZone: string, calls = 400): Promise<Sender> {
  const sender = await ledger.createSender({ timeZone });
  await writeScene(ledger.writer, makeScene(sender.tenantId, { seed, endMs: Date.parse('2026-08-31T12:00:00Z'), days: 85, calls }));
  return sender;
}

it('the migration parts every cell, and leaves the tables as guarded as they were', { timeout: 60_000 }, async () => {
  const [berlin, chatham] = [await createHistory(11, 'Europe/Berlin'), await createHistory(12, 'Pacific/Chatham')];
  await foldRollups(ledger.db, berlin.tenantId, { nowMs: NOW });
  const costs = [await costsOf(berlin), await costsOf(chatham)];
  expect(JSON.stringify(costs)).not.toContain('"fallback":"0"');
  // As it was before: one column for both.
  for (const table of TABLES) {
    await admin.query(`UPDATE ${table} SET retry_cost_pico = retry_cost_pico + fallback_cost_pico`);
    await admin.query(`ALTER TABLE ${table} DROP COLUMN fallback_cost_pico`);
  }
  await admin.query(`BEGIN; SET LOCAL ROLE outlay_owner; ${await readFile(MIGRATION, 'utf8')}; COMMIT`);
  for (const sender of [berlin, chatham]) expect(await imbalancesOf(sender)).toEqual([]);
  expect([await costsOf(berlin), await costsOf(chatham)]).toEqual(costs);
  const { rows } = await admin.query(`SELECT relname FROM pg_class WHERE relname = ANY ($1) AND NOT (relrowsecurity AND relforcerowsecurity)`, [[...TABLES, 'usage_events', 'tenants']]);
  expect(rows).toEqual([]);
});

it('a month that was archived earlier keeps one sum in its total and its cells, and is parted when it comes back', { timeout: 60_000 }, async () => {
  const sender = await createHistory(13, 'Asia/Kathmandu', 900);
  const before = await costsOf(sender);
  const seal = createArchiveSeal({ bytes: Buffer.alloc(32, 7) });
  const content = new Map<string, string[]>();
  const archived = await archiveMonth(ledger.db, '2026-07', seal, {
    write: async (tenantId, month, lines) => {
      const kept: string[] = [];
      for await (const line of lines) kept.push(line);
      content.set(`${month}/${tenantId}`, kept);
      return { file: `${month}/${tenantId}`, contentSha256: createHash('sha256').update(kept.map((line) => `${line}\n`).join('')).digest('hex') };
    },
  }, () => undefined);
  const old: ArchivedMonth = { month: archived.month, teams: archived.teams.map(({ facts, file }) => {
    const { fallback_cost_pico: fallback, retry_cost_pico: retry, ...others } = facts.totals.measures;
    const sealed = { ...facts, totals: { ...facts.totals, measures: { ...others, retry_cost_pico: String(BigInt(retry!) + BigInt(fallback!)) } } };
    return { facts: sealed, file, seal: seal.seal(sealed) };
  }) };
  // As the migration leaves it: the total says nothing of fallbacks, and no cell of its rows was touched.
  for (const team of old.teams) await admin.query('UPDATE archived_totals SET totals = $2, seal = $3 WHERE tenant_id = $1', [team.facts.tenant_id, JSON.stringify(team.facts.totals), team.seal]);
  for (const [table, time] of [['usage_rollup', 'bucket'], ['usage_rollup_day', 'day'], ['customer_rollup', 'bucket'], ['customer_rollup_day', 'day']] as const) {
    const dimensions = table.startsWith('usage') ? `environment, workflow, provider, coalesce(model_served, model_requested, '')` : `customer_id, '00000000-0000-0000-0000-000000000000'::uuid, workflow`;
    const named = table.startsWith('usage') ? 'environment, workflow, provider, model' : 'customer_id, plan_version_id, workflow';
    const at = `date_bin('15 minutes', occurred_at, '2000-01-01T00:00:00Z')`;
    const filled = dimensions.replace(/\b(customer_id|workflow|provider)\b/g, `coalesce($1, '')`);
    await admin.query(`INSERT INTO ${table} AS r (tenant_id, ${time}, ${named}, slot, retry_cost_pico, fallback_cost_pico)
      SELECT tenant_id, ${time === 'day' ? `(${at} AT TIME ZONE (SELECT time_zone FROM tenants t WHERE t.id = tenant_id))::date` : at}, ${filled}, 63, sum(cost_pico), -sum(cost_pico)
      FROM usage_events_202607 WHERE subject = 'call' AND attempt_kind = 'fallback' AND cost_pico <> 0 GROUP BY 1, 2, 3, 4, 5${table.startsWith('usage') ? ', 6' : ''}`);
  }
  await dropMonth(ledger.db, '2026-07');
  expect(await imbalancesOf(sender)).toEqual([]);
  expect(await costsOf(sender)).not.toEqual(before);
  await restoreMonth(ledger.db, old, seal, async function* ({ file }) {
    yield* content.get(file)!;
  }, () => undefined);
  expect(await imbalancesOf(sender)).toEqual([]);
  expect(await costsOf(sender)).toEqual(before);
});
