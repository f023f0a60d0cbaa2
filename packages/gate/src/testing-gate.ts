/** A gate of one process on a real database, in memory or on a real Redis. Only for tests. */
import { newId } from '@outlay/kernel/ids';
import { createLedgerWriter, type LedgerWriter, recordUsage, type Sender } from '@outlay/ledger';
import { createTestDatabase, startTestRedis, type TestDatabase, type TestRedis, whyNoRedis } from '@outlay/platform/testing';
import { createEntitlementsOf, openPolicies } from '@outlay/plans';
import { importCatalogue, openPriceBooks } from '@outlay/pricing';
import { Redis } from 'ioredis';
import { createGate, type Gate } from './create-gate';
import { createMemoryStore } from './memory-store';
import { createOwnConnection } from './own-connection';
import { createRedisStore } from './redis-store';

export const GATE_MODES = ['memory', 'Redis'] as const;
export type GateMode = (typeof GATE_MODES)[number];

/** Why the mode cannot be tested here. */
export function whyNoMode(mode: GateMode): string | undefined {
  return mode === 'Redis' ? whyNoRedis() : undefined;
}

export interface TestGate {
  readonly test: TestDatabase;
  readonly gate: Gate;
  /** The gate's process hears at once what it commits. */
  readonly writer: LedgerWriter;
  /** Of another process. */
  readonly foreign: LedgerWriter;
  /** The store forgets everything: the server is flushed; memory has no such loss. */
  lose(): Promise<void>;
  /** Records events of a team as `POST /v1/usage` does. */
  record(through: LedgerWriter, tenantId: string, events: readonly object[]): Promise<void>;
  close(): Promise<void>;
}

export function senderOf(tenantId: string): Sender {
  return { tenantId, keyId: newId(), environment: 'production', timeZone: 'UTC', lateWindowDays: 7 };
}

export async function openTestGate(mode: GateMode): Promise<TestGate> {
  const warn = (): void => undefined;
  const test = await createTestDatabase();
  await importCatalogue(test.db, { now: new Date() });
  const server: TestRedis | null = mode === 'Redis' ? await startTestRedis() : null;
  const redis = server === null ? null : new Redis(server.url);
  redis?.setMaxListeners(0);
  const policies = await openPolicies(test.db, { warn });
  const prices = await openPriceBooks(test.db, { warn });
  const told: { gate: Gate | null } = { gate: null };
  const writer = await createLedgerWriter(test.db, { onCommitted: (committed) => told.gate?.onCommitted(committed) });
  const foreign = await createLedgerWriter(test.db);
  const gate = await createGate({
    db: test.db, createStore: () => (redis === null ? createMemoryStore() : createRedisStore({ redis })), isShared: redis !== null, policies, prices, writer, log: warn,
    entitlementsOf: createEntitlementsOf(test.db, policies), connection: createOwnConnection(test.db), readers: { history: () => Promise.resolve(null), dailyMean: () => Promise.resolve(null) },
  });
  told.gate = gate;
  return {
    test, gate, writer, foreign,
    lose: async () => void await redis?.flushall(),
    record: async (through, tenantId, events) => {
      const { price } = await prices.of(tenantId);
      const { results } = await recordUsage({ db: test.db, writer: through, price }, senderOf(tenantId), { events: events.map((event) => ({ id: newId(), occurred_at: new Date().toISOString(), ...event })) });
      const refused = results.find(({ verdict }) => verdict !== 'accepted');
      if (refused !== undefined) throw new Error(`Not recorded: ${JSON.stringify(refused)}`);
    },
    close: async () => {
      await gate.close();
      await Promise.all([writer.close(), foreign.close(), policies.close()]);
      prices.close();
      redis?.disconnect();
      await server?.close();
      await test.close();
    },
  };
}
