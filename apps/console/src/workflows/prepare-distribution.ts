import type { Outputs } from '../api/trpc';
import { formatMoney, formatExactUsd, readPico } from '../ui/format-money';
import { formatPlural, formatShare } from '../ui/format-number';
import type { Column } from './column-chart';

type Figures = Outputs['workflows']['get'];
type Bucket = Figures['histogram'][number];

export interface Distribution {
  readonly columns: readonly Column[];
  /** Where a rank stands on the picture, between 0 and 1. */
  readonly marks: readonly { readonly name: string; readonly at: number }[];
  readonly summary: string;
}

/** More columns than this are hairlines on a phone. */
const COLUMNS_MAX = 34;
const LABELS = 6;

/** Decides the histogram of run costs. The scale is logarithmic: each column is the same factor wider than the one before. */
export function prepareDistribution({ histogram, ranked, runs }: Pick<Figures, 'histogram' | 'ranked' | 'runs'>): Distribution {
  const free = histogram.filter(({ fromPico }) => fromPico === null);
  const buckets = [...free, ...merge(histogram.filter(({ fromPico }) => fromPico !== null))];
  const highest = Math.max(0, ...buckets.map((bucket) => bucket.runs));
  const step = Math.max(1, Math.ceil(buckets.length / LABELS));
  const columns = buckets.map((bucket, index): Column => ({
    key: bucket.fromPico ?? 'free',
    height: highest === 0 ? null : bucket.runs / highest,
    // A single run among thousands would have no height at all.
    seen: bucket.runs > 0,
    label: bucket.fromPico === null ? '$0' : index % step === 0 && buckets.length - index >= step / 2 ? formatEdge(bucket.fromPico) : null,
    title: `${spanOf(bucket)}: ${formatPlural(bucket.runs, 'run')} (${formatShare(runs.runs > 0 ? bucket.runs / runs.runs : 0)})`,
  }));
  const marks = (['p50', 'p95'] as const).flatMap((name) => {
    const cost = readPico(ranked[name]?.costPico);
    const index = cost === null ? -1 : buckets.findIndex((bucket) => holds(bucket, cost));
    return index < 0 ? [] : [{ name, at: (index + 0.5) / buckets.length }];
  });
  const named = (['p50', 'p95', 'max'] as const).flatMap((name) => (ranked[name] ? [`${name === 'max' ? 'the dearest' : name} ${formatMoney(readPico(ranked[name].costPico) ?? 0n)}`] : []));
  return { columns, marks, summary: `What ${formatPlural(runs.runs, 'run')} cost${named.length > 0 ? `: ${named.join(', ')}` : ''}` };
}

function merge(buckets: readonly Bucket[]): Bucket[] {
  const size = Math.ceil(buckets.length / COLUMNS_MAX);
  if (size <= 1) return [...buckets];
  return Array.from({ length: Math.ceil(buckets.length / size) }, (_, n) => {
    const some = buckets.slice(n * size, (n + 1) * size);
    return { fromPico: some[0]!.fromPico, toPico: some.at(-1)!.toPico, runs: some.reduce((sum, { runs }) => sum + runs, 0) };
  });
}

function holds({ fromPico, toPico }: Bucket, cost: bigint): boolean {
  const [from, to] = [readPico(fromPico), readPico(toPico)];
  return (from === null || cost >= from) && (to === null || cost < to);
}

/** Edges are round by themselves: `$0.0125`, `$4`, without padding. */
function formatEdge(pico: string): string {
  return formatExactUsd(readPico(pico) ?? 0n);
}

function spanOf({ fromPico, toPico }: Bucket): string {
  if (fromPico === null) return 'No cost';
  return toPico === null ? `${formatEdge(fromPico)} and more` : `${formatEdge(fromPico)} to ${formatEdge(toPico)}`;
}
