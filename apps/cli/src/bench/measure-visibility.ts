/** Goal V1: how long after an event was acknowledged until Overview shows it, while other events come in at half of what the server can take. */
import { newId } from '@outlay/kernel/ids';
import { readOverview } from '@outlay/ledger';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchDatabase } from './bench-database';
import { makeEvent } from './bench-events';
import type { Goal } from './goals';
import { postBodies, startBenchServer } from './http-load';
import { quantile } from './rounds';

export interface VisibilityOptions {
  readonly mainFile: string;
  readonly watchMs: number;
  readonly progress: (text: string) => void;
}

const EVENTS_PER_REQUEST = 100;
/** Requests by which the server's full rate is found. */
const FULL_REQUESTS = 200;
/** Nobody else writes in it, so that its count of calls tells which events are shown. */
const WATCHED = 'bench_watched';
const DEADLINE_MS = 10_000;

export async function measureVisibility(options: VisibilityOptions, bench: BenchDatabase, folder: string, figures: Record<string, number>): Promise<Goal[]> {
  const server = await startBenchServer(options.mainFile, bench.url, folder);
  try {
    options.progress('finding the full rate of ingest');
    const full = await postBodies(server.url, bench.apiKey, Array.from({ length: FULL_REQUESTS }, (_, n) => bodyOf(n)), 16);
    const perSecond = FULL_REQUESTS / full.seconds / 2;
    options.progress(`watching new events at ${Math.round(perSecond * EVENTS_PER_REQUEST).toLocaleString('en-US')} events a second`);
    const untilMs = performance.now() + options.watchMs;
    const load = { sent: 0, failures: [] as unknown[] };
    const [waits] = await Promise.all([watch(bench, server.url, untilMs), sendEvenly(bench, server.url, perSecond, untilMs, load)]);
    if (load.failures.length > 0) throw load.failures[0];
    figures['events a second while watching'] = (load.sent * EVENTS_PER_REQUEST) / (options.watchMs / 1_000);
    figures['events watched'] = waits.length;
    figures['acknowledged until shown, ms p50'] = quantile(waits, 0.5);
    figures['acknowledged until shown, ms most'] = quantile(waits, 1);
    return [{ id: 'V1', what: 'acknowledged until shown by Overview at half load, ms p99', value: quantile(waits, 0.99), goal: 250, better: 'lower' }];
  } finally {
    await server.close();
  }
}

function bodyOf(n: number): string {
  return JSON.stringify({ events: Array.from({ length: EVENTS_PER_REQUEST }, (_, i) => makeEvent(n * EVENTS_PER_REQUEST + i)) });
}

/** An open loop: a request leaves when its time has come, however long the others take. */
async function sendEvenly(bench: BenchDatabase, url: string, perSecond: number, untilMs: number, load: { sent: number; failures: unknown[] }): Promise<void> {
  const startMs = performance.now();
  const open = new Set<Promise<void>>();
  while (performance.now() < untilMs && load.failures.length === 0) {
    const due = Math.floor(((performance.now() - startMs) / 1_000) * perSecond);
    for (; load.sent < due; load.sent++) {
      const request: Promise<void> = postBodies(url, bench.apiKey, [bodyOf(load.sent)], 1).then(() => undefined, (error: unknown) => void load.failures.push(error)).finally(() => open.delete(request));
      open.add(request);
    }
    await delay(1_000 / perSecond);
  }
  await Promise.all(open);
}

/** One event after the other; each wait begins when its answer has arrived, and ends with the page that counts it. */
async function watch(bench: BenchDatabase, url: string, untilMs: number): Promise<number[]> {
  const waits: number[] = [];
  while (performance.now() < untilMs || waits.length === 0) {
    const event = { ...makeEvent(0), id: newId(), run_id: newId(), workflow: WATCHED };
    await postBodies(url, bench.apiKey, [JSON.stringify({ events: [event] })], 1);
    const acknowledged = performance.now();
    const shown = async (): Promise<boolean> => {
      const { workflows } = await readOverview(bench.db, bench.tenantId, { range: '30d' }, Date.now());
      return workflows.find(({ workflow }) => workflow === WATCHED)?.calls === waits.length + 1;
    };
    while (!(await shown())) {
      if (performance.now() - acknowledged > DEADLINE_MS) throw new Error(`An acknowledged event was not shown within ${DEADLINE_MS} ms.`);
    }
    waits.push(performance.now() - acknowledged);
  }
  return waits;
}
