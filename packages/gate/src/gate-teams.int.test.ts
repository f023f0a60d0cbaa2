/** A begin that meets a team whose state is being restored: it waits, and not for ever. In memory and on Redis. */
import { newId } from '@outlay/kernel/ids';
import { createTenantFixture, until } from '@outlay/platform/testing';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GATE_MODES, openTestGate, type TestGate, whyNoMode } from './testing-gate';

describe.each(GATE_MODES)('a begin while its team is restored: %s', (mode) => {
  const why = whyNoMode(mode);
  describe.skipIf(why)(why ?? 'it', () => {
    let world: TestGate;
    let tenantId: string;
    let blocker: Client;
    /** Sees activity anew with each look, as a transaction does not. */
    let watcher: Client;
    beforeAll(async () => {
      world = await openTestGate(mode);
      watcher = new Client({ connectionString: world.test.adminUrl });
      await watcher.connect();
    });
    afterAll(async () => {
      await watcher?.end();
      await world?.close();
    });
    beforeEach(async () => {
      ({ tenantId } = await createTenantFixture(world.test.db));
      blocker = new Client({ connectionString: world.test.adminUrl });
      await blocker.connect();
      await blocker.query('BEGIN');
      await blocker.query('LOCK TABLE holds IN ACCESS EXCLUSIVE MODE');
    });
    afterEach(async () => {
      await blocker.end();
    });

    const begin = (usd = '0.1') => world.gate.begin({ tenantId, keyId: newId(), environment: 'production' }, { customer_id: 'acme', workflow: 'report', estimate_usd: usd }, newId());
    /** The read of the team's open holds, by backend. */
    const waiting = async (): Promise<number[]> => (await watcher.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FROM holds%ended_at IS NULL AND ($1::text%'`)).rows.map(({ pid }) => pid);

    it('is allowed as soon as the restore is through', async () => {
      const begun = Promise.all([begin(), begin(), begin()]);
      await until('the restore to wait', async () => (await waiting()).length > 0);
      await blocker.query('COMMIT');
      expect((await begun).map(({ decision }) => decision)).toEqual(['allow', 'allow', 'allow']);
    });

    it('is allowed though the first try to restore fails', async () => {
      // On a busy machine the first look alone may take as long as a begin waits: then its caller asks again, as it is told to.
      const begun = begin().catch(() => begin()).catch(() => begin());
      await until('the restore to wait', async () => (await waiting()).length > 0);
      const [first] = await waiting();
      await watcher.query('SELECT pg_terminate_backend($1)', [first]);
      await until('the second try to wait', async () => (await waiting()).some((pid) => pid !== first));
      await blocker.query('COMMIT');
      expect((await begun).decision).toBe('allow');
    });

    it('is told to ask again when it takes long; the restore goes on, and the next begin needs none', async () => {
      const fromMs = performance.now();
      await expect(begin()).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
      expect(performance.now() - fromMs).toBeGreaterThan(1_400);
      expect(await waiting()).toHaveLength(1);
      await blocker.query('COMMIT');
      await until('the next begin to be allowed', async () => (await begin().catch(() => null))?.decision === 'allow');
    });
  });
});

describe.skipIf(whyNoMode('Redis'))(whyNoMode('Redis') ?? 'begins while Redis is flushed', () => {
  it('are all allowed: they wait for the one restore that its loss needs', async () => {
    const world = await openTestGate('Redis');
    try {
      const { tenantId } = await createTenantFixture(world.test.db);
      const begin = () => world.gate.begin({ tenantId, keyId: newId(), environment: 'production' }, { customer_id: 'acme', workflow: 'report', estimate_usd: '0.1' }, newId());
      await begin();
      for (let loss = 0; loss < 5; loss++) {
        const [, ...begun] = await Promise.all([world.lose(), ...Array.from({ length: 40 }, begin)]);
        expect(begun.filter(({ decision }) => decision !== 'allow')).toEqual([]);
      }
    } finally {
      await world.close();
    }
  });
});
