/**
 * Every job of Outlay. A payload is ids only: the worker reads the rest, so that a job that waited acts on what is true now.
 * Fields added later must be optional, because jobs of the older version may still wait.
 */
import { z } from 'zod';

export interface JobKind<P extends z.ZodType = z.ZodType> {
  readonly payload: P;
  /** Runs by itself at this interval, with an empty payload. */
  readonly everyMs?: number;
  /** How many of this kind one process runs at once. */
  readonly concurrency: number;
  /** Tries before the job counts as failed; waits 1 s, 2 s, 4 s, ... between them. */
  readonly attempts: number;
}

export type JobCatalogue = Readonly<Record<string, JobKind>>;

const MINUTE_MS = 60_000;
const NOTHING = z.object({});
/** Absent: every team. */
const ONE_TENANT = z.object({ tenantId: z.uuid().optional() });

export const JOBS = {
  /** Sends the letters of the outbox that are due. Also added right after a letter is written. */
  'deliver-mail': { payload: NOTHING, everyMs: MINUTE_MS / 2, concurrency: 1, attempts: 1 },
  /** Folds closed rollup buckets of every tenant into the slot that no writer owns. */
  'fold-rollups': { payload: NOTHING, everyMs: 15 * MINUTE_MS, concurrency: 1, attempts: 3 },
  /** Makes the ledger's partitions of the months to come. */
  'ensure-partitions': { payload: NOTHING, everyMs: 6 * 60 * MINUTE_MS, concurrency: 1, attempts: 5 },
  /** Deletes expired sessions, used links and old letters; erases the teams whose grace period is over. */
  'sweep-expired': { payload: NOTHING, everyMs: 60 * MINUTE_MS, concurrency: 1, attempts: 3 },
  /** Takes re-pricing runs to their preview or their end, those of a worker that died too. Also added when somebody plans or starts one. */
  'reprice-rows': { payload: ONE_TENANT, everyMs: MINUTE_MS, concurrency: 2, attempts: 1 },
  /** Plans a re-pricing of rows without price that have one by now. Also added at start, after an upgrade of the catalogue, and when somebody records a price. */
  'heal-quarantine': { payload: ONE_TENANT, everyMs: 15 * MINUTE_MS, concurrency: 1, attempts: 1 },
  /** Takes proofs of the books to their end, those of a worker that died too. Also added when somebody asks for one. */
  'prove-ledger': { payload: ONE_TENANT, everyMs: MINUTE_MS, concurrency: 2, attempts: 1 },
  /** Asks for one proof a night of every team that recorded something since its last. */
  'plan-proofs': { payload: NOTHING, everyMs: 60 * MINUTE_MS, concurrency: 1, attempts: 1 },
  /** Adds what was recorded before a team capped its users, features or keys to their counters. */
  'fill-cap-scopes': { payload: NOTHING, everyMs: MINUTE_MS / 2, concurrency: 1, attempts: 1 },
  /** Grants what plans grant, ends credits whose time has come, and burns outcomes that nobody burned after their commit. Also added when a customer comes to a plan with credits. */
  'tend-credits': { payload: ONE_TENANT, everyMs: MINUTE_MS, concurrency: 1, attempts: 1 },
  /** Asks providers for use and bill: connections that are due, or the one that a person asked for. */
  'sync-providers': { payload: z.object({ tenantId: z.uuid().optional(), connectionId: z.uuid().optional(), syncId: z.uuid().optional() }), everyMs: MINUTE_MS, concurrency: 4, attempts: 1 },
  /** Looks at what every team spends, opens and ends alerts about spikes, and does what their rules do by themselves. */
  'watch-spend': { payload: ONE_TENANT, everyMs: MINUTE_MS, concurrency: 1, attempts: 1 },
  /** Looks at what every team's alert rules see, but for spikes: budgets, caps, failures, syncs, books. */
  'evaluate-alerts': { payload: ONE_TENANT, everyMs: MINUTE_MS, concurrency: 1, attempts: 1 },
  /** Sends what waits for channels: letters, Slack, webhooks. Also added when an alert fires. */
  'deliver-messages': { payload: NOTHING, everyMs: MINUTE_MS / 4, concurrency: 1, attempts: 1 },
  /** Compares ledger and bill of the days on which either changed; of one connection where a person asked for it. */
  'reconcile-bills': { payload: z.object({ tenantId: z.uuid().optional(), connectionId: z.uuid().optional() }), everyMs: 6 * 60 * MINUTE_MS, concurrency: 1, attempts: 1 },
  /** Writes the summaries of the morning, and of the week, to whoever asked for them. */
  'send-digests': { payload: NOTHING, everyMs: 15 * MINUTE_MS, concurrency: 1, attempts: 1 },
  /** Writes the history of demo teams, also what a crash cut off, and erases those that were removed. Also added when somebody makes or removes one. */
  'seed-demo': { payload: ONE_TENANT, everyMs: MINUTE_MS, concurrency: 2, attempts: 1 },
  /** Stores where the month of each team and its parts will end, as of today. */
  'make-forecasts': { payload: ONE_TENANT, everyMs: 60 * MINUTE_MS, concurrency: 1, attempts: 1 },
} as const satisfies JobCatalogue;

export type JobName = keyof typeof JOBS;
