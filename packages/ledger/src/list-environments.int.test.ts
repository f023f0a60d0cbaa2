import { DAY_MS } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listEnvironments } from './list-environments';
import { openTestLedger, TEST_RATES, type TestLedger } from './testing-ledger';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});

afterAll(() => ledger?.close());

it('names the environments of events, when they were seen, and what they cost lately', async () => {
  const sender = await ledger.createSender({ timeZone: 'Asia/Kathmandu' });
  const nowMs = Date.now();
  const call = (daysAgo: number) => ({ id: newId(nowMs - daysAgo * DAY_MS), occurred_at: new Date(nowMs - daysAgo * DAY_MS).toISOString(), provider: 'openai', model_requested: 'gpt-4o', quantities: { input_uncached: 100 } });
  expect(await listEnvironments(ledger.db, sender.tenantId, nowMs)).toEqual([]);
  await ledger.record(sender, [call(0), call(2), call(34)]);
  await ledger.record({ ...sender, environment: 'staging' }, [call(33)]);
  const [production, staging, ...rest] = await listEnvironments(ledger.db, sender.tenantId, nowMs);
  expect(rest).toEqual([]);
  expect(production).toMatchObject({ environment: 'production', calls: 2, costPico: 200n * TEST_RATES.input });
  expect(staging).toMatchObject({ environment: 'staging', calls: 0, costPico: 0n });
  expect(nowMs - 34 * DAY_MS - production!.firstSeen.getTime()).toBeLessThan(15 * 60_000);
  expect(production!.lastSeen.getTime()).toBe(nowMs);
  expect(staging!.lastSeen.getTime()).toBe(nowMs - 33 * DAY_MS);
});
