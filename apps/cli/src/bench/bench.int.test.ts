/** The benches on tiny ledgers: that they run, and that what they compare agrees. Their figures mean nothing at this size. */
import { spawnSync } from 'node:child_process';
import { cataloguePriceBook, priceFast } from '@outlay/pricing';
import { whyNoRedis } from '@outlay/platform/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { CLI_MAIN, MIGRATIONS_DIR } from '../places';
import { buildCli } from '../testing/cli-process';
import { benchConsole } from './console';
import { benchDashboard } from './dashboard';
import { benchExport } from './export';
import { benchGate } from './gate';
import { type BenchReport, formatReport } from './goals';
import { benchPrice } from './price';

beforeAll(buildCli);

async function options(): Promise<Pick<Parameters<typeof benchDashboard>[0], 'migrationsDir' | 'mainFile' | 'price' | 'rounds' | 'progress'>> {
  const book = await cataloguePriceBook();
  return { migrationsDir: MIGRATIONS_DIR, mainFile: CLI_MAIN, price: (_tenantId, input) => priceFast(book, input), rounds: 1, progress: () => {} };
}

function valueOf(report: BenchReport, id: string): number {
  const goal = report.goals.find((each) => each.id === id);
  expect(goal, `${report.bench} states no goal ${id}`).toBeDefined();
  return goal!.value;
}

describe('outlay bench', { timeout: 240_000 }, () => {
  it('dashboard: both sides state the same figures, and a new event is shown', async () => {
    const report = await benchDashboard({ ...await options(), rows: 900, watchMs: 200 });
    for (const id of ['D1', 'D1b', 'D1c', 'D2', 'D2b', 'V1']) expect(valueOf(report, id)).toBeGreaterThan(0);
    expect(report.figures['events watched']).toBeGreaterThan(0);
    // Whole runs, the template's included, over two months: a cell more is a cell that no row stands behind.
    expect(report.figures['900 rows, cells of 15 minutes']).toBeGreaterThan(300);
    expect(formatReport(report)).toContain('acknowledged until shown by Overview');
  });

  it('export: every row leaves once in both formats', async () => {
    const report = await benchExport({ ...await options(), rows: 300 });
    for (const id of ['E1', 'E2', 'E3']) expect(valueOf(report, id)).toBeGreaterThan(0);
    expect(report.figures['csv, large, bytes/row']).toBeGreaterThan(300);
  });

  const withoutChromium = spawnSync('sh', ['-c', 'command -v chromium || command -v chromium-browser || command -v google-chrome']).status === 0 ? null : 'there is no chromium here';
  it.skipIf(withoutChromium)(`console: every figure of a page is measured, on the demo and on a grown ledger${withoutChromium === null ? '' : `: ${withoutChromium}`}`, async () => {
    const report = await benchConsole({ ...await options(), rows: 900, demoEvents: 3_000, only: ['/', '/ledger', '/welcome'] });
    expect(report.goals.map(({ id }) => id)).toEqual(Array.from({ length: 11 }, (_, n) => `C${n + 1}`));
    for (const id of ['C1', 'C2', 'C3', 'C4', 'C6', 'C7', 'C8', 'C9', 'C11']) expect(valueOf(report, id)).toBeGreaterThan(0);
    for (const page of ['demo, /', 'demo, /ledger', 'demo, /welcome', '900 rows, /ledger']) expect(report.figures[`${page}: scripts kB`]).toBeGreaterThan(50);
  });

  const withoutRedis = whyNoRedis();
  it.skipIf(withoutRedis)(`gate: every begin is allowed, in process, in Redis, from a lease and over HTTP${withoutRedis === undefined ? '' : `: ${withoutRedis}`}`, async () => {
    const report = await benchGate({ ...await options(), events: 300, tenants: 100 });
    expect(report.goals.map(({ id }) => id)).toEqual(['B1', 'B2', 'B2b', 'B3', 'B3b', 'B4', 'B6', 'B6b', 'B7', 'B7b', 'B8']);
    for (const id of ['B1', 'B2', 'B2b', 'B3', 'B4', 'B6', 'B7', 'B7b']) expect(valueOf(report, id)).toBeGreaterThan(0);
    expect(report.figures['MB of 1M live counters']).toBeGreaterThan(50);
  });

  it('price: a priced line and a ledger row of the same usage cost the same', async () => {
    const report = await benchPrice({ events: 600, rounds: 1, progress: () => {} });
    expect(valueOf(report, 'P4')).toBe(0);
    expect(valueOf(report, 'P2')).toBeGreaterThan(1);
  });
});
