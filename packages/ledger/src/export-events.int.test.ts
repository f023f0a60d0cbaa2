import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseDecimal, toPico } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { until } from '@outlay/platform/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENT_COLUMNS } from './columns';
import { formatCut, parseCut, readCut } from './cut';
import type { EventFilter } from './event-filter';
import { exportEvents, type ExportFormat } from './export-events';
import type { Sender } from './record-usage';
import { parseCsv } from './testing-csv';
import { openTestLedger, type TestLedger } from './testing-ledger';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});

afterAll(async () => {
  await ledger?.close();
});

const HOUR_MS = 3_600_000;
const START = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 100 * HOUR_MS;

function callAt(n: number, change: Record<string, unknown> = {}): Record<string, unknown> & { id: string } {
  const occurredMs = START + n * 60_000;
  return {
    id: newId(occurredMs), occurred_at: new Date(occurredMs).toISOString(), customer_id: 'acme', workflow: 'report', provider: 'openai', model_requested: 'gpt', request_id: `req-${n}`,
    quantities: { input_uncached: n }, ...change,
  };
}

async function textOf(sender: Sender, format: ExportFormat, filter: EventFilter = {}, options: Parameters<typeof exportEvents>[4] = {}): Promise<{ text: string; cut: string }> {
  const { cut, chunks } = await exportEvents(ledger.db, sender.tenantId, filter, format, options);
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return { text, cut: formatCut(cut) };
}

const linesOf = (text: string): Record<string, unknown>[] => text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);

describe('an export', () => {
  it('has every row of the filter once, oldest first, in both forms', async () => {
    const sender = await ledger.createSender();
    const calls = Array.from({ length: 53 }, (_, n) => callAt(n, { customer_id: n % 2 ? 'acme' : '=globex, "Inc"\r\n', workflow: n % 3 ? 'report' : undefined }));
    await ledger.record(sender, calls.toReversed());
    await ledger.record(sender, [{ ...callAt(5), id: undefined, idempotency_key: 'key', request_id: 'keyed' }]);
    await ledger.correct(sender, [{ original_id: calls[3]!.id, revision: 0, set: { quantities: { input_uncached: 1_000 } }, reason: 'a test' }]);
    const rows = linesOf((await textOf(sender, 'jsonl', {}, { rowsPerBatch: 10 })).text);
    expect(rows).toHaveLength(53 + 1 + 2);
    expect(rows.map((row) => row['occurred_at'])).toEqual(rows.map((row) => row['occurred_at']).sort());
    expect(new Set(rows.map((row) => row['id'])).size).toBe(56);
    // 0 + 1 + ... + 52 tokens at 3 pico-dollars, 5 more under the key, 1,000 instead of 3.
    const picos = rows.map((row) => toPico(parseDecimal(String(row['cost_usd']))!));
    expect(rows.reduce((sum, row) => sum + Number(row['input_uncached']), 0)).toBe(1_378 + 5 + 997);
    expect(picos.reduce((sum, pico) => sum + pico, 0n)).toBe(BigInt(3 * (1_378 + 5 + 997)));
    const [header, ...records] = parseCsv((await textOf(sender, 'csv', {}, { rowsPerBatch: 7 })).text);
    const column = (name: string): string[] => records.map((record) => record[header!.indexOf(name)]!);
    expect(column('id')).toEqual(rows.map((row) => row['id']));
    expect(column('cost_usd')).toEqual(rows.map((row) => row['cost_usd']));
    expect(new Set(column('customer_id'))).toEqual(new Set(['acme', `'=globex, "Inc"\r\n`]));
    expect(column('workflow').filter((name) => name === '')).toHaveLength(rows.filter((row) => row['workflow'] === null).length);
    const filtered = linesOf((await textOf(sender, 'jsonl', { customerId: 'acme', workflow: 'report', fromMs: START + 10 * 60_000, toMs: START + 30 * 60_000 })).text);
    expect(filtered.map((row) => row['request_id'])).toEqual([11, 13, 17, 19, 23, 25, 29].map((n) => `req-${n}`));
  });

  it('of nothing is a header, or nothing', async () => {
    const sender = await ledger.createSender();
    expect(parseCsv((await textOf(sender, 'csv')).text)).toHaveLength(1);
    expect((await textOf(sender, 'jsonl')).text).toBe('');
  });
});

describe('a cut (law 11)', () => {
  it('never gains a row: not those inserted while it is read, late ones and corrections too', async () => {
    const sender = await ledger.createSender();
    const calls = Array.from({ length: 30 }, (_, n) => callAt(n * 2));
    await ledger.record(sender, calls);
    const { chunks, cut } = await exportEvents(ledger.db, sender.tenantId, {}, 'jsonl', { rowsPerBatch: 4 });
    let text = '';
    let n = 0;
    for await (const chunk of chunks) {
      text += chunk;
      await ledger.record(sender, [callAt(1 + (n * 2)), callAt(500 + n), { ...callAt(33), id: undefined, idempotency_key: `late-${n}` }]);
      await ledger.correct(sender, [{ original_id: calls[n]!.id, revision: 0, set: { customer_id: 'globex' }, reason: 'a test' }]);
      n += 1;
    }
    expect(n).toBeGreaterThan(5);
    expect(linesOf(text).map((row) => row['id'])).toEqual(calls.map(({ id }) => id));
    const again = await textOf(sender, 'jsonl', {}, { cut, rowsPerBatch: 11 });
    expect(again.text).toBe(text);
    expect(linesOf((await textOf(sender, 'jsonl')).text)).toHaveLength(30 + n * 5);
  });

  it('given again as text gives the same bytes, for a search too, whatever came later', async () => {
    const sender = await ledger.createSender();
    await ledger.record(sender, [callAt(1, { provider_request_id: 'abc' }), callAt(2)]);
    const before = { all: await textOf(sender, 'csv'), search: await textOf(sender, 'csv', { search: 'abc' }) };
    expect(parseCsv(before.search.text)).toHaveLength(2);
    // By now the text is a run and a request id as well.
    await ledger.record(sender, [callAt(0, { run_id: 'abc' }), callAt(4, { request_id: 'abc' })]);
    for (const [filter, first] of [[{}, before.all], [{ search: 'abc' }, before.search]] as const) {
      const cut = parseCut(first.cut);
      if (!cut.ok) throw new Error(cut.error.message);
      expect(await textOf(sender, 'csv', filter, { cut: cut.value, rowsPerBatch: 1 })).toEqual(first);
    }
    expect(parseCsv((await textOf(sender, 'csv', { search: 'abc' })).text)).toHaveLength(3);
  });

  it('holds what was committed and nothing that was under way, with several writers at work', async () => {
    const sender = await ledger.createSender();
    const acknowledged: string[] = [];
    const traffic = Promise.all([0, 1, 2].map(async () => {
      for (let batches = 0; batches < 60; batches++) {
        const batch = Array.from({ length: 5 }, (_, n) => callAt(n));
        await ledger.record(sender, batch);
        acknowledged.push(...batch.map(({ id }) => id));
      }
    }));
    for (let round = 0; round < 6; round++) {
      await until('more rows', () => acknowledged.length >= round * 100 + 5);
      const before = acknowledged.slice();
      const first = await textOf(sender, 'jsonl', {}, { rowsPerBatch: 100 });
      const ids = new Set(linesOf(first.text).map((row) => row['id']));
      expect(before.every((id) => ids.has(id))).toBe(true);
      const cut = parseCut(first.cut);
      expect(cut.ok && (await textOf(sender, 'jsonl', {}, { cut: cut.value })).text).toBe(first.text);
    }
    await traffic;
  });

  it('is refused when it lies ahead or is none', async () => {
    const sender = await ledger.createSender();
    await ledger.record(sender, [callAt(1)]);
    const present = await ledger.db.withTenantSnapshot(sender.tenantId, readCut);
    const ahead = { ...present, batches: new Map([...present.batches].map(([slot, batch]) => [slot, batch + 1n])) };
    await expect(exportEvents(ledger.db, sender.tenantId, {}, 'csv', { cut: ahead })).rejects.toMatchObject({ code: 'invalid_input', field: 'cut' });
    for (const text of ['', '@', '0:1', '64:1@2026-11-21T10:00:00.000Z', '0:1@2026-13-41T10:00:00.000Z', '0:-1@2026-11-21T10:00:00.000Z']) expect(parseCut(text)).toMatchObject({ ok: false, error: { field: 'cut' } });
    expect(parseCut('@2026-11-21T10:00:00.000Z')).toMatchObject({ ok: true });
  });
});

describe('an export of very many rows', () => {
  it('keeps neither rows nor a connection', async () => {
    const rowsTotal = 50_000;
    const sender = await ledger.createSender();
    await ledger.record(sender, [callAt(0, { feature: 'x'.repeat(200) })]);
    await multiply(sender.tenantId, rowsTotal - 1);
    const { chunks } = await exportEvents(ledger.db, sender.tenantId, {}, 'jsonl');
    let [bytes, lines, longest] = [0, 0, 0];
    const heap: number[] = [];
    for await (const chunk of chunks) {
      bytes += chunk.length;
      lines += chunk.split('\n').length - 1;
      longest = Math.max(longest, chunk.length);
      // Nothing is taken from the pool between two pieces, so a slow reader costs nobody anything.
      expect(ledger.db.app.totalCount - ledger.db.app.idleCount).toBe(0);
      if (lines % 10_000 === 0) heap.push(heapAfterCollection());
    }
    expect(lines).toBe(rowsTotal);
    expect(bytes).toBeGreaterThan(50_000_000);
    expect(longest).toBeLessThan(bytes / 20);
    expect(heap).toHaveLength(5);
    expect((heap.at(-1)! - heap[0]!) / 1e6).toBeLessThan(8);
  }, 120_000);
});

/** Copies of the team's only row under other ids and times, made inside of the server: the writer has its own tests. */
async function multiply(tenantId: string, copies: number): Promise<void> {
  const admin = new Client({ connectionString: ledger.test.adminUrl });
  await admin.connect();
  const others = EVENT_COLUMNS.map(([name]) => name).filter((name) => name !== 'id' && name !== 'occurred_at').join(', ');
  const { rowCount } = await admin.query(`
    INSERT INTO usage_events (id, occurred_at, ${others}, recorded_at, writer_slot, batch)
    SELECT overlay(id::text placing lpad(to_hex(n), 12, '0') from 25)::uuid, occurred_at + n * interval '1 second', ${others}, recorded_at, writer_slot, batch
    FROM usage_events, generate_series(1, $2::int) n WHERE tenant_id = $1`, [tenantId, copies]);
  await admin.end();
  expect(rowCount).toBe(copies);
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
