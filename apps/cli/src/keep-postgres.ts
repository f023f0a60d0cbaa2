/** Keeps the embedded Postgres running: when it ends unexpectedly it is started again, on the same port, so that every pool finds it. */
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '@outlay/kernel';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, type Log, startEmbeddedPostgres } from '@outlay/platform';

export interface KeptPostgres {
  readonly adminUrl: string;
  readonly loginPassword: string;
  readonly port: number;
  /** Of the server that runs now. */
  readonly pid: number;
  /** Resolves, never rejects, when the server cannot be kept running: with one sentence. */
  readonly failed: Promise<DomainError>;
  stop(): Promise<void>;
}

const EARLY_MS = 1_000;
const EARLY_DEATHS_MAX = 10;
const STARTS_MAX = 3;

/** Errors: `unavailable` with one sentence, when it does not start at all. */
export async function keepPostgres(options: EmbeddedPostgresOptions, log: Log): Promise<KeptPostgres> {
  let server = await startEmbeddedPostgres(options);
  const { adminUrl, loginPassword, port } = server;
  let stopping = false;

  async function watch(): Promise<DomainError | null> {
    let earlyDeaths = 0;
    for (;;) {
      const startedMs = Date.now();
      await server.exited;
      if (stopping) return null;
      earlyDeaths = Date.now() - startedMs < EARLY_MS ? earlyDeaths + 1 : 0;
      if (earlyDeaths >= EARLY_DEATHS_MAX) return sentence(`ended ${earlyDeaths} times right after its start`);
      log.error('The embedded PostgreSQL ended unexpectedly. It is started again.');
      const next = await startAgain();
      if (next instanceof DomainError) return next;
      server = next;
      if (stopping) {
        await server.stop();
        return null;
      }
      if (server.port !== port) {
        await server.stop();
        return sentence(`ended, and its port ${port} was taken meanwhile`);
      }
      log.info('The embedded PostgreSQL runs again.');
    }
  }

  async function startAgain(): Promise<EmbeddedPostgres | DomainError> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await startEmbeddedPostgres(options);
      } catch (error) {
        if (attempt >= STARTS_MAX || stopping) return error instanceof DomainError ? error : sentence(`ended and does not start again (${String(error)})`);
        log.warn({ err: error }, 'The embedded PostgreSQL did not start again; another try follows.');
        await delay(250);
      }
    }
  }

  function sentence(what: string): DomainError {
    return new DomainError('unavailable', { message: `The embedded PostgreSQL ${what}. See ${options.dataDir}/postgres.log, then start Outlay again.` });
  }

  const watching = watch();
  return {
    adminUrl, loginPassword, port,
    get pid() {
      return server.pid;
    },
    failed: watching.then((error) => error ?? new Promise<never>(() => {})),
    stop: async () => {
      stopping = true;
      await server.stop();
      await watching;
    },
  };
}
