/**
 * A table by group, computed from the ledger's rows at a cut and never from rollups: what finance downloads. The column `cost_usd` sums to the
 * figure of the screen, and there is no total row that a sum would count twice. Read in slices of some days, each in a moment of its own:
 * the cut fixes the rows, so that any number of them takes no long transaction.
 */
import { addRational, DAY_MS, DomainError, formatPico, formatRational, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { type Cut } from './cut';
import { csvCell } from './event-fields';
import type { EventFilter } from './event-filter';
import { BOM, type ExportFacts, type ExportOptions, factCells, openExport } from './export-facts';
import { type Measure, MEASURES } from './measures';
import { costPerUsable, SUMMARY_MEASURES } from './summarise';
import { CALL_MEASURES, OUTCOME_MEASURES, readCallSpanAt, readOutcomeSums, readRowSums, readSpanOfRows, type RowsQuery, type SumRow } from './store-row-sums';
import { CALL_GROUPINGS, type RowGrouping } from './row-groupings';

export interface SummaryExport {
  readonly cut: Cut;
  readonly facts: ExportFacts;
  readonly groups: number;
  readonly chunks: Generator<string, void, void>;
}

/** Ten million rows of a quarter are a million a slice: seconds. */
const SLICE_MS = 8 * DAY_MS;
const GROUPS_MAX = 100_000;
const LINES_PER_CHUNK = 1_000;

interface Group {
  readonly keys: readonly string[];
  /** By measure, in their order; those that have decimals stand in `decimals`. */
  readonly sums: bigint[];
  readonly decimals: Rational[];
}

const COST = MEASURES.findIndex(({ name }) => name === 'cost_pico');
const PLACES = new Map(MEASURES.map((measure, place) => [measure, place]));
const USABLE = MEASURES.findIndex(({ name }) => name === 'outcomes_usable');

/** Errors: `invalid_input` naming `cut`, or `group_by` when there are too many groups. Everything is summed before the first line is given. */
export async function summariseRows(
  db: Database, tenantId: string, filter: EventFilter, groupBy: readonly RowGrouping[], options: ExportOptions & { readonly sliceMs?: number } = {},
): Promise<SummaryExport> {
  const { cut, facts, search } = await openExport(db, tenantId, filter, options.cut);
  const query: RowsQuery = { tenantId, timeZone: facts.timeZone, filter, groupBy, cut, search };
  const span = await db.withTenant(tenantId, (tx) => readSpanOfRows(tx, query));
  const groups = new Map<string, Group>();
  // An outcome belongs to a run, which may use several models: by what a call alone has, outcomes mean nothing.
  const withOutcomes = !groupBy.some((name) => CALL_GROUPINGS.has(name));
  if (span !== null) {
    const slices = slicesOf(span, options.sliceMs ?? SLICE_MS);
    for (const slice of slices) addTo(groups, CALL_MEASURES, await db.withTenant(tenantId, (tx) => readRowSums(tx, query, slice)), groupBy.length);
    if (withOutcomes) {
      const narrowed = filter.provider !== undefined || filter.model !== undefined;
      const callSpan = narrowed ? await db.withTenant(tenantId, (tx) => readCallSpanAt(tx, query)) : null;
      // The calls of a run may lie anywhere before its outcome: they are read once, for all outcomes together.
      if (!narrowed) for (const slice of slices) addTo(groups, OUTCOME_MEASURES, await db.withTenant(tenantId, (tx) => readOutcomeSums(tx, query, slice, null)), groupBy.length);
      else if (callSpan !== null) addTo(groups, OUTCOME_MEASURES, await db.withTenant(tenantId, (tx) => readOutcomeSums(tx, query, span, callSpan)), groupBy.length);
    }
  }
  const rows = [...groups.values()].filter(({ sums, decimals }) => decimals.some(({ num }) => num !== 0n) || sums.some((sum) => sum !== 0n)).sort(byDayThenCost(groupBy.indexOf('day')));
  return { cut, facts, groups: rows.length, chunks: toCsv(rows, groupBy, withOutcomes, facts, options) };
}

function slicesOf({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }, sliceMs: number): { fromMs: number; toMs: number }[] {
  const slices: { fromMs: number; toMs: number }[] = [];
  for (let at = fromMs; at < toMs; at += sliceMs) slices.push({ fromMs: at, toMs: Math.min(at + sliceMs, toMs) });
  return slices;
}

function addTo(groups: Map<string, Group>, measures: readonly Measure[], rows: readonly SumRow[], keyCount: number): void {
  for (const row of rows) {
    const keys = row.slice(0, keyCount).map((key) => key ?? '');
    const name = JSON.stringify(keys);
    let group = groups.get(name);
    if (group === undefined) {
      if (groups.size >= GROUPS_MAX) throw new DomainError('invalid_input', { field: 'group_by', message: `This gives more than ${GROUPS_MAX.toLocaleString('en-US')} groups: narrow the span or the filter, or group by less.` });
      groups.set(name, group = { keys, sums: MEASURES.map(() => 0n), decimals: MEASURES.map(() => ZERO) });
    }
    for (const [i, measure] of measures.entries()) {
      const text = row[keyCount + i]!;
      if (text === '0') continue;
      const place = PLACES.get(measure)!;
      if (measure.type === 'numeric') group.decimals[place] = addRational(group.decimals[place]!, parseDecimal(text)!);
      else group.sums[place]! += BigInt(text);
    }
  }
}

function byDayThenCost(day: number): (a: Group, b: Group) => number {
  return (a, b) => {
    if (day !== -1 && a.keys[day] !== b.keys[day]) return a.keys[day]! < b.keys[day]! ? -1 : 1;
    if (a.sums[COST] !== b.sums[COST]) return a.sums[COST]! > b.sums[COST]! ? -1 : 1;
    return JSON.stringify(a.keys) < JSON.stringify(b.keys) ? -1 : 1;
  };
}

function* toCsv(rows: readonly Group[], groupBy: readonly RowGrouping[], withOutcomes: boolean, facts: ExportFacts, { plain, bom }: ExportOptions): Generator<string, void, void> {
  const cells = factCells(facts, plain);
  yield `${bom ? BOM : ''}${[...groupBy, ...SUMMARY_MEASURES].join(',')}${cells.head}\r\n`;
  for (let i = 0; i < rows.length; i += LINES_PER_CHUNK) {
    yield rows.slice(i, i + LINES_PER_CHUNK).map((group) => `${[...group.keys.map(csvCell), ...measureCells(group, withOutcomes)].join(',')}${cells.line}\r\n`).join('');
  }
}

/** An empty cell is a measure without meaning here, never a zero. */
function measureCells({ sums, decimals }: Group, withOutcomes: boolean): string[] {
  const cells = MEASURES.map(({ name, move, type }, i) => {
    if (move !== undefined && !withOutcomes) return '';
    if (type === 'numeric') return formatRational(decimals[i]!);
    return name.endsWith('_pico') ? formatPico(sums[i]!) : String(sums[i]!);
  });
  const perUsable = withOutcomes ? costPerUsable(String(sums[COST]!), String(sums[USABLE]!)) : null;
  return [...cells, perUsable === null ? '' : formatPico(perUsable)];
}
