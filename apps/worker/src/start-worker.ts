/** Starts and stops the jobs of this process. */
import { createMailer, createMetrics, createResendMailer, type Database, type GuardedFetch, type Jobs, type JOBS, type Log, type Metrics, type SecretBox, type Tracing } from '@outlay/platform';
import type { ArchiveSeal } from '@outlay/ledger';
import { openPriceBooks } from '@outlay/pricing';
import { createHandlers } from './handlers';
import { serveHealth } from './serve-health';
import { countSyncs } from './sync-providers';
import { traceHandlers } from './trace-handlers';

export interface StartWorkerOptions {
  readonly db: Database;
  /** Opened by the caller, who may add jobs too; closed here. */
  readonly jobs: Jobs<typeof JOBS>;
  readonly log: Log;
  /** `smtp://…`; null keeps letters in the outbox. */
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  /** Of Resend, where there is no SMTP. */
  readonly resendKey?: string | undefined;
  /** Origin of the console, for links; a function, because the port may be chosen late. */
  readonly publicUrl?: () => string;
  /** How letters call and colour the product; Outlay when absent. */
  readonly brand?: { readonly name: string; readonly accent: string | null };
  /** With the master key: seals of archived months are checked by proofs of the books. */
  readonly seal?: ArchiveSeal;
  /** Opens what teams have sealed: keys of providers, secrets of webhooks. */
  readonly box?: SecretBox;
  /** To addresses that people typed in. */
  readonly fetch?: GuardedFetch;
  /** Told that a team has something new to see. */
  readonly onActivity?: (tenantId: string) => void;
  /** Of the process, where another part serves them; else they are served with the health. */
  readonly metrics?: Metrics;
  readonly now?: () => number;
  /** Absent unless traces are configured; closed by whoever opened it. */
  readonly tracing?: Tracing;
  /** For a worker in a process of its own: health, readiness and metrics are served here. Port 0 takes a free one. */
  readonly health?: { readonly port: number; readonly host: string };
}

export interface RunningWorker {
  /** Undefined without `health`. */
  readonly healthUrl: string | undefined;
  /** Takes no further job, finishes the running ones. Safe to call twice. */
  close(): Promise<void>;
}

/** Errors: `unavailable` when the queues cannot be reached, or the port of `health` cannot be had. */
export async function startWorker({ db, jobs, log, smtpUrl, mailFrom, resendKey, publicUrl, brand, seal, box, fetch, onActivity, now, tracing, health, metrics = createMetrics({ processMetrics: health !== undefined }) }: StartWorkerOptions): Promise<RunningWorker> {
  const server = health === undefined ? undefined : await serveHealth({ db, jobs, metrics, ...health });
  const mailer = smtpUrl !== null ? createMailer({ smtpUrl, from: mailFrom }) : resendKey !== undefined ? createResendMailer({ apiKey: resendKey, from: mailFrom }) : null;
  const prices = await openPriceBooks(db, { warn: (sentence, error) => log.warn({ err: error }, sentence) });
  await jobs.schedule();
  const stopping = new AbortController();
  const handlers = createHandlers({ db, log, mailer, prices, now, seal, box, fetch, onActivity, publicUrl, brand,
    onLetter: () => void jobs.add('deliver-mail', {}).catch((error: unknown) => log.warn({ err: error }, 'A letter waits for the next round of the mail job.')),
    countSync: countSyncs(metrics), signal: stopping.signal, onRepricing: (tenantId) => jobs.add('reprice-rows', { tenantId }) });
  jobs.startWorkers(tracing === undefined ? handlers : traceHandlers(handlers, tracing));
  // The schedule may have slept through the end of a month, and letters may wait since a crash.
  await jobs.add('ensure-partitions', {}, { once: 'start' });
  await jobs.add('deliver-mail', {}, { once: 'start' });
  // The catalogue of this version may price what had no price, and a run may have been cut off.
  await jobs.add('heal-quarantine', {}, { once: 'start' });
  await jobs.add('reprice-rows', {}, { once: 'start' });
  await jobs.add('seed-demo', {}, { once: 'start' });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    stopping.abort();
    await server?.close();
    await jobs.close();
    prices.close();
    mailer?.close();
  };
  return { healthUrl: server?.url, close: () => (closing ??= close()) };
}
