/** Runs Outlay until it is told to stop, and says what runs where. */
import { createLog } from '@outlay/platform';
import type { Env } from './env';
import { alignRows, print, printError } from './print';
import { type Part, type RunningOutlay, startOutlay } from './start-outlay';

/** npm passes Ctrl-C on although the terminal has delivered it already: a second one this soon is the same one. */
const SAME_SIGNAL_MS = 500;

/** Ends the process. Errors: `unavailable` with one sentence when it cannot start. */
export async function runStart(env: Env, only: Part | undefined): Promise<never> {
  const log = createLog({ level: env.LOG_LEVEL ?? (process.stdout.isTTY ? 'warn' : 'info'), name: only ?? 'outlay' });
  const stop = watchSignals();
  // Told to stop while starting: the start is finished first, because not every step can be taken back in its middle.
  const outlay = await startOutlay({ env, log, ...(only === undefined ? {} : { only }) });
  if (!stop.asked()) describe(env, outlay, only).forEach(print);
  const failure = await Promise.race([outlay.failed, stop.promise]);
  if (failure !== undefined) printError(failure.message);
  await outlay.close();
  if (failure === undefined) print('Outlay has stopped.');
  return process.exit(failure === undefined ? 0 : 1);
}

function watchSignals(): { asked(): boolean; promise: Promise<undefined> } {
  let firstMs = 0;
  const promise = new Promise<undefined>((resolve) => {
    const onSignal = (): void => {
      const nowMs = Date.now();
      if (firstMs === 0) {
        firstMs = nowMs;
        print('Stopping: what was accepted is finished first. Ctrl-C again ends at once.');
        resolve(undefined);
      } else if (nowMs - firstMs > SAME_SIGNAL_MS) {
        printError('Outlay was ended at once. The next start recovers.');
        process.exit(130);
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
  return { asked: () => firstMs !== 0, promise };
}

function describe(env: Env, { api, worker, jobs, installation, mode }: RunningOutlay, only: Part | undefined): string[] {
  const { postgres, databaseName } = installation;
  const address = env.OUTLAY_PUBLIC_URL ?? api?.url;
  const rows: [string, string][] = [];
  if (api) rows.push(['api, console', `${api.url}  (health /healthz, readiness /readyz, metrics /metrics)`]);
  if (worker) rows.push(['worker', `${only === undefined ? 'in this process' : `health and metrics at ${worker.healthUrl}`}, jobs in ${jobs.backend === 'redis' ? 'Redis' : 'Postgres'}`]);
  rows.push(['database', postgres ? `PostgreSQL of its own on port ${postgres.port}, data in ${databaseName}` : databaseName]);
  if (env.SMTP_URL !== undefined) rows.push(['mail', `sent through ${new URL(env.SMTP_URL).host}`]);
  else rows.push(['mail', mode === 'embedded' && api ? `not sent, shown at ${address}/dev/mailbox (set SMTP_URL to send)` : 'not sent: set SMTP_URL']);
  return ['', address === undefined ? 'The worker of Outlay runs.' : `Outlay runs: ${address}`, '', ...alignRows(rows), '', 'Stop with Ctrl-C.', ''];
}
