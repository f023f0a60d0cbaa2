/** Cost step by step, the whole and by one label: what the spend page draws. */
import { addDays, dayStartMs, DomainError, localDay } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import { readAskedSpan, type AskedSpanInput, type SpanHead } from './asked-span';
import type { Dimension, Labels as SpendLabels } from './cell-pieces';
import { SPEND_DIMENSIONS, type SpendDimension } from './daily-sums';
import { MEASURES } from './measures';
import { STEP_MS, stepsOf, stepStartMs, type TrendBucket } from './overview-range';
import { OTHER_SERIES } from './overview-trend';
import { sumCells } from './sum-cells';

export type { SpendLabels };

export interface SpendCourseInput extends AskedSpanInput {
  readonly labels: SpendLabels;
  readonly groupBy: SpendDimension | null;
  /** Absent: what suits the span. */
  readonly width?: TrendBucket;
}

interface SpendPoint {
  readonly at: string;
  /** Pico-dollars; null where nothing was called: a gap, not a zero. */
  readonly pico: string | null;
  /** By name; the dearest of the span, and all others together. */
  readonly groups: Readonly<Record<string, string>>;
}

export interface SpendCourse extends SpanHead {
  readonly width: TrendBucket;
  /** Dearest first. */
  readonly groups: readonly { readonly name: string; readonly pico: string }[];
  readonly totalPico: string;
  readonly points: readonly SpendPoint[];
}

const GROUPS_MAX = 20;
/** More points than pixels show nothing. */
const SPEND_POINTS_MAX = 3_000;

/** Run in a snapshot. Errors: `invalid_input` for a span that is too long, or too long for its width. */
export async function readSpendCourse(tx: PoolClient, tenantId: string, input: SpendCourseInput, nowMs: number): Promise<SpendCourse> {
  const asked = await readAskedSpan(tx, input, nowMs);
  const { timeZone } = asked;
  const bucket = input.width ?? asked.range.bucket;
  const fromMs = input.fromMs === undefined && bucket === 'day' ? wholeDayFrom(asked.range.fromMs, timeZone) : asked.range.fromMs;
  const range = { ...asked.range, fromMs, bucket };
  const stepMs = range.bucket === 'day' ? null : STEP_MS[range.bucket];
  if (stepMs !== null && (range.toMs - range.fromMs) / stepMs > SPEND_POINTS_MAX) {
    throw new DomainError('invalid_input', { field: 'width', message: `Such a span has more than ${SPEND_POINTS_MAX} steps: choose a wider step, or move "from" and "to" closer.` });
  }
  const time: Dimension = stepMs === null ? 'day' : 'at';
  const step = stepMs === null ? undefined : { ms: stepMs, originMs: stepStartMs(range.fromMs, range.bucket as '15m' | 'hour', timeZone) };
  const dimension = input.groupBy === null ? null : SPEND_DIMENSIONS[input.groupBy];
  const cells = await sumCells(tx, {
    tenantId, timeZone, labels: input.labels, spans: [{ ...asked.current, fromMs }], measures: MEASURES.filter(({ name }) => name === 'cost_pico' || name === 'calls'),
    sets: [[time], ...(dimension === null ? [] : [[time, dimension]])], ...(step === undefined ? {} : { step }),
  });
  const steps = stepsOf(range, timeZone);
  const named = cells.filter(({ set }) => set === 1).map(({ keys, values }) => ({ time: keys[time]!, name: keys[dimension!]!, pico: BigInt(values['cost_pico']!) }));
  const groups = rankGroups(named);
  const shown = new Set(groups.map(({ name }) => name));
  const groupsAt = new Map<string, Map<string, bigint>>();
  for (const { time: at, name, pico } of named) {
    const own = groupsAt.get(at) ?? new Map<string, bigint>();
    const group = shown.has(name) ? name : OTHER_SERIES;
    own.set(group, (own.get(group) ?? 0n) + pico);
    groupsAt.set(at, own);
  }
  const totals = new Map(cells.filter(({ set }) => set === 0).map(({ keys, values }) => [keys[time]!, values['cost_pico']!]));
  return {
    ...asked.head, range: { ...asked.head.range, from: new Date(fromMs).toISOString(), bucket }, steps: steps.map(({ at }) => at), width: bucket, groups,
    totalPico: String([...totals.values()].reduce((sum, pico) => sum + BigInt(pico), 0n)),
    points: steps.map(({ key, at }) => ({ at, pico: totals.get(key) ?? null, groups: Object.fromEntries([...(groupsAt.get(key) ?? [])].map(([name, pico]) => [name, String(pico)])) })),
  };
}

/** A named range in days has whole days: half of the first one would look like a slump. */
function wholeDayFrom(fromMs: number, timeZone: string): number {
  const day = localDay(fromMs, timeZone);
  return dayStartMs(day, timeZone) === fromMs ? fromMs : dayStartMs(addDays(day, 1), timeZone);
}

function rankGroups(named: readonly { readonly name: string; readonly pico: bigint }[]): { name: string; pico: string }[] {
  const sums = new Map<string, bigint>();
  for (const { name, pico } of named) sums.set(name, (sums.get(name) ?? 0n) + pico);
  const ranked = [...sums].sort((a, b) => (b[1] > a[1] ? 1 : b[1] < a[1] ? -1 : a[0] < b[0] ? -1 : 1));
  const others = ranked.slice(GROUPS_MAX).reduce((sum, [, pico]) => sum + pico, 0n);
  return [...ranked.slice(0, GROUPS_MAX).map(([name, pico]) => ({ name, pico: String(pico) })), ...(ranked.length > GROUPS_MAX ? [{ name: OTHER_SERIES, pico: String(others) }] : [])];
}
