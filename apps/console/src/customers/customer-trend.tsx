import { useState } from 'react';
import { LazyCostTrendChart } from '../charts/lazy-cost-trend-chart';
import { prepareCostTrend, type TrendBucket } from '../charts/prepare-cost-trend';
import { Card } from '../ui/card';
import { Segmented } from '../ui/tabs';
import type { Customer } from './prepare-customer';

interface CustomerTrendProps {
  readonly points: Customer['trend'];
  readonly bucket: TrendBucket;
  readonly timeZone: string;
}

const BUCKETS: Record<TrendBucket, string> = { '15m': 'per 15 minutes', hour: 'per hour', day: 'per day' };
const GROUPINGS = [
  { value: 'workflow', label: 'By workflow' },
  { value: 'model', label: 'By model' },
] as const;

export function CustomerTrend({ points, bucket, timeZone }: CustomerTrendProps) {
  const [grouping, setGrouping] = useState<(typeof GROUPINGS)[number]['value']>('workflow');
  const trend = prepareCostTrend(points.map(({ at, total, byModel, byWorkflow }) => ({ at, total, costs: grouping === 'model' ? byModel : byWorkflow })), grouping, bucket, timeZone);
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
        <div className="flex h-56 items-center justify-center rounded-md border border-dashed border-line text-sm text-ink-3">Nothing was spent in this range.</div>
      ) : (
        <>
          <LazyCostTrendChart trend={trend} className="h-56 w-full" />
          <ul aria-label="Series" className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs">
            {trend.series.map((series) => (
              <li key={series.key} className="flex items-center gap-2">
                <span aria-hidden className="size-2 rounded-xs" style={{ background: series.color.swatch }} />
                <span className="max-w-48 truncate text-ink-2">{series.name}</span>
                <span className="text-ink tabular-nums">{series.cost}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}
