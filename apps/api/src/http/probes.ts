/** `/healthz`: the process answers. `/readyz`: it can do its work. `/metrics`: Prometheus. None of them needs a key, none names a tenant. */
import type { FastifyInstance } from 'fastify';
import type { Database } from '@outlay/platform';
import type { ApiDeps } from '../deps';

export interface Probe {
  readonly name: string;
  ready(): boolean | Promise<boolean>;
}

const PATIENCE_MS = 2_000;

export function databaseProbe(db: Database): Probe {
  return { name: 'database', ready: async () => (await db.app.query('select 1')).rowCount === 1 };
}

export function installProbes(app: FastifyInstance, deps: Pick<ApiDeps, 'probes' | 'draining' | 'metrics'>): void {
  app.get('/healthz', () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const answers = await Promise.all(deps.probes.map(async ({ name, ready }) => [name, await inTime(ready)] as const));
    const checks = { ...Object.fromEntries(answers), draining: deps.draining.aborted };
    const isReady = !deps.draining.aborted && answers.every(([, ready]) => ready);
    return reply.code(isReady ? 200 : 503).header('cache-control', 'no-store').send({ status: isReady ? 'ready' : 'not_ready', checks });
  });

  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await deps.metrics.render();
    return reply.type(contentType).send(body);
  });
}

/** A probe that fails or hangs says no. */
async function inTime(ready: Probe['ready']): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS);
  });
  try {
    return await Promise.race([Promise.resolve(ready()).catch(() => false), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
