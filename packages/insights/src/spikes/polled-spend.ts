/**
 * What providers report and the ledger does not have: spend of keys and models that are not routed through Outlay. Pure. Compared by model, because a provider's key has no name in the
 * ledger: what the ledger knows of a model is taken off what was polled of it, and the rest belongs to the keys that were polled.
 */
import { modelFamily } from '@outlay/ledger';
import type { BilledUsage } from '@outlay/providers';
import type { SpikeScope } from './spike-settings';
import { BUCKET_MS, type Point } from './spend-series';

/** The provider's clock is not the ledger's, and neither is its rounding: so much more than the ledger knows counts as routed. */
const TOLERANCE = 1.1;

interface PolledSeries {
  readonly scope: Extract<SpikeScope, 'provider' | 'key' | 'model'>;
  readonly subject: string;
  readonly name: string;
  readonly points: readonly Point[];
}

export interface PolledSpend {
  readonly series: readonly PolledSeries[];
  /** End of the last bucket that anything was polled of; null without any. */
  readonly untilMs: number | null;
}

/** `ledger`: US dollars by model family and bucket. `priceOf`: what a bucket without a price counts as, in dollars. */
export function unroutedSpend(rows: readonly BilledUsage[], ledger: ReadonlyMap<string, ReadonlyMap<number, number>>, priceOf: (row: BilledUsage) => number, nameOf: (connectionId: string) => string): PolledSpend {
  const polled = rows.map((row) => ({
    row, family: modelFamily(row.model ?? ''), startMs: Math.floor(row.bucket.getTime() / BUCKET_MS) * BUCKET_MS, usd: row.pricedPico === null ? priceOf(row) : Number(row.pricedPico) / 1e12,
  }));
  const totals = new Map<string, number>();
  for (const { family, startMs, usd } of polled) add(totals, `${family} ${startMs}`, usd);
  const sums = new Map<string, { scope: PolledSeries['scope']; subject: string; name: string; buckets: Map<number, number> }>();
  const count = (scope: PolledSeries['scope'], subject: string, name: string, startMs: number, usd: number): void => {
    const key = `${scope} ${subject}`;
    const known = sums.get(key) ?? { scope, subject, name, buckets: new Map<number, number>() };
    sums.set(key, known);
    known.buckets.set(startMs, (known.buckets.get(startMs) ?? 0) + usd);
  };
  let untilMs: number | null = null;
  for (const { row, family, startMs, usd } of polled) {
    untilMs = Math.max(untilMs ?? 0, startMs + BUCKET_MS);
    const total = totals.get(`${family} ${startMs}`)!;
    // A call that began in one bucket may be counted in the next.
    const routed = Math.max(...[-BUCKET_MS, 0, BUCKET_MS].map((beside) => ledger.get(family)?.get(startMs + beside) ?? 0));
    const rest = total > 0 ? usd * Math.max(0, 1 - (routed * TOLERANCE) / total) : 0;
    if (rest <= 0) continue;
    count('provider', row.connectionId, nameOf(row.connectionId), startMs, rest);
    if (row.apiKey !== null) count('key', row.apiKey, row.apiKey, startMs, rest);
    if (row.model !== null) count('model', row.model, row.model, startMs, rest);
  }
  return { series: [...sums.values()].map(({ buckets, ...series }) => ({ ...series, points: [...buckets].map(([startMs, usd]) => ({ startMs, usd })) })), untilMs };
}

function add(map: Map<string, number>, key: string, usd: number): void {
  map.set(key, (map.get(key) ?? 0) + usd);
}
