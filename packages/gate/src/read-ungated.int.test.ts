/** What counted in a limit without a begin, for every scope. */
import { newId } from '@outlay/kernel/ids';
import { createTenantFixture } from '@outlay/platform/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readUngated, type UngatedAsk } from './read-ungated';
import { openTestGate, senderOf, type TestGate } from './testing-gate';

let world: TestGate;

beforeAll(async () => {
  world = await openTestGate('memory');
});

afterAll(async () => {
  await world?.close();
});

const day = new Date().toISOString().slice(0, 10);
const window = { windowStart: `${day}T00:00:00.000Z`, windowEnd: new Date(Date.parse(day) + 86_400_000).toISOString() };

it('sums what had no hold, by scope and subject; calls of runs that began are left out, also after their end', async () => {
  const { tenantId } = await createTenantFixture(world.test.db);
  const call = (usd: string, more: object = {}) => ({
    customer_id: 'acme', user_id: 'ada', workflow: 'report', feature: 'export', provider: 'openai', model_requested: 'gpt-4o-mini-2024-07-18', extras: [{ kind: 'search', quantity: 1, unit: 'request', cost: usd }], quantities: {}, ...more,
  });
  await world.gate.begin({ tenantId, keyId: newId(), environment: 'production' }, { run_id: 'gated', customer_id: 'acme', workflow: 'report', estimate_usd: '1' }, newId());
  await world.record(world.writer, tenantId, [call('0.5', { run_id: 'gated' }), call('0.2', { run_id: 'never-begun' }), call('0.03'), call('0.004', { customer_id: 'zeta', user_id: 'bob', workflow: 'chat', feature: 'ask', model_requested: 'gpt-4o' })]);
  await world.gate.finish(senderOf(tenantId), 'gated', { outcome: 'usable' });
  const ask = (id: string, scope: UngatedAsk['scope'], subject: string | null): UngatedAsk => ({ id, scope, subject, ...window });
  const told = await readUngated(world.test.db, tenantId, [
    ask('all', 'tenant', null), ask('environment', 'environment', 'production'), ask('elsewhere', 'environment', 'staging'), ask('report', 'workflow', 'report'), ask('acme', 'customer', 'acme'),
    ask('zeta', 'customer', 'zeta'), ask('ada', 'user', 'ada'), ask('ask', 'feature', 'ask'), ask('mini', 'model', 'gpt-4o-mini'),
    { ...ask('before', 'tenant', null), windowStart: '2026-01-01T00:00:00.000Z', windowEnd: '2026-01-02T00:00:00.000Z' },
  ], 'UTC');
  const milli = (amount: number): bigint => BigInt(amount) * 1_000_000_000n;
  expect(Object.fromEntries(told)).toEqual({
    all: milli(234), environment: milli(234), elsewhere: 0n, report: milli(230), acme: milli(230), zeta: milli(4), ada: milli(230), ask: milli(4), mini: milli(230), before: 0n,
  });
  const { limits } = await world.gate.limits(tenantId, 'acme');
  expect(limits.map(({ kind, used, ungated_usd: ungated }) => [kind, used, ungated])).toEqual([['risk', '0.73', '0.23']]);
});
