/** A team, its connection to a stand-in and syncs of it, for tests: written only the way the product writes it. */
import { createGuardedFetch, createSecretBox, type Database, type GuardedFetch, parseMasterKey, type SecretBox } from '@outlay/platform';
import { createTenantFixture, createTestDatabase } from '@outlay/platform/testing';
import { cataloguePriceBook } from '@outlay/pricing';
import { ADAPTERS } from './adapters';
import { type By, connectProvider, type ConnectInput } from './change-connection';
import { type BilledRow, type BilledUsage, readBilledDays, readUsageBuckets } from './store-bill';
import type { BucketWidth } from './adapter';
import { syncConnection, type SyncDependencies, type SyncReport } from './sync-connection';

export interface TestSyncs {
  readonly db: Database;
  readonly box: SecretBox;
  readonly fetch: GuardedFetch;
  /** What was logged. */
  readonly logged: unknown[];
  createTeam(): Promise<By>;
  connect(by: By, input: Partial<ConnectInput> & Pick<ConnectInput, 'settings' | 'credentials'>): Promise<string>;
  /** One sync as if a person had asked: everything, whatever is due. */
  sync(by: By, id: string, deps?: Partial<SyncDependencies>): Promise<SyncReport | null>;
  billed(by: By): Promise<BilledRow[]>;
  used(by: By, width: BucketWidth): Promise<BilledUsage[]>;
  /** Rows of all revisions. */
  count(by: By, table: 'provider_usage' | 'provider_costs'): Promise<number>;
  close(): Promise<void>;
}

/** `now` is the clock of adapters; leases and due times are the database's. */
export async function openTestSyncs(now: () => number): Promise<TestSyncs> {
  const test = await createTestDatabase();
  const { db } = test;
  const box = createSecretBox(parseMasterKey(Buffer.alloc(32, 7).toString('base64'), 'the test'));
  const fetch = createGuardedFetch({ allowLoopback: true, timeoutMs: 2_000 });
  const book = cataloguePriceBook();
  const logged: unknown[] = [];
  return {
    db, box, fetch, logged,
    createTeam: async () => ({ tenantId: (await createTenantFixture(db)).tenantId, actorId: null, actor: 'test', requestId: 'test' }),
    connect: async (by, input) => (await connectProvider({ db, box }, by, { provider: 'openai', name: '', ...input })).id,
    sync: (by, id, deps = {}) => syncConnection({
      db, box, fetch, adapters: ADAPTERS, bookOf: () => Promise.resolve(book), log: (sentence, error) => void logged.push([sentence, error]), now, random: () => 0.5, ...deps,
    }, by.tenantId, id, { cause: 'person' }),
    billed: (by) => db.withTenant(by.tenantId, (tx) => readBilledDays(tx, { from: '2026-01-01', to: '2027-01-01' })),
    used: (by, width) => db.withTenant(by.tenantId, (tx) => readUsageBuckets(tx, { fromMs: Date.UTC(2026), toMs: Date.UTC(2027), width })),
    count: async (by, table) => (await db.withTenant(by.tenantId, (tx) => tx.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`))).rows[0]!.count,
    close: () => test.close(),
  };
}
