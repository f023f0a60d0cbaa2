/** What every request needs, built once a process. Rooms are wired together here and nowhere else. */
import type { Surroundings } from '@outlay/insights';
import { createGate, createMemoryStore, createOwnConnection, createRedisStore, type Gate, type GateConnection } from '@outlay/gate';
import { createMetrics, type Database, type GuardedFetch, type JobBoard, type Log, type Metrics, openRedis, type SecretBox, type Tracing } from '@outlay/platform';
import { type Committed, createLedgerWriter, type EntitlementsOf, readDailyMean, readRunCosts, rebuildDays, withWritersStopped, type LedgerWriter } from '@outlay/ledger';
import { DEMO_EVENTS } from '@outlay/ledger/demo';
import { createEntitlementsOf, openPolicies, type Policies } from '@outlay/plans';
import { openPriceBooks, type PriceBooks } from '@outlay/pricing';
import { createTenancy, type Tenancy } from '@outlay/tenancy';
import { createActivityFeed, type ActivityFeed } from './live/activity-feed';
import { createPostgresActivityFeed } from './live/postgres-activity-feed';
import { type Brand, OUTLAY_BRAND } from './brand/brand';
import { databaseProbe, type Probe } from './http/probes';
import { describeGroup } from './describe-group';

/** `embedded`: one process with its own Postgres. `distributed`: any number of processes. */
export type Mode = 'embedded' | 'distributed';

/** Jobs that a team's own actions give rise to. */
export type TeamJob = 'reprice-rows' | 'heal-quarantine' | 'prove-ledger' | 'seed-demo';

type KnownSurroundings = Pick<Surroundings, 'mail' | 'database' | 'masterKeyFrom' | 'examine'>;

/** A sync that a person asked for. */
interface SyncJob {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly syncId: string;
}

type ReconcileJob = Omit<SyncJob, 'syncId'>;

export interface ApiDepsOptions {
  readonly db: Database;
  readonly log: Log;
  readonly mode: Mode;
  /** Where people reach the console; a function, because the port may be chosen when it listens. */
  readonly publicUrl: () => string;
  /** Letters are only kept, not sent: show them to people on this machine. */
  readonly mailbox: boolean;
  /** Told when a letter was written, so that it leaves at once and not with the next round. */
  readonly onLetter?: () => void;
  /** Told that a team has work for this kind of job, so that it begins at once and not with the next round. */
  readonly onWork?: (job: TeamJob, tenantId: string) => void;
  /** Told that a person asked for a sync, so that it begins at once. */
  readonly onSync?: (job: SyncJob) => void;
  /** Told that a person asked for a connection's bill to be compared with the ledger. */
  readonly onReconcile?: (job: ReconcileJob) => void;
  /** Seals what teams hand over: keys of providers, secrets of webhooks. */
  readonly box: SecretBox;
  /** To addresses that people type in. */
  readonly fetch: GuardedFetch;
  /** The queues, where this process shares them with the workers. */
  readonly board?: JobBoard;
  /** What only whoever started the process knows of it; absent: the checklist asks a person. */
  readonly surroundings?: KnownSurroundings;
  /** Where this process is reached from the machine it runs on; `publicUrl` when absent. */
  readonly ownUrl?: () => string;
  /** As the operator stated it. */
  readonly statedUrl?: string | undefined;
  /** Workers stand in another process: screens hear of their work through the database, also without Redis. */
  readonly workersApart?: boolean;
  /** Size of a demo team's history; 250,000 by default. */
  readonly demoEvents?: number;
  /** Ours when absent. */
  readonly brand?: Brand;
  readonly metrics?: Metrics;
  /** Absent unless traces are configured; closed by whoever opened it. */
  readonly tracing?: Tracing;
  /** Where the gate keeps counters and holds, so that several processes decide as one; absent: in this process's memory. */
  readonly redisUrl?: string;
  /** The connection that makes this process the only one, where there is such a lock: what the gate decides is written on it. */
  readonly gateConnection?: GateConnection;
}

export interface ApiDeps {
  readonly db: Database;
  readonly log: Log;
  readonly mode: Mode;
  readonly mailbox: boolean;
  readonly publicUrl: () => string;
  readonly brand: Brand;
  readonly metrics: Metrics;
  readonly tracing: Tracing | undefined;
  readonly tenancy: Tenancy;
  readonly activity: ActivityFeed;
  /** The only way into the ledger. */
  readonly writer: LedgerWriter;
  /** Asked for a tenant's rule before its usage is priced. */
  readonly prices: PriceBooks;
  /** What holds for each team and customer, from the next call on. */
  readonly policies: Policies;
  /** What the ledger writes beside each event. */
  readonly entitlementsOf: EntitlementsOf;
  /** What stands before every call. */
  readonly gate: Gate;
  readonly onWork: (job: TeamJob, tenantId: string) => void;
  readonly onSync: (job: SyncJob) => void;
  readonly onReconcile: (job: ReconcileJob) => void;
  readonly box: SecretBox;
  readonly fetch: GuardedFetch;
  readonly demoEvents: number;
  readonly board: JobBoard | null;
  /** What the checklist looks at around the product. */
  readonly surroundings: () => Surroundings;
  /** What `/readyz` asks, each by name. */
  readonly probes: Probe[];
  /** Aborted when the process stops taking work: open streams end. */
  readonly draining: AbortSignal;
  drain(): void;
  /** After the server has closed. */
  close(): Promise<void>;
}

const UNKNOWN: KnownSurroundings = { mail: { via: null, from: '' }, database: 'external', masterKeyFrom: 'environment', examine: async () => [] };

export async function createApiDeps(options: ApiDepsOptions): Promise<ApiDeps> {
  const { db, log, mode, publicUrl, mailbox, onLetter, onWork = () => undefined, onSync = () => undefined, onReconcile = () => undefined, box, fetch, demoEvents = DEMO_EVENTS, metrics = createMetrics(), tracing, brand = OUTLAY_BRAND } = options;
  const warn = (sentence: string, error: unknown): void => log.warn({ err: error }, sentence);
  const tenancy = createTenancy({
    db, publicUrl, onLetter, log: warn, brand: { name: brand.name, accent: brand.accent },
    aroundZoneChange: (change) => withWritersStopped(db, (stillStopped) => change(async (execute, tenantId) => {
      await rebuildDays(execute, tenantId);
      await stillStopped();
    })),
  });
  const activity = mode === 'distributed' || options.workersApart === true ? await createPostgresActivityFeed(db, warn) : createActivityFeed();
  const prices = await openPriceBooks(db, { warn });
  const policies = await openPolicies(db, { warn });
  const groupSeconds = metrics.histogram('writer_group_seconds', 'Time of one transaction of the ledger writer.');
  const groupRows = metrics.histogram('writer_group_rows', 'Rows of one transaction of the ledger writer.', [], [1, 10, 50, 100, 250, 500, 1_000]);
  let lastSeconds = 0;
  let gate: Gate | null = null;
  const writer = await createLedgerWriter(db, {
    log: warn,
    onGroup: ({ rows, seconds }) => {
      groupSeconds.observe(seconds);
      groupRows.observe(rows);
      lastSeconds = seconds;
    },
    onCommitted: (committed: Committed) => {
      gate?.onCommitted(committed);
      // Told of the same group in the same moment.
      if (tracing !== undefined && committed.rows.length > 0) tracing.record(describeGroup(committed, lastSeconds));
    },
  });
  metrics.gauge('writer_waiting_rows', 'Rows that wait for the ledger writer; new ones are refused above 50,000.', [], (gauge) => gauge.set(writer.waitingRows));
  const entitlementsOf = createEntitlementsOf(db, policies);
  const redis = options.redisUrl === undefined ? null : await openRedis(options.redisUrl, { log: warn });
  gate = await createGate({
    db, policies, prices, writer, entitlementsOf, log: warn, isShared: redis !== null,
    // No leases (`createLeasedStore`): a run inside of one is known to the process that took it alone, and nobody knows here which process its finish, its retry or its calls will come to. Sent to
    // another one they would free nothing until the hold's expiry, or hold twice. They are for one process behind a Redis of its own, or for a router that keeps a run with its process.
    createStore: () => (redis === null ? createMemoryStore() : createRedisStore({ redis })),
    connection: options.gateConnection ?? createOwnConnection(db),
    readers: {
      history: (tenantId, workflow, nowMs) => db.withTenant(tenantId, (tx) => readRunCosts(tx, workflow, nowMs)),
      dailyMean: async (tenantId, customerId, nowMs) => {
        const { calendar } = await policies.customer(tenantId, customerId, nowMs);
        return await db.withTenant(tenantId, (tx) => readDailyMean(tx, customerId, nowMs, calendar.timeZone));
      },
    },
  });
  const openGate = gate;
  metrics.gauge('gate_open_runs', 'Runs that this process began and that are open.', [], (gauge) => gauge.set(openGate.openRuns));
  metrics.gauge('gate_behind', 'Decisions that are not written yet.', [], (gauge) => gauge.set(openGate.behind));
  const drain = new AbortController();
  return {
    db, log, mode, mailbox, publicUrl, brand, metrics, tracing, tenancy, activity, writer, prices, policies, entitlementsOf, gate, onWork, onSync, onReconcile, box, fetch, demoEvents,
    board: options.board ?? null,
    surroundings: () => ({ ...(options.surroundings ?? UNKNOWN), baseUrl: (options.ownUrl ?? publicUrl)(), publicUrl: options.statedUrl ?? null, board: options.board ?? null }),
    probes: [databaseProbe(db), { name: 'ledger', ready: () => writer.ready }],
    draining: drain.signal,
    drain: () => drain.abort(),
    close: async () => {
      // What was taken is written before anything else goes away.
      await openGate.close();
      await writer.close();
      redis?.disconnect();
      prices.close();
      await Promise.all([tenancy.close(), activity.close(), policies.close()]);
    },
  };
}
