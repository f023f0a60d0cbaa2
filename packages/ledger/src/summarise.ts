/** Sums of any span, by any labels: what `GET /v1/summary` answers. Equal to the sum over the rows of the export, always. */
import { DomainError, formatPico, roundHalfEven } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { Dimension, Source } from './cell-pieces';
import type { LabelFilter } from './event-filter';
import { MEASURES } from './measures';
import { type CellSum, sumCells } from './sum-cells';

export const GROUPINGS = { workflow: 'workflow', model: 'model', provider: 'provider', customer: 'customer_id', environment: 'environment', day: 'day' } as const satisfies Record<string, Dimension>;
export type Grouping = keyof typeof GROUPINGS;

/** Counts and tokens as numbers, money as exact decimal dollars, units as a decimal; null where a measure has no meaning. */
export type SummaryMeasures = Readonly<Record<string, number | string | null>>;

export interface Summary {
  /** The span that was summed: `from` inclusive, `to` exclusive. */
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly groupBy: readonly Grouping[];
  /** The moment of the sums: everything committed before is in them. */
  readonly freshAt: string;
  readonly totals: SummaryMeasures;
  readonly groups: readonly { readonly keys: Readonly<Partial<Record<Grouping, string | null>>>; readonly measures: SummaryMeasures }[];
}

const GROUPS_MAX = 10_000;
const DEFAULT_SPAN_MS = 30 * 86_400_000;

export interface SummaryQuery {
  readonly filter: LabelFilter;
  readonly groupBy: readonly Grouping[];
  /** Only for the proof that every source gives the same numbers. */
  readonly source?: Source;
}

/** Without a span: the 30 days before now. Errors: `invalid_input` naming `group_by` when there are too many groups. */
export async function summarise(db: Database, { tenantId }: { readonly tenantId: string }, query: SummaryQuery, nowMs: number): Promise<Summary> {
  const { fromMs: askedFrom, toMs = nowMs, ...labels } = query.filter;
  const fromMs = askedFrom ?? toMs - DEFAULT_SPAN_MS;
  if (fromMs >= toMs) throw new DomainError('invalid_input', { field: 'from', message: '"from" lies after "to" (without "to": after now).' });
  const dimensions = query.groupBy.map((name) => GROUPINGS[name]);
  const { sums, freshAt, timeZone } = await db.withTenantSnapshot(tenantId, async (tx) => {
    // The zone is read in the same snapshot as the day rows that were made by it.
    const { rows } = await tx.query<{ time_zone: string; at: Date }>('SELECT time_zone, now() AS at FROM tenants');
    const { time_zone: zone, at } = rows[0]!;
    return {
      freshAt: at, timeZone: zone,
      sums: await sumCells(tx, {
        tenantId, timeZone: zone, labels, spans: [{ name: 'asked', fromMs, toMs }], measures: MEASURES, sets: dimensions.length === 0 ? [[]] : [[], dimensions],
        source: query.source, limit: GROUPS_MAX + 1,
      }),
    };
  });
  const groups = sums.filter((sum) => sum.set === 1);
  if (groups.length > GROUPS_MAX) throw new DomainError('invalid_input', { field: 'group_by', message: `This gives more than ${GROUPS_MAX} groups: narrow the span or the filter, or group by less.` });
  const ofModels = query.groupBy.includes('model') || query.groupBy.includes('provider');
  return {
    from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), timeZone, groupBy: query.groupBy, freshAt: freshAt.toISOString(),
    totals: measuresOf(sums.find((sum) => sum.set === 0)?.values, false),
    groups: groups.filter((sum) => !ofModels || hasCalls(sum)).sort(byDayThenCost).map((sum) => ({
      keys: Object.fromEntries(query.groupBy.map((name) => [name, sum.keys[GROUPINGS[name]] || null])),
      measures: measuresOf(sum.values, ofModels),
    })),
  };
}

/** A group by model without anything of a model is where the outcomes stand. */
function hasCalls(sum: CellSum): boolean {
  return MEASURES.some(({ name, fact }) => fact !== undefined && sum.values[name] !== '0');
}

function byDayThenCost(a: CellSum, b: CellSum): number {
  const [dayA = '', dayB = ''] = [a.keys.day, b.keys.day];
  if (dayA !== dayB) return dayA < dayB ? -1 : 1;
  const [costA, costB] = [BigInt(a.values['cost_pico']!), BigInt(b.values['cost_pico']!)];
  if (costA !== costB) return costA > costB ? -1 : 1;
  return JSON.stringify(a.keys) < JSON.stringify(b.keys) ? -1 : 1;
}

/** The names under which a summary states its measures. */
export const SUMMARY_MEASURES: readonly string[] = [...MEASURES.map(({ name }) => shownName(name)), 'cost_per_usable_usd'];

function shownName(name: string): string {
  return name.endsWith('_pico') ? `${name.slice(0, -'_pico'.length)}_usd` : name;
}

/** An outcome is a run's, and a run may use several models: by model the outcome measures are null, never a guess. */
function measuresOf(values: CellSum['values'] | undefined, ofModels: boolean): SummaryMeasures {
  const measures: Record<string, number | string | null> = {};
  for (const { name, move, type } of MEASURES) {
    const text = values?.[name] ?? '0';
    const meaningless = ofModels && move !== undefined;
    if (name.endsWith('_pico')) measures[shownName(name)] = meaningless ? null : formatPico(BigInt(text));
    else measures[name] = meaningless ? null : type === 'numeric' ? text : Number(text);
  }
  const perUsable = ofModels ? null : costPerUsable(values?.['cost_pico'] ?? '0', values?.['outcomes_usable'] ?? '0');
  return { ...measures, cost_per_usable_usd: perUsable === null ? null : formatPico(perUsable) };
}

/** All cost over the usable outcomes, to the nearest pico-dollar; null without any. */
export function costPerUsable(costPico: string, usable: string): bigint | null {
  const outcomes = BigInt(usable);
  return outcomes > 0n ? roundHalfEven({ num: BigInt(costPico), den: outcomes }, 1n) : null;
}
