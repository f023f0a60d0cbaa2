/** The watch on a real ledger: told within the minute, once whoever looks, with the cause; of what is polled only what the ledger does not have. */
import { newId } from '@outlay/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWatchedLedger, type PlacedCall, type WatchedLedger } from './testing-watch';

let ledger: WatchedLedger;

beforeAll(async () => {
  ledger = await openWatchedLedger();
});

afterAll(async () => {
  await ledger?.close();
});

const dear = (count: number, minutesAgo: number, more: Omit<PlacedCall, 'minutesAgo'> = {}): PlacedCall[] => Array.from({ length: count }, () => ({ ...more, minutesAgo, output: 40_000 }));

describe('a fresh team', () => {
  it('is told of its first bad minute within the next one, once, by whichever of three workers', async () => {
    const tenantId = await ledger.createTeam();
    await ledger.record(tenantId, [{ minutesAgo: 0.5, output: 100 }]);
    const workers = [ledger.createWatch(), ledger.createWatch(), ledger.createWatch()];
    await workers[0]!.run(tenantId);
    expect(await ledger.spikes(tenantId)).toEqual([]);
    await ledger.record(tenantId, dear(30, 0.2));
    ledger.nowMs += 60_000;
    await Promise.all(workers.map((worker) => worker.run(tenantId)));
    ledger.nowMs += 60_000;
    for (const worker of workers) await worker.run(tenantId);
    const [alert, ...more] = await ledger.spikes(tenantId);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ state: 'firing', scope: 'tenant', subject: '', title: expect.stringMatching(/^The team spent \$12\.\d\d within an hour, more than the \$10\.00 of the rule$/), facts: { reason: 'hour_amount', origin: 'ledger' } });
    expect(alert!.events.map(({ kind }) => kind)).toEqual(['pending', 'fired', 'notified']);
    const { rows } = await ledger.db.withTenant(tenantId, (tx) => tx.query<{ n: number }>(`SELECT count(*)::int AS n FROM deliveries WHERE kind = 'alert'`));
    expect(rows[0]!.n).toBe(1);
    const explanation = alert!.explanation as { toPico: string; projectedPico: string; parts: { amountPico: string }[]; top: { customers: { name: string }[]; workflows: { name: string }[]; runs: unknown[] } };
    expect(explanation.top).toMatchObject({ customers: [{ name: 'acme' }], workflows: [{ name: 'report' }] });
    expect(explanation.top.runs).toHaveLength(5);
    expect(BigInt(explanation.projectedPico)).toBeGreaterThan(BigInt(explanation.toPico));
  });

  it('is told that it is over once the hour is quiet again', async () => {
    const tenantId = await ledger.createTeam();
    await ledger.record(tenantId, dear(30, 1));
    const worker = ledger.createWatch();
    await worker.run(tenantId);
    expect((await ledger.spikes(tenantId)).map(({ state }) => state)).toEqual(['firing']);
    ledger.nowMs += 70 * 60_000;
    await worker.run(tenantId);
    ledger.nowMs += 20 * 60_000;
    await worker.run(tenantId);
    expect((await ledger.spikes(tenantId)).map(({ state }) => state)).toEqual(['resolved']);
  });
});

describe('a team with a history', () => {
  it('is told of what is unusual for it, by the customer that does it, and not of its usual spend', async () => {
    const tenantId = await ledger.createTeam();
    const customers = ['acme', 'globex', 'initech'];
    // Ten days, $1 an hour or so of each, all day long.
    const usual = Array.from({ length: 10 * 24 * 4 }, (_, quarter) => customers.map((customer) => ({ customer, minutesAgo: 8 + quarter * 15, output: 20_000 }))).flat();
    await ledger.record(tenantId, usual);
    const [worker, other] = [ledger.createWatch(), ledger.createWatch()];
    await worker.run(tenantId);
    expect(await ledger.spikes(tenantId)).toEqual([]);
    // Eight dollars within five minutes, below every amount that anybody set.
    for (let minute = 0; minute < 10; minute++) {
      ledger.nowMs += 60_000;
      await ledger.record(tenantId, dear(4, 0.2, { customer: 'globex' }));
      await worker.run(tenantId);
      await other.run(tenantId);
    }
    const [alert, ...more] = await ledger.spikes(tenantId);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ scope: 'customer', subject: 'globex', facts: { reason: 'unusual' }, title: expect.stringMatching(/^Customer globex spent \$\d+\.\d\d within \d+ minutes, usually \$\d/) });
    expect((alert!.facts['also'] as string[])).toContain('tenant ');
  });
});

describe('what is only polled', () => {
  async function connect(tenantId: string): Promise<string> {
    const id = newId();
    await ledger.db.withTenant(tenantId, (tx) => tx.query(`INSERT INTO provider_connections (tenant_id, id, provider, name, state, created_by) VALUES ($1, $2, 'openai', 'Main account', 'healthy', 'ada')`, [tenantId, id]));
    return id;
  }

  async function poll(tenantId: string, connectionId: string, minutesAgo: number, usd: number, model = 'gpt-4o', key = 'key_dark'): Promise<void> {
    const bucket = new Date(Math.floor((ledger.nowMs - minutesAgo * 60_000) / 60_000) * 60_000);
    await ledger.db.withTenant(tenantId, (tx) => tx.query(
      `INSERT INTO provider_usage (tenant_id, connection_id, width, bucket, key_hash, revision, dimensions, model, api_key, requests, quantities, priced_pico, provisional, sync_id)
       VALUES ($1, $2, '1m', $3, $4, 0, $5, $6, $7, 10, '{"input_uncached": 10000, "output_text": 400}', $8, true, $9)`,
      [tenantId, connectionId, bucket, Buffer.from(`${key} ${model}`), JSON.stringify({ api_key_id: key, model }), model, key, String(Math.round(usd * 1e12)), newId()]));
  }

  it('is told soon after its bucket appears, with the key, and nothing offers to stop it here', async () => {
    const tenantId = await ledger.createTeam();
    const connectionId = await connect(tenantId);
    const worker = ledger.createWatch();
    await worker.run(tenantId);
    for (let minute = 0; minute < 6; minute++) await poll(tenantId, connectionId, 12 - minute, 2.5);
    ledger.nowMs += 60_000;
    await worker.run(tenantId);
    const [alert, ...more] = await ledger.spikes(tenantId);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ state: 'firing', scope: 'provider', subject: connectionId, facts: { origin: 'polled' }, title: expect.stringMatching(/^Connection Main account spent \$15\.00/) });
    expect(alert!.explanation).toMatchObject({ top: { keys: [{ name: 'key_dark' }], models: [{ name: 'gpt-4o' }] } });
  });

  it('says nothing of what the ledger has as well', async () => {
    const tenantId = await ledger.createTeam();
    const connectionId = await connect(tenantId);
    await ledger.record(tenantId, Array.from({ length: 20 }, () => ({ minutesAgo: 8, model: 'gpt-4o-mini', output: 500_000 })));
    await poll(tenantId, connectionId, 8, 6, 'gpt-4o-mini-2024-07-18', 'key_known');
    await ledger.createWatch().run(tenantId);
    expect((await ledger.spikes(tenantId)).filter(({ facts }) => facts['origin'] === 'polled')).toEqual([]);
  });
});
