/** Starts and stops the jobs of this process. */
import { createMailer, type Database, type Jobs, type JOBS, type Log } from '@outlay/platform';
import { createHandlers } from './handlers';

export interface StartWorkerOptions {
  readonly db: Database;
  /** Opened by the caller, who may add jobs too; closed here. */
  readonly jobs: Jobs<typeof JOBS>;
  readonly log: Log;
  /** `smtp://…`; null keeps letters in the outbox. */
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  readonly now?: () => number;
}

export interface RunningWorker {
  /** Takes no further job, finishes the running ones. Safe to call twice. */
  close(): Promise<void>;
}

/** Errors: `unavailable` when the queues cannot be reached. */
export async function startWorker({ db, jobs, log, smtpUrl, mailFrom, now }: StartWorkerOptions): Promise<RunningWorker> {
  const mailer = smtpUrl === null ? null : createMailer({ smtpUrl, from: mailFrom });
  await jobs.schedule();
  jobs.startWorkers(createHandlers({ db, log, mailer, now }));
  // The schedule may have slept through the end of a month, and letters may wait since a crash.
  await jobs.add('ensure-partitions', {}, { once: 'start' });
  await jobs.add('deliver-mail', {}, { once: 'start' });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await jobs.close();
    mailer?.close();
  };
  return { close: () => (closing ??= close()) };
}
