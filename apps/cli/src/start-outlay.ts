/** The whole of Outlay in one process, or one part of it: database, migrations, prices, jobs, api, worker, in this order; stopped in the other. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { announceActivity, loadBrand, type Mode, type RunningApi, startApi } from '@outlay/api';
import type { GateConnection } from '@outlay/gate';
import { DomainError } from '@outlay/kernel';
import { createArchiveSeal } from '@outlay/ledger';
import { createGuardedFetch, createJobBoard, createJobs, createMetrics, createSecretBox, JOBS, type Jobs, type Log, openDatabase, openTracing } from '@outlay/platform';
import { importCatalogue } from '@outlay/pricing';
import { type RunningWorker, startWorker } from '@outlay/worker';
import type { Env } from './env';
import { holdSoleLock } from './hold-sole-lock';
import { type Installation, openInstallation } from './open-installation';
import { CONSOLE_DIR } from './places';
import { surroundingsOf } from './surroundings';

export type Part = 'api' | 'worker';

export interface OutlayOptions {
  readonly env: Env;
  /** Both parts when absent. */
  readonly only?: Part;
  readonly log: Log;
  /** Aborted when whoever starts it has changed their mind: the start then stops what it has, and throws an `AbortError`. */
  readonly signal?: AbortSignal;
}

export interface RunningOutlay {
  readonly mode: Mode;
  readonly installation: Installation;
  readonly api: RunningApi | undefined;
  readonly worker: RunningWorker | undefined;
  readonly jobs: Jobs<typeof JOBS>;
  /** Resolves, never rejects, when Outlay cannot go on: with one sentence. `close` is still to be called. */
  readonly failed: Promise<DomainError>;
  /** Finishes what runs, then stops every part. Safe to call twice. */
  close(): Promise<void>;
}

const SAME_WARNING_MS = 10_000;

/** Errors: `unavailable` with one sentence; whatever had started is stopped again. */
export async function startOutlay({ env, only, log, signal }: OutlayOptions): Promise<RunningOutlay> {
  if (only !== undefined && env.DATABASE_URL === undefined) {
    throw new DomainError('unavailable', { message: `--only ${only} needs DATABASE_URL: the embedded database serves one process, which then runs everything.` });
  }
  // A brand that cannot be shown is found before anything is started.
  const brand = await loadBrand({ name: env.OUTLAY_BRAND_NAME, logo: env.OUTLAY_BRAND_LOGO, accent: env.OUTLAY_BRAND_ACCENT });
  const stops: (() => Promise<void>)[] = [];
  const failures: Promise<DomainError>[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= stopAll(stops));
  try {
    const installation = await openInstallation(env, log);
    stops.push(() => installation.close());
    if (installation.postgres) failures.push(installation.postgres.failed);
    if (installation.applied.length > 0) log.info({ migrations: installation.applied }, 'The database was brought up to this version.');
    signal?.throwIfAborted();
    const { databaseUrl } = installation;
    const warn = createWarner(log);
    const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
    const tracing = endpoint === undefined ? undefined : await openTracing({ endpoint, service: only === undefined ? 'outlay' : `outlay-${only}`, warn });
    if (tracing) stops.push(() => tracing.close());
    const db = await openDatabase({ url: databaseUrl, log: warn });
    stops.push(() => db.close());
    await importPrices(db, log);
    const mode: Mode = env.REDIS_URL === undefined ? 'embedded' : 'distributed';
    let gateConnection: GateConnection | undefined;
    if (mode === 'embedded' && !installation.postgres && only !== 'worker') {
      const lock = await holdSoleLock(db, log, signal);
      gateConnection = lock.connection;
      stops.push(() => lock.release());
      failures.push(lock.lost);
    }
    const jobs = closableTwice(await createJobs({ catalogue: JOBS, databaseUrl, log: warn, ...(env.REDIS_URL === undefined ? {} : { redisUrl: env.REDIS_URL }) }));
    stops.push(() => jobs.close());
    signal?.throwIfAborted();
    const box = createSecretBox(installation.masterKey);
    const fetch = createGuardedFetch({ allowLoopback: isAlone(env, only) });
    const metrics = createMetrics();
    let api: RunningApi | undefined;
    const tellScreens = (tenantId: string): void => {
      if (api) return api.deps.activity.publish(tenantId, 1);
      announceActivity(db, tenantId).catch((error: Error) => warn('A screen hears of a worker\'s news with its next look only.', error));
    };
    const worker = only === 'api' ? undefined : await startWorker({
      db, jobs, log, smtpUrl: env.SMTP_URL ?? null, mailFrom: env.MAIL_FROM, tracing, seal: createArchiveSeal(installation.masterKey), box, fetch, metrics, onActivity: tellScreens,
      resendKey: env.RESEND_API_KEY, brand: { name: brand.name, accent: brand.accent }, publicUrl: () => env.OUTLAY_PUBLIC_URL ?? api?.url ?? `http://localhost:${env.PORT}`,
      ...(only === 'worker' ? { health: { port: env.PORT, host: env.HOST } } : {}),
    });
    if (worker) stops.push(() => worker.close());
    api = only === 'worker' ? undefined : await startApi({
      db, log, mode, port: env.PORT, host: env.HOST, tracing, brand, box, fetch, metrics, workersApart: only === 'api', board: createJobBoard(jobs, JOBS), surroundings: surroundingsOf(env, databaseUrl),
      ...(env.REDIS_URL === undefined ? {} : { redisUrl: env.REDIS_URL }),
      ...(gateConnection === undefined ? {} : { gateConnection }),
      mailbox: mode === 'embedded' && env.SMTP_URL === undefined && env.RESEND_API_KEY === undefined,
      onWork: (job, tenantId) => {
        jobs.add(job, { tenantId }).catch((error: Error) => warn('Work of a team waits for the next round of its job.', error));
      },
      onSync: (job) => {
        jobs.add('sync-providers', job).catch((error: Error) => warn('A sync that a person asked for waits for the next round of its job.', error));
      },
      onReconcile: (job) => {
        jobs.add('reconcile-bills', job).catch((error: Error) => warn('A comparison with the bill that a person asked for waits for the next round of its job.', error));
      },
      onLetter: () => {
        // Each its own job: one that runs already may have looked before this letter was there.
        jobs.add('deliver-mail', {}).catch((error: Error) => warn('A letter waits for the next round of the mail job.', error));
      },
      ...(env.OUTLAY_PUBLIC_URL === undefined ? {} : { publicUrl: env.OUTLAY_PUBLIC_URL }),
      // A public address with TLS means a proxy in front of us, on this machine or in its private network.
      trustProxy: env.OUTLAY_PUBLIC_URL?.startsWith('https:') === true ? 'loopback, linklocal, uniquelocal' : false,
      ...(existsSync(join(CONSOLE_DIR, 'index.html')) ? { consoleDir: CONSOLE_DIR } : {}),
    });
    if (api) stops.push(api.close);
    return { mode, installation, api, worker, jobs, failed: Promise.race(failures.length > 0 ? failures : [new Promise<never>(() => {})]), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Only this machine reaches it, so it may reach this machine: a fake of a provider, a collector. Whoever comes from outside must not send it to what listens here. */
function isAlone(env: Env, only: Part | undefined): boolean {
  return only === undefined && env.OUTLAY_PUBLIC_URL === undefined && ['127.0.0.1', 'localhost', '::1'].includes(env.HOST);
}

/** The last started stops first. One that fails to stop does not keep the others running. */
async function stopAll(stops: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of [...stops].reverse()) await stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** A database that is away for a second breaks dozens of connections: each sentence is logged once a while, the rest for those who debug. */
function createWarner(log: Log): (sentence: string, error: Error) => void {
  const lastMs = new Map<string, number>();
  return (sentence, error) => {
    const isNew = Date.now() - (lastMs.get(sentence) ?? 0) > SAME_WARNING_MS;
    if (isNew) lastMs.set(sentence, Date.now());
    log[isNew ? 'warn' : 'debug']({ err: error }, sentence);
  };
}

/** The worker closes them, and so do we where no worker runs or its start failed. */
function closableTwice(jobs: Jobs<typeof JOBS>): Jobs<typeof JOBS> {
  let closing: Promise<void> | undefined;
  return { ...jobs, close: () => (closing ??= jobs.close()) };
}

async function importPrices(db: Parameters<typeof importCatalogue>[0], log: Log): Promise<void> {
  const plan = await importCatalogue(db, { now: new Date() });
  if (plan.inserts.length > 0) log.info({ versions: plan.inserts.length }, 'The price book was brought up to the catalogue of this version.');
}
