import { useState } from 'react';
import { LazyCostTrendChart } from '../charts/lazy-cost-trend-chart';
import { prepareCostTrend, type TrendBucket, type TrendGrouping, type TrendPoint } from '../charts/prepare-cost-trend';
import { Card } from '../ui/card';
import { formatShare } from '../ui/format-number';
import { Segmented } from '../ui/tabs';

interface TrendCardProps {
  readonly points: readonly TrendPoint[];
  readonly bucket: TrendBucket;
  readonly timeZone: string;
  /** Narrows the page to one of the series. */
  readonly onChoose: (grouping: TrendGrouping, name: string) => void;
}

const GROUPINGS = [
  { value: 'model', label: 'By model' },
  { value: 'workflow', label: 'By workflow' },
] as const;

const BUCKETS: Record<TrendBucket, string> = { '15m': 'per 15 minutes', hour: 'per hour', day: 'per day' };

export function TrendCard({ points, bucket, timeZone, onChoose }: TrendCardProps) {
  const [grouping, setGrouping] = useState<TrendGrouping>('model');
  const trend = prepareCostTrend(points, grouping, bucket, timeZone);
  return (
    <Card
      title={
        <>
          Cost <span className="font-normal text-ink-3">{BUCKETS[bucket]}</span>
        </>
      }
      actions={<Segmented label="Group the trend" options={GROUPINGS} value={grouping} onChange={setGrouping} />}
    >
      {trend.empty ? (
        <div className="flex h-64 items-center justify-center rounded-md border border-dashed border-line text-sm text-ink-3">Nothing was spent in this range.</div>
      ) : (
        <>
          <LazyCostTrendChart trend={trend} className="h-64 w-full" />
          <ul aria-label="Series" className="-mx-2 mt-3 flex flex-wrap gap-x-1 gap-y-0.5">
            {trend.series.map((series) => (
              <li key={series.key}>
                <button
                  type="button"
                  disabled={series.choice === null}
                  onClick={() => series.choice !== null && onChoose(grouping, series.choice)}
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
        </>
      )}
    </Card>
  );
}
