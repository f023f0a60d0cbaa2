/** What a worker in a process of its own shows to whoever watches it: `/healthz`, `/readyz`, `/metrics`. Names no tenant, needs no key. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { DomainError } from '@outlay/kernel';
import type { Database, Jobs, JOBS, Metrics } from '@outlay/platform';

export interface HealthOptions {
  readonly db: Database;
  readonly jobs: Jobs<typeof JOBS>;
  readonly metrics: Metrics;
  readonly port: number;
  readonly host: string;
}

const PATIENCE_MS = 2_000;

/** Errors: `unavailable` with one sentence when the port is taken or not allowed. */
export async function serveHealth({ db, jobs, metrics, port, host }: HealthOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  metrics.gauge('jobs', 'Jobs by kind and state.', ['kind', 'state'], async (gauge) => {
    for (const [kind, states] of Object.entries(await jobs.counts())) {
      for (const [state, count] of Object.entries(states)) gauge.set({ kind, state }, count);
    }
  });
  const isReady = async (): Promise<boolean> => {
    // The queues answer from where they stand: Redis or Postgres.
    const checks = Promise.all([db.system.query('select 1'), jobs.counts()]).then(() => true, () => false);
    return await Promise.race([checks, new Promise<boolean>((resolve) => setTimeout(resolve, PATIENCE_MS, false).unref())]);
  };
  const answer = async (path: string, response: ServerResponse): Promise<void> => {
    if (path === '/healthz') return send(response, 200, 'application/json', '{"status":"ok"}');
    if (path === '/readyz') {
      const ready = await isReady();
      return send(response, ready ? 200 : 503, 'application/json', JSON.stringify({ status: ready ? 'ready' : 'not_ready' }));
    }
    if (path !== '/metrics') return send(response, 404, 'text/plain', 'A worker shows /healthz, /readyz and /metrics only.\n');
    const { contentType, body } = await metrics.render();
    send(response, 200, contentType, body);
  };
  const server = createServer((request, response) => {
    answer((request.url ?? '').split('?')[0]!, response).catch(() => send(response, 500, 'text/plain', 'failed\n'));
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new DomainError('unavailable', {
      message: code === 'EADDRINUSE' ? `Port ${port} is taken by another process. Stop it, or choose another port with PORT=4401.`
        : `The worker's health could not be served on ${host}:${port}: ${message}. Choose another with PORT and HOST.`,
      cause,
    });
  }
  const address = server.address();
  const listening = address !== null && typeof address === 'object' ? address.port : port;
  return {
    url: `http://${host === '0.0.0.0' || host === '::' || host === '127.0.0.1' ? 'localhost' : host}:${listening}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': type });
  response.end(body);
}
