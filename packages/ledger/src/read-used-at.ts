/**
 * What counters of the gate have counted, summed from the ledger at a cut. Tenant, environment, workflow, customer and model are read from rollups; users, features and keys from `cap_usage`
 * where the scope is kept there, else row by row. In the gate's whole numbers: cost in nano-dollars and units in millionths, both rounded away from zero, else counts.
 */
import { BUCKET_MS, type Rational, parseDecimal, TOKEN_CLASSES } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import type { Labels, Span } from './cell-pieces';
import type { CounterAsk } from './counter-ask';
import { type Cut, readCut } from './cut';
import { type Measure, MEASURES } from './measures';
import { modelFamily } from './model-family';
import { sumCells } from './sum-cells';
import { readApartScopes } from './store-cap-usage';

export interface UsedAt {
  readonly cut: Cut;
  /** By the key of each ask. */
  readonly used: Map<string, number>;
}

/** Run in a snapshot (`withTenantSnapshot`), so that the sums are those of the cut. */
export async function readUsedAt(tx: PoolClient, tenantId: string, asks: readonly CounterAsk[], timeZone: string): Promise<UsedAt> {
  const cut = await readCut(tx);
  const used = new Map<string, number>();
  const summed = asks.filter((ask) => {
    if (ask.metric === 'runs') used.set(ask.key, 0);
    return ask.metric !== 'runs';
  });
  const isApart = ({ scope }: CounterAsk): boolean => scope === 'user' || scope === 'feature' || scope === 'key';
  for (const group of groupsOf(summed.filter((ask) => !isApart(ask)))) await sumGroup(tx, tenantId, timeZone, group, used);
  const apart = summed.filter(isApart);
  if (apart.length > 0) for (const [key, sums] of await readApartScopes(tx, tenantId, apart)) used.set(key, toWhole(apart.find((ask) => ask.key === key)!, sums));
  return { cut, used };
}

/** Asks that one statement answers: of one subject, and apart by workflow or not. */
function groupsOf(asks: readonly CounterAsk[]): CounterAsk[][] {
  const groups = new Map<string, CounterAsk[]>();
  for (const ask of asks) {
    const name = JSON.stringify([ask.scope, ask.scope === 'model' ? '' : ask.subject, ask.workflows !== null]);
    groups.set(name, [...(groups.get(name) ?? []), ask]);
  }
  return [...groups.values()];
}

const MEASURES_OF: Readonly<Record<Exclude<CounterAsk['metric'], 'runs'>, readonly Measure[]>> = {
  cost: MEASURES.filter(({ name }) => name === 'ceiling_pico'),
  units: MEASURES.filter(({ name }) => name === 'units' || name === 'units_usable'),
  tokens: MEASURES.filter(({ name }) => (TOKEN_CLASSES as readonly string[]).includes(name)),
  calls: MEASURES.filter(({ name }) => name === 'calls'),
};

export function measuresOf(metric: Exclude<CounterAsk['metric'], 'runs'>): readonly Measure[] {
  return MEASURES_OF[metric];
}

async function sumGroup(tx: PoolClient, tenantId: string, timeZone: string, asks: readonly CounterAsk[], used: Map<string, number>): Promise<void> {
  const { scope, subject, workflows } = asks[0]!;
  const labels: Labels = scope === 'customer' ? { customerId: subject } : scope === 'environment' ? { environment: subject } : scope === 'workflow' ? { workflow: subject } : {};
  const measures = [...new Set(asks.flatMap(({ metric }) => (metric === 'runs' ? [] : MEASURES_OF[metric])))];
  const dimension = scope === 'model' ? 'model' : workflows === null ? null : 'workflow';
  const spans = [...new Map(asks.map(spanOf).map((span) => [span.name, span])).values()];
  const sums = await sumCells(tx, { tenantId, timeZone, labels, spans, measures, sets: [dimension === null ? [] : [dimension]] });
  for (const ask of asks) {
    const own = sums.filter(({ span, keys }) => span === spanOf(ask).name && countsIn(ask, keys));
    used.set(ask.key, toWhole(ask, sumUp(own.map(({ values }) => values))));
  }
}

function countsIn({ scope, subject, workflows }: CounterAsk, keys: Readonly<Partial<Record<string, string>>>): boolean {
  if (scope === 'model') return modelFamily(keys['model'] ?? '') === subject;
  if (workflows === null) return true;
  const workflow = keys['workflow'] ?? '';
  return 'only' in workflows ? workflows.only.includes(workflow) : !workflows.except.includes(workflow);
}

function spanOf({ fromMs, toMs }: CounterAsk): Span {
  if (fromMs % BUCKET_MS !== 0 || toMs % BUCKET_MS !== 0) throw new Error('A window of the gate has edges on quarters of an hour.');
  return { name: `${fromMs}-${toMs}`, fromMs, toMs };
}

/** By measure. */
export function sumUp(rows: readonly Readonly<Record<string, string>>[]): Record<string, Rational> {
  const sums: Record<string, Rational> = {};
  for (const row of rows) {
    for (const [name, text] of Object.entries(row)) {
      const { num, den } = parseDecimal(text)!;
      const sum = sums[name] ?? { num: 0n, den: 1n };
      sums[name] = { num: sum.num * den + num * sum.den, den: sum.den * den };
    }
  }
  return sums;
}

/** `sums` by measure; an absent one is zero. */
export function toWhole({ metric, usableOnly }: Pick<CounterAsk, 'metric' | 'usableOnly'>, sums: Readonly<Record<string, Rational>>): number {
  const of = (name: string): Rational => sums[name] ?? { num: 0n, den: 1n };
  switch (metric) {
    case 'cost':
      return awayFromZero(of('ceiling_pico'), 1n, 1_000n);
    case 'units':
      return awayFromZero(of(usableOnly ? 'units_usable' : 'units'), 1_000_000n, 1n);
    case 'tokens':
      return TOKEN_CLASSES.reduce((sum, name) => sum + awayFromZero(of(name), 1n, 1n), 0);
    default:
      return awayFromZero(of(metric), 1n, 1n);
  }
}

function awayFromZero({ num, den }: Rational, times: bigint, by: bigint): number {
  const [scaled, parts] = [num * times, den * by];
  const size = scaled < 0n ? -scaled : scaled;
  const whole = (size + parts - 1n) / parts;
  return Number(scaled < 0n ? -whole : whole);
}
