import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePartitions } from './make-partitions';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});

afterAll(() => test?.close());

async function partitions(): Promise<string[]> {
  const { rows } = await test.db.app.query<{ name: string }>(`select c.relname as name from pg_inherits h join pg_class c on c.oid = h.inhrelid where h.inhparent = 'usage_events'::regclass order by 1`);
  return rows.map(({ name }) => name);
}

it('makes this month and the next two, once, also at the end of a long month and over a new year', async () => {
  // 31 December: a month later by date there is no such day in February.
  const now = new Date();
  const at = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 3, 31, 23, 59);
  const before = await partitions();
  const made = await makePartitions(test.db, at);
  const first = new Date(at);
  const wanted = [0, 1, 2].map((n) => new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + n, 1)).toISOString().slice(0, 7).replace('-', ''));
  const after = await partitions();
  expect(after).toEqual(expect.arrayContaining(wanted.map((month) => `usage_events_${month}`)));
  expect(after.length - before.length).toBe(made);
  expect(await makePartitions(test.db, at)).toBe(0);
});

it('can be run by several processes at once', async () => {
  const at = Date.now() + 60 * 86_400_000;
  await Promise.all([1, 2, 3].map(() => makePartitions(test.db, at)));
  expect(await makePartitions(test.db, at)).toBe(0);
});
