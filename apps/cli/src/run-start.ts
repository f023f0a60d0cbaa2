/** Runs Outlay until it is told to stop, and says what runs where. */
import { createLog } from '@outlay/platform';
import type { Env } from './env';
import { alignRows, print, printError } from './print';
import { watchSignals } from './watch-signals';
import { type Part, type RunningOutlay, startOutlay } from './start-outlay';

/** Ends the process. Errors: `unavailable` with one sentence when it cannot start. */
export async function runStart(env: Env, only: Part | undefined): Promise<never> {
  const log = createLog({ level: env.LOG_LEVEL ?? (process.stdout.isTTY ? 'warn' : 'info'), name: only ?? 'outlay' });
  const stop = watchSignals({
    onFirst: () => print('Stopping: what was accepted is finished first. Ctrl-C again ends at once.'),
    onSecond: () => printError('Outlay was ended at once. The next start recovers.'),
  });
  print(`Starting ${only === undefined ? 'Outlay' : `the ${only} of Outlay`} ...`);
  const outlay = await startOutlay({ env, log, signal: stop.signal, ...(only === undefined ? {} : { only }) }).catch((error: unknown) => {
    if (stop.signal.aborted && error instanceof Error && error.name === 'AbortError') return null;
    throw error;
  });
  if (!outlay) return endWith(0);
  if (!stop.signal.aborted) describe(env, outlay, only).forEach(print);
  const failure = await Promise.race([outlay.failed, stop.promise]);
  if (failure !== undefined) printError(failure.message);
  const patience = new Promise<'late'>((resolve) => {
    setTimeout(resolve, failure === undefined ? STOP_MS : STOP_AFTER_FAILURE_MS, 'late').unref();
  });
  if (await Promise.race([outlay.close(), patience]) !== 'late') return endWith(failure === undefined ? 0 : 1);
  printError('Not every part stopped in time. Outlay was ended; the next start recovers.');
  return process.exit(1);
}

/** Below the minute that a container is given: the api alone may drain for 15 s, and a checkpoint of Postgres takes its time. */
const STOP_MS = 50_000;
/** Without its database little is left to finish. */
const STOP_AFTER_FAILURE_MS = 20_000;

function endWith(code: 0 | 1): never {
  if (code === 0) print('Outlay has stopped.');
  return process.exit(code);
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
