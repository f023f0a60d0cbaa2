/**
 * What counted in cost counters beside those rows that another room sets apart (the gate: rows of runs that held). No counter knows it, so it is summed row by row, and only where that is
 * cheap enough: for screens, never for a decision.
 */
import type { PoolClient } from 'pg';
import { SUBJECT_SQL } from './cap-scope';
import type { CounterAsk } from './counter-ask';
import { createParams, type Params, spanConditions } from './event-conditions';
import { MEASURES } from './measures';
import { modelFamily } from './model-family';
import { sumCells } from './sum-cells';

interface BesideQuery {
  readonly asks: readonly CounterAsk[];
  /** SQL that is true for a row `e` of `usage_events` which does not count here. */
  readonly isApart: string;
  /** Calls of a window above which nobody looks. */
  readonly callsMax: number;
  readonly timeZone: string;
}

const CALLS = MEASURES.filter(({ name }) => name === 'calls');

/** Pico-dollars by the key of each ask; null where it is not known: too many rows, or some of them are archived. Run in a snapshot. */
export async function readCostBeside(tx: PoolClient, tenantId: string, { asks, isApart, callsMax, timeZone }: BesideQuery): Promise<Map<string, bigint | null>> {
  const told = new Map<string, bigint | null>(asks.map(({ key }) => [key, null]));
  const { rows: [archived] } = await tx.query<{ endMs: number }>(`SELECT coalesce(extract(epoch FROM max(month) + interval '1 month') * 1000, '-Infinity')::float8 AS "endMs" FROM archived_months`);
  const isWhole = ({ fromMs }: CounterAsk): boolean => fromMs >= archived!.endMs;
  for (const group of groupsOf(asks.filter(isWhole))) {
    const { fromMs, toMs } = group[0]!;
    const customerId = group[0]!.scope === 'customer' ? group[0]!.subject : undefined;
    const [sum] = await sumCells(tx, { tenantId, timeZone, labels: customerId === undefined ? {} : { customerId }, spans: [{ name: 'all', fromMs, toMs }], measures: CALLS, sets: [[]] });
    if (Number(sum?.values['calls'] ?? 0) > callsMax) continue;
    for (const [key, cost] of await sumRows(tx, tenantId, group, isApart)) told.set(key, cost);
  }
  return told;
}

/** Of one span; of one customer by its index, or of the whole team at once. */
function groupsOf(asks: readonly CounterAsk[]): CounterAsk[][] {
  const groups = new Map<string, CounterAsk[]>();
  for (const ask of asks) {
    const name = JSON.stringify([ask.fromMs, ask.toMs, ask.scope === 'customer' ? ask.subject : null]);
    groups.set(name, [...(groups.get(name) ?? []), ask]);
  }
  return [...groups.values()];
}

const MODEL = `coalesce(e.model_served, e.model_requested, '')`;

async function sumRows(tx: PoolClient, tenantId: string, asks: readonly CounterAsk[], isApart: string): Promise<Map<string, bigint>> {
  const params = createParams();
  const { scope, subject, fromMs, toMs } = asks[0]!;
  const where = [
    `e.tenant_id = ${params.add(tenantId)}::uuid`, ...spanConditions({ fromMs, toMs }, params), `e.subject = 'call'`, ...(scope === 'customer' ? [`e.customer_id = ${params.add(subject)}`] : []), `NOT (${isApart})`,
  ];
  const byModel = asks.some((ask) => ask.scope === 'model');
  const { rows } = await tx.query<Record<string, string>>(
    `SELECT ${byModel ? MODEL : `''`} AS model, ${asks.map((ask, i) => `coalesce(sum(e.ceiling_pico) FILTER (WHERE ${countsSql(ask, params)}), 0)::text AS a${i}`).join(', ')}
     FROM usage_events e WHERE ${where.join(' AND ')} GROUP BY 1`, params.values);
  return new Map(asks.map((ask, i) => {
    const own = ask.scope === 'model' ? rows.filter(({ model }) => modelFamily(model!) === ask.subject) : rows;
    return [ask.key, own.reduce((sum, row) => sum + BigInt(row[`a${i}`]!), 0n)];
  }));
}

function countsSql({ scope, subject }: CounterAsk, params: Params): string {
  switch (scope) {
    case 'environment':
    case 'workflow':
      return `e.${scope} = ${params.add(subject)}`;
    case 'user':
    case 'feature':
    case 'key':
      return `${SUBJECT_SQL[scope]} = ${params.add(subject)}`;
    default:
      return 'true';
  }
}
