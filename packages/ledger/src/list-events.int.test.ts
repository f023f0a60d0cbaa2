import { newId } from '@outlay/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventFilter } from './event-filter';
import { listEvents, type ListedEvent } from './list-events';
import type { Sender } from './record-usage';
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

/** A call an hour. Labels go round in different steps, so that every filter has hits and misses. */
function callAt(n: number, change: Record<string, unknown> = {}): Record<string, unknown> & { id: string } {
  const occurredMs = START + n * HOUR_MS;
  return {
    id: newId(occurredMs), occurred_at: new Date(occurredMs).toISOString(), customer_id: ['acme', 'globex', undefined][n % 3], user_id: `u${n % 4}`, workflow: ['report', 'ticket'][n % 2],
    feature: ['rag', 'chat', 'mail'][n % 3], run_id: `run-${Math.floor(n / 5)}`, request_id: `req-${n}`, prompt_version: `p${n % 4}`, policy_version: ['2026-11-01', undefined][n % 2], app_version: `1.${n % 3}`, provider_request_id: `chatcmpl-${n}`, provider: ['openai', 'anthropic'][n % 2],
    api: n % 2 ? undefined : 'chat', model_requested: n % 2 ? 'claude' : n % 6 === 0 ? 'mystery' : 'gpt', status: n % 7 === 0 ? 'failed' : n % 11 === 0 ? 'aborted' : 'succeeded', attempt: n % 5 === 4 ? 2 : 1,
    quantities: { input_uncached: n, output_text: 1 }, ...change,
  };
}

async function listAll(sender: Sender, filter: EventFilter, limit: number): Promise<ListedEvent[]> {
  const rows: ListedEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await listEvents(ledger.db, sender.tenantId, filter, { cursor, limit });
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    rows.push(...page.rows);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

const refs = (rows: readonly ListedEvent[]): (string | null)[] => rows.map((row) => row.request_id);

describe('a list', () => {
  it('has exactly the rows of each filter, newest first, and of several together', async () => {
    const sender = await ledger.createSender();
    const calls = Array.from({ length: 60 }, (_, n) => callAt(n));
    await ledger.record(sender, calls);
    await ledger.record({ ...sender, environment: 'staging' }, [callAt(60, { customer_id: 'acme' })]);
    const filters: [EventFilter, (n: number) => boolean][] = [
      [{}, () => true],
      [{ environment: 'production' }, (n) => n < 60],
      [{ environment: 'staging' }, (n) => n === 60],
      [{ customerId: 'acme' }, (n) => n % 3 === 0],
      [{ userId: 'u2' }, (n) => n % 4 === 2],
      [{ workflow: 'ticket' }, (n) => n % 2 === 1],
      [{ feature: 'mail' }, (n) => n % 3 === 2],
      [{ provider: 'anthropic' }, (n) => n % 2 === 1],
      [{ model: 'claude' }, (n) => n % 2 === 1],
      [{ status: 'failed' }, (n) => n % 7 === 0],
      [{ status: 'failed_or_aborted' }, (n) => n % 7 === 0 || n % 11 === 0],
      [{ kind: 'usage' }, () => true],
      [{ kind: 'outcome' }, () => false],
      [{ costBasis: 'unpriced' }, (n) => n % 6 === 0],
      [{ attemptKind: 'retry' }, (n) => n % 5 === 4],
      [{ attemptKind: 'first' }, (n) => n % 5 !== 4],
      [{ outcome: 'unusable' }, () => false],
      [{ runId: 'run-3' }, (n) => n >= 15 && n < 20],
      [{ requestId: 'req-8' }, (n) => n === 8],
      [{ promptVersion: 'p3' }, (n) => n % 4 === 3],
      [{ policyVersion: '2026-11-01' }, (n) => n % 2 === 0],
      [{ appVersion: '1.2', promptVersion: 'p0' }, (n) => n % 12 === 8],
      [{ untagged: true }, (n) => n % 3 === 2],
      [{ fromMs: START + 10 * HOUR_MS }, (n) => n >= 10],
      [{ toMs: START + 10 * HOUR_MS }, (n) => n < 10],
      [{ fromMs: START + 10 * HOUR_MS, toMs: START + 20 * HOUR_MS, workflow: 'report', customerId: 'acme' }, (n) => n >= 10 && n < 20 && n % 6 === 0],
    ];
    for (const [filter, holds] of filters) {
      const expected = Array.from({ length: 61 }, (_, n) => 60 - n).filter(holds).map((n) => `req-${n}`);
      expect([filter, refs(await listAll(sender, filter, 7))]).toEqual([filter, expected]);
    }
  });

  it('gives each row once while others are inserted around the cursor, and none of another team', async () => {
    const sender = await ledger.createSender();
    const other = await ledger.createSender();
    // Several of one instant: only the id orders them.
    const calls = Array.from({ length: 40 }, (_, n) => callAt(Math.floor(n / 4), { request_id: `old-${n}` }));
    await ledger.record(sender, calls);
    await ledger.record(other, [callAt(3, { request_id: 'foreign' })]);
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; ; page++) {
      const { rows, nextCursor } = await listEvents(ledger.db, sender.tenantId, {}, { cursor, limit: 3 });
      seen.push(...rows.map(({ id }) => id));
      if (nextCursor === null) break;
      cursor = nextCursor;
      await ledger.record(sender, [callAt(20, { request_id: `new-${page}` }), callAt(page % 10, { request_id: `between-${page}` })]);
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(calls.every(({ id }) => seen.includes(id))).toBe(true);
  });

  it('keeps events under callers\' own keys in their place by time', async () => {
    const sender = await ledger.createSender();
    const keyed = { ...callAt(5), id: undefined, idempotency_key: 'my-key', request_id: 'keyed' };
    await ledger.record(sender, [callAt(4), keyed, callAt(6), { ...keyed, idempotency_key: 'of-old', occurred_at: new Date(START - 400 * 24 * HOUR_MS).toISOString(), request_id: 'of-old' }]);
    const span = { fromMs: START, toMs: START + 100 * HOUR_MS };
    expect(refs(await listAll(sender, span, 1))).toEqual(['req-6', 'keyed', 'req-4']);
    expect(refs(await listAll(sender, {}, 2))).toEqual(['req-6', 'keyed', 'req-4', 'of-old']);
  });

  it('finds an event whose id was made weeks before or after it, by any span that holds it', async () => {
    const sender = await ledger.createSender();
    const occurredMs = START - 60 * 24 * HOUR_MS;
    const [early, late] = [-34.9, 34.9].map((days) => callAt(0, { id: newId(occurredMs + days * 24 * HOUR_MS), occurred_at: new Date(occurredMs).toISOString(), request_id: `id ${days} days off` }));
    await ledger.record(sender, [early!, late!]);
    for (const span of [{ fromMs: occurredMs, toMs: occurredMs + 1 }, { fromMs: occurredMs }, { toMs: occurredMs + 1 }]) {
      expect(refs(await listAll(sender, span, 1)).sort()).toEqual(['id -34.9 days off', 'id 34.9 days off']);
    }
    expect(refs(await listAll(sender, { toMs: occurredMs }, 1))).toEqual([]);
  });

  it('pages through what callers\' keys let lie before 1970 or in the first years', async () => {
    const sender = await ledger.createSender();
    const times = ['0099-01-01T00:00:00Z', '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00Z', '2001-01-01T00:00:00Z'];
    await ledger.record(sender, times.map((occurred_at, n) => ({ ...callAt(0), id: undefined, idempotency_key: `k${n}`, occurred_at, request_id: occurred_at })));
    expect(refs(await listAll(sender, {}, 1))).toEqual(times.toReversed());
    expect(refs(await listAll(sender, { toMs: 0 }, 1))).toEqual(times.slice(0, 2).toReversed());
  });

  it('marks the one valid state of a corrected event', async () => {
    const sender = await ledger.createSender();
    const [call, plain] = [callAt(1), callAt(2)];
    await ledger.record(sender, [call, plain]);
    await ledger.correct(sender, [{ original_id: call.id, revision: 0, set: { customer_id: 'umbrella' }, reason: 'a test' }]);
    await ledger.correct(sender, [{ original_id: call.id, revision: 1, set: { workflow: 'mail' }, reason: 'a test' }]);
    const rows = await listAll(sender, {}, 100);
    expect(rows.map(({ kind, revision, valid }) => [kind, revision, valid]).sort()).toEqual([
      ['restatement', 1, false], ['restatement', 2, true], ['reversal', 1, false], ['reversal', 2, false], ['usage', 0, false], ['usage', 0, true],
    ].sort());
    expect(rows.filter(({ valid, id }) => valid && id !== plain.id)).toMatchObject([{ customer_id: 'umbrella', workflow: 'mail', corrects: call.id }]);
  });

  it('refuses a cursor that is none of ours, and a limit out of bounds', async () => {
    const { tenantId } = await ledger.createSender();
    for (const cursor of ['', 'x', 'eyJ9', Buffer.from('1.2.3').toString('base64url'), ...['99999999999999999', '999999999999999', '--1', '1e3', ''].map((ms) => Buffer.from(`${ms}.${newId()}`).toString('base64url'))]) {
      await expect(listEvents(ledger.db, tenantId, {}, { cursor })).rejects.toMatchObject({ code: 'invalid_input', field: 'cursor' });
    }
    for (const limit of [0, -1, 1.5, 1_001]) await expect(listEvents(ledger.db, tenantId, {}, { limit })).rejects.toMatchObject({ code: 'invalid_input', field: 'limit' });
  });
});

describe('the search', () => {
  it('finds an event by every id that people have in hand', async () => {
    const sender = await ledger.createSender();
    const uuidRun = newId(START);
    const call = callAt(1, { run_id: 'order 66' });
    const ofUuidRun = callAt(2, { run_id: uuidRun });
    const bare = callAt(3, { run_id: undefined, provider_request_id: 'msg_01ABC' });
    const keyed = { ...callAt(4, { run_id: undefined }), id: undefined, idempotency_key: 'k-1' };
    const [, , , keyedResult] = await ledger.record(sender, [call, ofUuidRun, bare, keyed, callAt(30), { kind: 'outcome', run_id: 'order 66', outcome: 'usable', occurred_at: new Date(START + 9 * HOUR_MS).toISOString() }]);
    await ledger.correct(sender, [{ original_id: call.id, revision: 0, set: { feature: 'mail' }, reason: 'a test' }]);
    const found = async (search: string): Promise<number> => (await listAll(sender, { search }, 2)).length;
    // The call, its reversal, its restatement, and the run's outcome.
    expect(await found('order 66')).toBe(4);
    expect(await found(call.id)).toBe(3);
    expect(await found(call.id.toUpperCase())).toBe(3);
    expect(await found(uuidRun)).toBe(1);
    expect(await found('req-3')).toBe(1);
    expect(await found('msg_01ABC')).toBe(1);
    expect(await found(String(keyedResult!.id))).toBe(1);
    expect(await found('nothing like it')).toBe(0);
    expect(await found(newId())).toBe(0);
    expect(refs(await listAll(sender, { search: 'order 66', kind: 'outcome' }, 10))).toEqual([null]);
  });

  it('finds all of them when one text is several ids', async () => {
    const sender = await ledger.createSender();
    await ledger.record(sender, [callAt(1, { run_id: 'same', request_id: 'a' }), callAt(2, { run_id: 'other', request_id: 'same' }), callAt(3)]);
    expect(refs(await listAll(sender, { search: 'same' }, 10))).toEqual(['same', 'a']);
  });
});
