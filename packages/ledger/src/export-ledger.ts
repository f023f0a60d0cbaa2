/**
 * Everything the ledger holds of a team, file by file, at one cut: events, and what follows from them, computed from the very rows of the cut and not from
 * rollups. In constant memory and short transactions, however long the reader takes.
 */
import { formatPico } from '@outlay/kernel';
import { type Database, type ExportFile, type ExportTable, type ExportTally, jsonFile, tableFiles } from '@outlay/platform';
import { readTotals } from './archive-totals';
import { type Cut, rowsAtOrBelow } from './cut';
import { csvHeader, csvText, guardFormula, toCsvLine } from './event-fields';
import { DAY_SUMS, type DaySums, readDaySums, readRunSums, readRunsPage, readSnapshotsPage, readSpanDays, RUN_SUMS, type RunLabels, type RunSums } from './store-export';
import { type Position, positionOf, readPage } from './store-reads';
import { readViews } from './store-saved-views';
import { readWorkflowSettings } from './store-workflows';

export interface LedgerExportOptions {
  /** Told each price version that a row names, for the file of prices. */
  readonly onPriceVersion: (id: string) => void;
  readonly rowsPerBatch?: number;
}

const TABLES: readonly ExportTable[] = [
  {
    file: 'repricing_runs', what: 'Every re-pricing: what it was to change, why, and what it changed.', from: 'FROM repricing_runs t', key: ['id'],
    money: ['before_pico', 'after_pico'], without: ['lease', 'lease_until'],
  },
  { file: 'repricing_settings', what: 'Whether rows without a price are priced by themselves once there is one.', from: 'FROM repricing_settings t', key: ['tenant_id'], without: ['checked_mark'] },
  { file: 'trial_balances', what: 'Every trial balance with what each check found.', from: 'FROM trial_balances t', key: ['id'], without: ['lease', 'leased_until'] },
];

const ROWS_PER_BATCH = 1_000;
const DAYS_PER_BATCH = 7;

export function exportLedger(db: Database, tenantId: string, cut: Cut, options: LedgerExportOptions): readonly ExportFile[] {
  const limit = options.rowsPerBatch ?? ROWS_PER_BATCH;
  return [
    { name: 'usage_events.csv', what: 'Every ledger row of the cut: calls, outcomes, and both halves of every correction, oldest first.', write: () => writeEvents(db, tenantId, cut, limit, options.onPriceVersion) },
    { name: 'runs.csv', what: 'Every run, summed from its rows of the cut and from what archived months hold of it; labels as they stand now.', write: () => writeRuns(db, tenantId, cut, limit) },
    { name: 'usage_by_day.csv', what: "Days in the team's time zone by environment, workflow, provider and model, summed from the rows of the cut.", write: () => writeDays(db, tenantId, cut) },
    jsonFile('workflows.json', 'Settings of workflows.', () => db.withTenant(tenantId, async (tx) => [...await readWorkflowSettings(tx)].map(([name, { unitName, targetCostPico, timeToLiveMs, usableMeans, route, onGateUnavailable }]) => (
      { name, unit_name: unitName, target_cost_usd: targetCostPico === null ? null : formatPico(targetCostPico), time_to_live_ms: timeToLiveMs, usable_means: usableMeans, route, on_gate_unavailable: onGateUnavailable })))),
    jsonFile('saved_views.json', 'Saved views of the ledger.', () => db.withTenant(tenantId, readViews)),
    jsonFile('archived_totals.json', 'What archived months summed to, with their seals; their rows stand in the files of the archive.', () => db.withTenant(tenantId, readTotals)),
    { name: 'snapshots.jsonl', what: 'Snapshots that events name by their hash: plan, prices, limits and entitlement at the moment of a call.', write: () => writeSnapshots(db, tenantId, limit) },
    ...tableFiles(db, tenantId, TABLES),
  ];
}

async function* writeEvents(db: Database, tenantId: string, cut: Cut, limit: number, onPriceVersion: (id: string) => void): AsyncGenerator<string, ExportTally, void> {
  let after: Position | undefined;
  let rows = 0;
  let costPico = 0n;
  yield `${csvHeader()}\r\n`;
  for (;;) {
    const page = await db.withTenant(tenantId, (tx) => readPage(tx, { tenantId, filter: {}, order: 'oldest', after, limit, and: (params) => [rowsAtOrBelow(cut, params)] }));
    let text = '';
    for (const row of page) {
      text += `${toCsvLine(row)}\r\n`;
      costPico += row.cost_pico ?? 0n;
      if (row.price_version_id !== null) onPriceVersion(row.price_version_id);
    }
    rows += page.length;
    if (text !== '') yield text;
    if (page.length < limit) return { rows, sums: { cost_usd: formatPico(costPico) } };
    after = positionOf(page.at(-1)!);
  }
}

const RUN_HEAD = ['run_id', 'run_ref', 'environment', 'customer_id', 'workflow', 'first_at', 'last_at', 'outcome', 'outcome_at', 'units', 'cost_usd', 'ceiling_usd', 'calls', 'retries', 'unpriced'];
const NO_ROWS: RunSums = { rows: 0, cost_pico: 0n, ceiling_pico: 0n, calls: 0, retries: 0, unpriced: 0, outcome: null, outcome_at: null, units: null };

async function* writeRuns(db: Database, tenantId: string, cut: Cut, limit: number): AsyncGenerator<string, ExportTally, void> {
  let after: string | null = null;
  let rows = 0;
  let costPico = 0n;
  yield `${RUN_HEAD.join(',')}\r\n`;
  for (;;) {
    const cursor: string | null = after;
    const { page, sums } = await db.withTenant(tenantId, async (tx) => {
      const found = await readRunsPage(tx, cursor, limit);
      return { page: found, sums: await readRunSums(tx, tenantId, found.map(({ run_id: id }) => id), cut) };
    });
    let text = '';
    for (const run of page) {
      const summed = sums.get(run.run_id) ?? NO_ROWS;
      // It began after the cut.
      if (summed.rows === 0 && run.archived_calls === null && run.archived_cost_pico === null && run.archived_outcome === null) continue;
      const total = RUN_SUMS.map((name) => BigInt(summed[name]) + BigInt(run[`archived_${name}`] ?? 0));
      costPico += total[0]!;
      rows += 1;
      text += `${runLine(run, summed, total)}\r\n`;
    }
    if (text !== '') yield text;
    if (page.length < limit) return { rows, sums: { cost_usd: formatPico(costPico) } };
    after = page.at(-1)!.run_id;
  }
}

function runLine(run: RunLabels, summed: RunSums, [cost = 0n, ceiling = 0n, ...counts]: readonly bigint[]): string {
  const text = (value: string | null): string => (value === null ? '' : csvText(guardFormula(value)));
  const time = (value: Date | null): string => value?.toISOString() ?? '';
  return [
    run.run_id, text(run.run_ref), run.environment, text(run.customer_id), text(run.workflow), time(run.first_at), time(run.last_at),
    summed.outcome ?? run.archived_outcome ?? '', time(summed.outcome_at), summed.units ?? '', formatPico(cost), formatPico(ceiling), ...counts.map(String),
  ].join(',');
}

async function* writeDays(db: Database, tenantId: string, cut: Cut): AsyncGenerator<string, ExportTally, void> {
  const labels = ['day', 'environment', 'workflow', 'provider', 'model'] as const;
  const money = (name: string): boolean => name.endsWith('_pico');
  yield `${[...labels, ...DAY_SUMS.map((name) => (money(name) ? name.replace(/_pico$/, '_usd') : name))].join(',')}\r\n`;
  const span = await db.withTenant(tenantId, (tx) => readSpanDays(tx, tenantId));
  let rows = 0;
  let costPico = 0n;
  for (let offset = 0; span !== null && offset <= span.days; offset += DAYS_PER_BATCH) {
    const days: DaySums[] = await db.withTenant(tenantId, async (tx) => {
      await tx.query('SET LOCAL statement_timeout = 0');
      return await readDaySums(tx, tenantId, { first: span.first, offset, days: DAYS_PER_BATCH }, cut);
    });
    let text = '';
    for (const day of days) {
      costPico += BigInt(day['cost_pico']!);
      text += `${[...labels.map((name) => csvText(guardFormula(day[name]!))), ...DAY_SUMS.map((name) => (money(name) ? formatPico(BigInt(day[name]!)) : day[name]!))].join(',')}\r\n`;
    }
    rows += days.length;
    if (text !== '') yield text;
  }
  return { rows, sums: { cost_usd: formatPico(costPico) } };
}

async function* writeSnapshots(db: Database, tenantId: string, limit: number): AsyncGenerator<string, ExportTally, void> {
  let after = '';
  let rows = 0;
  for (;;) {
    const cursor = after;
    const page = await db.withTenant(tenantId, (tx) => readSnapshotsPage(tx, cursor, limit));
    if (page.length > 0) yield page.map(({ hash, body, created_at: at }) => `${JSON.stringify({ hash, created_at: at.toISOString(), body })}\n`).join('');
    rows += page.length;
    if (page.length < limit) return { rows };
    after = page.at(-1)!.hash;
  }
}
