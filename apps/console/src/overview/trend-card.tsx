import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { trpc } from '../api/trpc';
import { LazyCostTrendChart } from '../charts/lazy-cost-trend-chart';
import { prepareCostTrend, type TrendBucket, type TrendPoint } from '../charts/prepare-cost-trend';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { ErrorState } from '../ui/error-state';
import { formatShare } from '../ui/format-number';
import { Skeleton } from '../ui/skeleton';
import { Segmented } from '../ui/tabs';
import { askedOf, type Grouping, type MarginSearch } from './margin-search';

interface Point {
  readonly at: string;
  readonly total: string | null;
  readonly byModel: TrendPoint['costs'];
  readonly byProvider: TrendPoint['costs'];
  readonly byWorkflow: TrendPoint['costs'];
}

interface TrendCardProps {
  readonly points: readonly Point[];
  readonly bucket: TrendBucket;
  readonly timeZone: string;
  readonly search: MarginSearch;
  readonly onGroup: (by: Grouping) => void;
  /** Narrows the page to one of the series. */
  readonly onChoose: (by: Grouping, name: string) => void;
}

const OPTIONS = [
  { value: 'model', label: 'Model' },
  { value: 'provider', label: 'Provider' },
  { value: 'workflow', label: 'Workflow' },
  { value: 'customer', label: 'Customer' },
] as const satisfies readonly { value: Grouping; label: string }[];

const BUCKETS: Record<TrendBucket, string> = { '15m': 'per 15 minutes', hour: 'per hour', day: 'per day' };
const FIELDS = { model: 'byModel', provider: 'byProvider', workflow: 'byWorkflow' } as const;

export function TrendCard({ points, search, onGroup, ...rest }: TrendCardProps) {
  const by = search.by ?? 'model';
  return (
    <Card
      title={
        <>
          Cost <span className="font-normal text-ink-3">{BUCKETS[rest.bucket]}</span>
        </>
      }
      actions={<Segmented label="Group the trend by" options={OPTIONS} value={by} onChange={onGroup} className="no-scrollbar max-w-full overflow-x-auto" />}
    >
      {by === 'customer' ? <CustomerTrend search={search} {...rest} /> : <Trend points={points.map((point) => ({ at: point.at, total: point.total, costs: point[FIELDS[by]] }))} by={by} {...rest} />}
    </Card>
  );
}

type TrendProps = Omit<TrendCardProps, 'points' | 'search' | 'onGroup'>;

/** Customers are asked for apart, and only when somebody looks: a team may have very many of them. */
function CustomerTrend({ search, ...rest }: TrendProps & { readonly search: MarginSearch }) {
  const trend = useQuery(trpc.overview.trendByCustomer.queryOptions(askedOf(search), { placeholderData: keepPreviousData }));
  if (trend.data) return <Trend points={trend.data.points.map(({ at, total, byCustomer }) => ({ at, total, costs: byCustomer }))} by="customer" dimmed={trend.isPlaceholderData} {...rest} />;
  if (trend.isError) return <ErrorState title="The customers could not be read" error={trend.error} onRetry={() => void trend.refetch()} retrying={trend.isFetching} />;
  return (
    <>
      <Skeleton className="h-64 w-full rounded-md" />
      <Skeleton className="mt-4 h-4 w-3/4" />
    </>
  );
}

function Trend({ points, by, bucket, timeZone, dimmed = false, onChoose }: TrendProps & { readonly points: readonly TrendPoint[]; readonly by: Grouping; readonly dimmed?: boolean }) {
  const trend = prepareCostTrend(points, by, bucket, timeZone);
  if (trend.empty) return <div className="flex h-64 items-center justify-center rounded-md border border-dashed border-line text-sm text-ink-3">Nothing was spent in this range.</div>;
  return (
    <div className={cx('transition-opacity', dimmed && 'opacity-60')}>
      <LazyCostTrendChart trend={trend} className="h-64 w-full" />
      <ul aria-label="Series" className="-mx-2 mt-3 flex flex-wrap content-start gap-x-1 gap-y-0.5 sm:min-h-19">
        {trend.series.map((series) => (
          <li key={series.key}>
            <button
              type="button"
              disabled={series.choice === null}
              onClick={() => series.choice !== null && onChoose(by, series.choice)}
              title={series.choice === null ? undefined : `Show only ${series.choice}`}
              className="flex items-center gap-2 rounded-xs px-2 py-1 text-xs transition-colors enabled:hover:bg-surface-3"
            >
              <span aria-hidden className="size-2 rounded-xs" style={{ background: series.color.swatch }} />
              <span className="max-w-48 truncate text-ink-2">{series.name}</span>
              <span className="text-ink tabular-nums">{series.cost}</span>
              <span className="text-ink-3 tabular-nums">{formatShare(series.share)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
