/** Corrections come in pairs: for each revision of an event one reversal, which takes out exactly the state before, and one restatement. */
import { formatPico } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import type { Fault } from './balance-checks';

export interface PairsProof {
  readonly corrections: number;
  readonly fault: Fault | null;
}

interface Odd {
  readonly original: string;
  readonly revision: number;
  readonly reversals: number;
  readonly restatements: number;
  readonly before: string | null;
  readonly taken_cost: bigint | null;
  readonly before_cost: bigint | null;
  readonly differs: boolean;
}

/** What a reversal carries negated; null on both sides is the same. */
const NEGATED = ['cost_pico', 'ceiling_pico', 'provider_cost_pico', 'units'];

/** Inside `withTenant`. A pair has the id time of its original, so that it is archived with it: whatever stands here is whole. */
export async function provePairs(tx: PoolClient): Promise<PairsProof> {
  const { rows: [count] } = await tx.query<{ n: bigint }>('SELECT count(DISTINCT (corrects, revision)) AS n FROM usage_events WHERE corrects IS NOT NULL');
  if (count!.n === 0n) return { corrections: 0, fault: null };
  const { rows: [odd] } = await tx.query<Odd>(`
    WITH pairs AS (
      SELECT corrects, revision, count(*) FILTER (WHERE kind = 'reversal' AND sign = -1)::int AS reversals, count(*) FILTER (WHERE kind = 'restatement' AND sign = 1)::int AS restatements,
        ${NEGATED.map((name) => `min(${name}) FILTER (WHERE kind = 'reversal') AS ${name}`).join(', ')}
      FROM usage_events WHERE corrects IS NOT NULL GROUP BY corrects, revision
    ), states AS (
      SELECT e.id AS event, 0 AS revision, ${NEGATED.map((name) => `e.${name}`).join(', ')} FROM usage_events e
      WHERE e.corrects IS NULL AND e.id IN (SELECT corrects FROM pairs)
      UNION ALL SELECT corrects, revision, ${NEGATED.join(', ')} FROM usage_events WHERE kind = 'restatement'
    )
    SELECT * FROM (
      SELECT p.corrects::text AS original, p.revision, p.reversals, p.restatements, s.event::text AS before, p.cost_pico AS taken_cost, s.cost_pico AS before_cost,
        (${NEGATED.map((name) => `p.${name} IS DISTINCT FROM -s.${name}`).join(' OR ')}) AS differs
      FROM pairs p LEFT JOIN states s ON s.event = p.corrects AND s.revision = p.revision - 1
    ) x WHERE reversals <> 1 OR restatements <> 1 OR before IS NULL OR differs ORDER BY original, revision LIMIT 1`);
  return { corrections: Number(count!.n), fault: odd === undefined ? null : { message: wordsOf(odd), place: { kind: 'event', id: odd.original } } };
}

function wordsOf({ original, revision, reversals, restatements, before, taken_cost: taken, before_cost: stood }: Odd): string {
  const which = `event ${original}, revision ${revision}`;
  if (reversals !== 1 || restatements !== 1) return `${which}: ${reversals} reversals and ${restatements} restatements, where there must be one of each`;
  if (before === null) return `${which}: the row that it takes out is not in the ledger`;
  const money = (pico: bigint | null): string => (pico === null ? 'no cost' : `$${formatPico(pico)}`);
  return taken === (stood === null ? null : -stood)
    ? `${which}: its reversal takes out other figures than stood there`
    : `${which}: its reversal carries ${money(taken)}, but the row before costs ${money(stood)}`;
}
