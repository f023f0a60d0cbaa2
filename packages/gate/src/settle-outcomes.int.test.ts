/** Runs that end by their outcome alone, without a finish: in memory and on Redis. */
import { newId } from '@outlay/kernel/ids';
import { runOf } from '@outlay/ledger';
import { createTenantFixture, until } from '@outlay/platform/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GATE_MODES, openTestGate, senderOf, type TestGate, whyNoMode } from './testing-gate';

describe.each(GATE_MODES)('an outcome that comes without a finish: %s', (mode) => {
  const why = whyNoMode(mode);
  describe.skipIf(why)(why ?? 'the hold of its run', () => {
    let world: TestGate;
    let tenantId: string;
    beforeAll(async () => {
      world = await openTestGate(mode);
    });
    afterAll(async () => {
      await world?.close();
    });
    beforeEach(async () => {
      ({ tenantId } = await createTenantFixture(world.test.db));
      await world.test.db.withTenant(tenantId, (tx) => tx.query(
        `INSERT INTO caps (tenant_id, id, name, scope, metric, window_kind, mode, limit_amount, source, created_by) VALUES ($1, $2, 'Month', 'customer', 'cost', 'month', 'hard', 10000000000000, 'person', 'ada')`, [tenantId, newId()]));
    });

    const asker = () => ({ tenantId, keyId: newId(), environment: 'production' });
    const begin = (runId: string) => world.gate.begin(asker(), { run_id: runId, customer_id: 'acme', workflow: 'report', estimate_usd: '0.5' }, newId());
    const call = (runId: string, usd: string) => ({
      run_id: runId, customer_id: 'acme', workflow: 'report', provider: 'openai', model_requested: 'gpt-4o-mini', extras: [{ kind: 'search', quantity: 1, unit: 'request', cost: usd }], quantities: {},
    });
    const outcome = (runId: string) => ({ run_id: runId, customer_id: 'acme', workflow: 'report', kind: 'outcome', outcome: 'usable' });
    const capNow = async (): Promise<{ used: string; held: string }> => {
      const told = await world.gate.check(asker(), { customer_id: 'acme', estimate_usd: '0' });
      const { used, held } = told.limits.find(({ kind }) => kind === 'cap')!;
      return { used, held };
    };
    const rowOf = async (runRef: string) => (await world.test.db.withTenant(tenantId, (tx) => tx.query<{ end_reason: string | null; ended_at: Date | null }>('SELECT end_reason, ended_at FROM holds WHERE run_ref = $1', [runRef]))).rows[0];

    it.each(['writer', 'foreign'] as const)('is freed, and what it used is counted: recorded by its own process or another (%s)', async (through) => {
      await begin('told');
      await begin('open');
      await world.record(world[through], tenantId, [call('told', '0.2'), outcome('told')]);
      await until('the hold of the run to be freed', async () => (await rowOf('told'))?.end_reason === 'finished');
      expect(await capNow()).toEqual({ used: '0.2', held: '0.5' });
      expect((await rowOf('open'))?.ended_at ?? null).toBeNull();
      await expect(begin('told')).rejects.toMatchObject({ code: 'conflict' });
    });

    it('is freed once: a finish before it or after it changes nothing', async () => {
      await begin('run');
      const first = await world.gate.finish(senderOf(tenantId), 'run', { outcome: 'usable', calls: [{ id: newId(), occurred_at: new Date().toISOString(), ...call('run', '0.1') }] });
      expect(first.settled).toMatchObject({ cost_usd: '0.1', released_usd: '0.4' });
      await until('the finish to be written', async () => (await rowOf('run'))?.ended_at instanceof Date);
      const ended = await rowOf('run');
      await begin('next');
      await world.record(world.foreign, tenantId, [call('next', '0.3'), outcome('next')]);
      await until('the hold of the next to be freed', async () => (await rowOf('next'))?.end_reason === 'finished');
      expect(await rowOf('run')).toEqual(ended);
      const again = await world.gate.finish(senderOf(tenantId), 'next', { outcome: 'usable' });
      expect(again).toMatchObject({ outcome: { verdict: 'duplicate' }, settled: { cost_usd: '0.3', released_usd: '0' } });
      expect(await capNow()).toEqual({ used: '0.4', held: '0' });
    });

    it('is freed too when the outcome came while nobody looked', async () => {
      // As a process leaves them that died in between; this one has not heard of the team yet.
      await world.record(world.foreign, tenantId, [call('early', '0.2'), outcome('early')]);
      await world.test.db.withTenant(tenantId, (tx) => tx.query(
        `INSERT INTO holds (tenant_id, run_id, run_ref, environment, customer_id, workflow, begun_at, expires_at, bounded, amounts, reserves, request_hash, answer)
         VALUES ($1, $2, 'early', 'production', 'acme', 'report', now(), now() + interval '10 minutes', false, '{"cost": 500000000}', '[]', '\\x00', '{}')`, [tenantId, runOf(tenantId, 'early').id]));
      expect(await capNow()).toEqual({ used: '0.2', held: '0' });
      await until('the hold of the run to be freed', async () => (await rowOf('early'))?.end_reason === 'finished');
    });
  });
});
