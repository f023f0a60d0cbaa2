/** Who of a scope used most in a window: from rollups, or from `cap_usage`, or row by row, as one counter's sum is read. For screens. */
import type { PoolClient } from 'pg';
import type { CounterAsk } from './counter-ask';
import { modelFamily } from './model-family';
import { measuresOf, sumUp, toWhole } from './read-used-at';
import { sumCells } from './sum-cells';
import { readApartSubjects } from './store-cap-usage';

interface EachAsk extends Pick<CounterAsk, 'fromMs' | 'toMs'> {
  readonly scope: Exclude<CounterAsk['scope'], 'tenant'>;
  readonly metric: Exclude<CounterAsk['metric'], 'runs'>;
}

interface SubjectUse {
  readonly subject: string;
  /** In the gate's whole numbers. */
  readonly used: number;
}

const DIMENSIONS = { environment: 'environment', workflow: 'workflow', customer: 'customer_id', model: 'model' } as const;

/** At most `limit` of those that used anything, the most first. Run in a snapshot. */
export async function readUsedByEach(tx: PoolClient, tenantId: string, { scope, metric, fromMs, toMs }: EachAsk, timeZone: string, limit: number): Promise<SubjectUse[]> {
  const weigh = { metric, usableOnly: false };
  if (scope === 'user' || scope === 'feature' || scope === 'key') {
    const found = await readApartSubjects(tx, tenantId, { scope, metric, fromMs, toMs }, limit);
    return [...found].map(([subject, sums]) => ({ subject, used: toWhole(weigh, sums) }));
  }
  const dimension = DIMENSIONS[scope];
  const sums = await sumCells(tx, { tenantId, timeZone, labels: {}, spans: [{ name: 'all', fromMs, toMs }], measures: measuresOf(metric), sets: [[dimension]] });
  const bySubject = new Map<string, Readonly<Record<string, string>>[]>();
  for (const { keys, values } of sums) {
    const subject = scope === 'model' ? modelFamily(keys[dimension] ?? '') : (keys[dimension] ?? '');
    if (subject !== '') bySubject.set(subject, [...(bySubject.get(subject) ?? []), values]);
  }
  return [...bySubject].map(([subject, values]) => ({ subject, used: toWhole(weigh, sumUp(values)) })).filter(({ used }) => used > 0)
    .sort((a, b) => b.used - a.used || (a.subject < b.subject ? -1 : 1)).slice(0, limit);
}
