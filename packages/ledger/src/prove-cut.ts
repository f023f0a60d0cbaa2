/**
 * Law 11 on live data: a proof remembers what it saw at its cut, month by month, and the next one sums the very same rows again. Months whose rows went
 * to files, or came back from there, in between are left out: their totals speak for them.
 */
import { formatPico } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import { type Cut, formatCut, parseCut, rowsAtOrBelow } from './cut';
import type { Fault } from './balance-checks';
import { createParams } from './event-conditions';

/** Of a month of ids: rows, cost in pico-dollars, and a sum over ids and costs that a swapped row would change. */
type MonthMemory = readonly [rows: number, costPico: string, digest: string];

export interface CutMemory {
  readonly cut: string;
  /** By `2026-11`; callers' own keys have no month and stand under `keyed`. */
  readonly months: Readonly<Record<string, MonthMemory>>;
  /** Months that had an archived total then. */
  readonly archived: readonly string[];
}

export interface CutProof {
  /** Of the remembered cut; 0 when nothing was remembered. */
  readonly rows: number;
  readonly fault: Fault | null;
  /** What is to be remembered of this proof. */
  readonly memory: CutMemory;
}

const MONTH = `CASE WHEN e.id >= 'f0000000-0000-0000-0000-000000000000' THEN 'keyed'
  ELSE to_char(to_timestamp(('x' || translate(left(e.id::text, 13), '-', ''))::bit(48)::bigint / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM') END`;
const DIGEST = `('x' || left(md5(e.id::text || coalesce(e.cost_pico::text, '')), 15))::bit(60)::bigint::numeric`;

/** One scan for both cuts. Inside `withTenant`. */
export async function proveCut(tx: PoolClient, cut: Cut, remembered: CutMemory | null): Promise<CutProof> {
  const params = createParams();
  const old = remembered === null ? null : parseCut(remembered.cut);
  const sums = (name: string, at: Cut): string => {
    const within = rowsAtOrBelow(at, params);
    return `count(*) FILTER (WHERE ${within})::float8 AS ${name}_rows, coalesce(sum(e.cost_pico) FILTER (WHERE ${within}), 0)::text AS ${name}_cost,
      coalesce(sum(${DIGEST}) FILTER (WHERE ${within}), 0)::text AS ${name}_digest`;
  };
  const { rows } = await tx.query<Record<string, string | number>>(
    `SELECT ${MONTH} AS month, ${sums('now', cut)}${old?.ok ? `, ${sums('old', old.value)}` : ''} FROM usage_events e GROUP BY 1 ORDER BY 1`, params.values);
  const { rows: totals } = await tx.query<{ month: string }>(`SELECT to_char(month, 'YYYY-MM') AS month FROM archived_totals ORDER BY 1`);
  const archived = totals.map(({ month }) => month);
  const readMonths = (name: 'now' | 'old'): Record<string, MonthMemory> => Object.fromEntries(
    rows.filter((row) => row[`${name}_rows`] !== 0).map((row) => [String(row['month']), [Number(row[`${name}_rows`]), String(row[`${name}_cost`]), String(row[`${name}_digest`])] as const]));
  const memory: CutMemory = { cut: formatCut(cut), months: readMonths('now'), archived };
  if (remembered === null || !old?.ok) return { rows: 0, fault: null, memory };
  const again = readMonths('old');
  return { rows: Object.values(again).reduce((sum, [count]) => sum + count, 0), fault: compareMonths(remembered, again, archived), memory };
}

const NOTHING: MonthMemory = [0, '0', '0'];

/** Pure: the first month, of those that stand here now as they did then, that is not what was remembered. */
export function compareMonths(remembered: Pick<CutMemory, 'cut' | 'months' | 'archived'>, again: Readonly<Record<string, MonthMemory>>, archivedNow: readonly string[]): Fault | null {
  const months = [...new Set([...Object.keys(remembered.months), ...Object.keys(again)])].sort();
  for (const month of months) {
    if (remembered.archived.includes(month) || archivedNow.includes(month)) continue;
    const [was, is] = [remembered.months[month] ?? NOTHING, again[month] ?? NOTHING];
    if (was.every((value, n) => value === is[n])) continue;
    const since = remembered.cut.slice(remembered.cut.indexOf('@') + 1);
    const where = month === 'keyed' ? 'rows with idempotency keys' : `rows of ${month}`;
    const what = was[0] !== is[0] ? `${is[0]} rows stand where ${was[0]} stood`
      : was[1] !== is[1] ? `they cost $${formatPico(BigInt(is[1]))}, and cost $${formatPico(BigInt(was[1]))} then`
        : 'as many rows of the same cost stand there, but not the same ones';
    return { message: `${where}, as of ${since}: ${what}`, place: placeOf(month) };
  }
  return null;
}

function placeOf(month: string): Fault['place'] {
  if (month === 'keyed') return null;
  const from = new Date(`${month}-01T00:00:00Z`);
  return { kind: 'rows', from: from.toISOString(), to: new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1)).toISOString() };
}
