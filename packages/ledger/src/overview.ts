/** What Overview shows: one moment's figures of a span, of the span before, and how the cost went. */
import { DAY_MS } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import { type AskedSpan, type AskedSpanInput, readAskedSpan } from './asked-span';
import type { Labels, Span } from './cell-pieces';
import type { TrendBucket } from './overview-range';
import { type CallTotals, callTotalsOf, INPUT_TOKENS, measuresNamed, SHOWN_MEASURES, type Totals, totalsOf } from './overview-totals';
import { type CustomerPoint, readCustomerTrend, readTrend, type TrendPoint } from './overview-trend';
import { type CellSum, sumCells } from './sum-cells';

export type { Totals } from './overview-totals';

export interface Overview {
  readonly freshAt: string;
  readonly timeZone: string;
  readonly range: { readonly from: string; readonly to: string; readonly bucket: TrendBucket };
  readonly totals: Totals;
  /** Of the span just before. */
  readonly previous: Totals;
  readonly trend: readonly TrendPoint[];
  /** Dearest first; '' is what names no workflow. */
  readonly workflows: readonly WorkflowTotals[];
  /** Dearest first. An outcome is a run's, and a run may use several models: these have no outcomes. */
  readonly models: readonly ({ readonly provider: string; readonly model: string } & CallTotals)[];
  /** Every environment with rows in the range, whatever the filter. */
  readonly environments: readonly string[];
}

export interface WorkflowTotals extends Totals {
  readonly workflow: string;
  /** What one usable outcome is called, and may cost: as the team says. */
  readonly unitName: string | null;
  readonly targetCostPico: string | null;
  /** Calls that were answered, what they read, and what a usable outcome cost, in the span before. */
  readonly before: { readonly answered: number; readonly inputTokens: number; readonly costPerUsablePico: string | null };
  /** Both spans by day of the team's zone, oldest first; empty for a range of less than two days. */
  readonly days: readonly { readonly day: string; readonly inRange: boolean; readonly answered: number; readonly inputTokens: number }[];
}

/** A span, and labels that Overview can be narrowed to. */
export interface OverviewInput extends Labels, AskedSpanInput {}

/** A range is told by days from here on. */
const TOLD_BY_DAYS_MS = 2 * DAY_MS;

/** Errors: `invalid_input` for a span that is too long to show. */
export async function readOverview(db: Database, tenantId: string, input: OverviewInput, nowMs: number): Promise<Overview> {
  return await inSnapshot(db, tenantId, input, nowMs, async (tx, { head: { steps: _steps, ...head }, timeZone, labels, range, current, previous }) => {
    const asked = { tenantId, timeZone, labels };
    const sums = await sumCells(tx, { ...asked, spans: [current, previous], measures: SHOWN_MEASURES, sets: [[], ['workflow'], ['provider', 'model']] });
    const ofSet = (set: number, span: string): CellSum[] => sums.filter((sum) => sum.set === set && sum.span === span).sort(byCost);
    const settings = await readTargets(tx);
    const before = new Map(ofSet(1, 'previous').map(({ keys, values }) => [keys.workflow!, { ...inputOf(values), costPerUsablePico: totalsOf(values).costPerUsablePico }]));
    const days = range.toMs - range.fromMs < TOLD_BY_DAYS_MS ? new Map<string, WorkflowTotals['days'][number][]>() : await readDays(tx, { ...asked, spans: [current, previous] });
    return {
      ...head,
      totals: totalsOf(ofSet(0, 'current')[0]?.values),
      previous: totalsOf(ofSet(0, 'previous')[0]?.values),
      trend: await readTrend(tx, { ...asked, span: current, range }),
      workflows: ofSet(1, 'current').map(({ keys: { workflow = '' }, values }) => ({
        workflow, ...totalsOf(values), unitName: settings.get(workflow)?.unit_name ?? null, targetCostPico: settings.get(workflow)?.target ?? null,
        before: before.get(workflow) ?? { answered: 0, inputTokens: 0, costPerUsablePico: null }, days: days.get(workflow) ?? [],
      })),
      models: ofSet(2, 'current').map(({ keys, values }) => ({ provider: keys.provider!, model: keys.model!, ...callTotalsOf(values) }))
        .filter((each) => each.calls !== 0 || each.costPico !== '0' || each.ceilingPico !== '0'),
      environments: await readEnvironments(tx, current, timeZone),
    };
  });
}

/** The trend of the same span by customer: asked for apart, because only one view of the chart needs it. Errors: as `readOverview`. */
export async function readOverviewCustomers(db: Database, tenantId: string, input: OverviewInput, nowMs: number): Promise<readonly CustomerPoint[]> {
  return await inSnapshot(db, tenantId, input, nowMs, (tx, { timeZone, labels, range, current }) => readCustomerTrend(tx, { tenantId, timeZone, labels, span: current, range }));
}

interface Asked extends AskedSpan {
  readonly labels: Labels;
}

async function inSnapshot<T>(db: Database, tenantId: string, { range, fromMs, toMs, ...labels }: OverviewInput, nowMs: number, read: (tx: PoolClient, asked: Asked) => Promise<T>): Promise<T> {
  return await db.withTenantSnapshot(tenantId, async (tx) => await read(tx, { ...await readAskedSpan(tx, { range, fromMs, toMs }, nowMs), labels }));
}

async function readTargets(tx: PoolClient): Promise<Map<string, { readonly unit_name: string; readonly target: string | null }>> {
  const { rows } = await tx.query<{ name: string; unit_name: string; target: string | null }>('SELECT name, unit_name, target_cost_pico::text AS target FROM workflows');
  return new Map(rows.map((row) => [row.name, row]));
}

const DAY_MEASURES = [...measuresNamed(new Set(['calls', 'failed'])), INPUT_TOKENS];

/** What answered calls read, by workflow and day. A day on which both spans touch stands twice, once for each. */
async function readDays(tx: PoolClient, asked: { readonly tenantId: string; readonly timeZone: string; readonly labels: Labels; readonly spans: readonly Span[] }): Promise<Map<string, WorkflowTotals['days'][number][]>> {
  const sums = await sumCells(tx, { ...asked, measures: DAY_MEASURES, sets: [['day', 'workflow']] });
  const days = new Map<string, WorkflowTotals['days'][number][]>();
  for (const { keys, span, values } of sums.toSorted((a, b) => (a.keys.day! < b.keys.day! ? -1 : a.keys.day! > b.keys.day! ? 1 : a.span > b.span ? -1 : 1))) {
    const ofWorkflow = days.get(keys.workflow!) ?? [];
    ofWorkflow.push({ day: keys.day!, inRange: span === 'current', ...inputOf(values) });
    days.set(keys.workflow!, ofWorkflow);
  }
  return days;
}

function inputOf(values: CellSum['values']): { answered: number; inputTokens: number } {
  return { answered: Number(values['calls']) - Number(values['failed']), inputTokens: Number(values['input_tokens']) };
}

async function readEnvironments(tx: PoolClient, span: Span, timeZone: string): Promise<string[]> {
  const { rows } = await tx.query<{ environment: string }>(
    `SELECT DISTINCT r.environment FROM usage_rollup_day r
     WHERE r.day BETWEEN ($1::timestamptz AT TIME ZONE $3)::date AND ($2::timestamptz AT TIME ZONE $3)::date ORDER BY 1`,
    [new Date(span.fromMs), new Date(span.toMs - 1), timeZone]);
  return rows.map(({ environment }) => environment);
}

function byCost(a: CellSum, b: CellSum): number {
  const [costA, costB] = [BigInt(a.values['cost_pico']!), BigInt(b.values['cost_pico']!)];
  return costA > costB ? -1 : costA < costB ? 1 : 0;
}
