import { BandChart } from '../charts/band-chart';
import { prepareBandChart } from '../charts/prepare-band-chart';
import { prepareCostTrend, type TrendBucket } from '../charts/prepare-cost-trend';
import { Card } from '../ui/card';
import { formatShare } from '../ui/format-number';
import { Segmented } from '../ui/tabs';
import type { SpendPoint } from './prepare-spend';
import type { Grouping } from './spend-search';

export interface SpendSeries {
  readonly timeZone: string;
  readonly width: TrendBucket;
  readonly points: readonly SpendPoint[];
  readonly incidents: readonly { readonly alertId: string; readonly title: string; readonly from: string; readonly to: string | null }[];
  readonly forecast: readonly { readonly at: string; readonly pico: string; readonly lowerPico: string; readonly upperPico: string }[];
}

interface SpendChartProps {
  readonly series: SpendSeries;
  readonly by: Grouping;
  readonly nowMs: number;
  readonly onGroup: (by: Grouping) => void;
  readonly onChoose: (name: string) => void;
}

const OPTIONS = [{ value: 'workflow', label: 'Workflow' }, { value: 'provider', label: 'Provider' }, { value: 'model', label: 'Model' }, { value: 'customer', label: 'Customer' }] as const;
const WIDTHS: Record<TrendBucket, string> = { '15m': 'per 15 minutes', hour: 'per hour', day: 'per day' };

export function SpendChart({ series, by, nowMs, onGroup, onChoose }: SpendChartProps) {
  const { timeZone, width, points, incidents, forecast } = series;
  const trend = prepareCostTrend(points.map(({ at, pico, groups }) => ({ at, total: pico, costs: groups })), by, width, timeZone);
  const chart = prepareBandChart({
    trend, bucket: width, timeZone, nowMs, forecast: forecast.map(({ at, pico, lowerPico, upperPico }) => ({ at, pico, lower: lowerPico, upper: upperPico })),
    marks: incidents.map(({ alertId, title, from, to }) => ({ id: alertId, title, from, to })),
  });
  return (
    <Card
      title={
        <>
          Spend <span className="font-normal text-ink-3">{WIDTHS[width]}</span>
        </>
      }
      actions={<Segmented label="Group the spend by" options={OPTIONS} value={by} onChange={onGroup} className="no-scrollbar max-w-full overflow-x-auto" />}
    >
      <BandChart chart={chart} className="h-72 w-full pt-2" />
      <ul aria-label="Series" className="-mx-2 mt-4 flex flex-wrap gap-x-1 gap-y-0.5">
        {trend.series.map((each) => (
          <li key={each.key}>
            <button
              type="button"
              disabled={each.choice === null}
              onClick={() => each.choice !== null && onChoose(each.choice)}
              title={each.choice === null ? undefined : `Show only ${each.choice}`}
              className="flex items-center gap-2 rounded-xs px-2 py-1 text-xs transition-colors enabled:hover:bg-surface-3"
            >
              <span aria-hidden className="size-2 rounded-xs" style={{ background: each.color.swatch }} />
              <span className="max-w-48 truncate text-ink-2">{each.name}</span>
              <span className="text-ink tabular-nums">{each.cost}</span>
              <span className="text-ink-3 tabular-nums">{formatShare(each.share)}</span>
            </button>
          </li>
        ))}
        {chart.band.length > 0 ? (
          <li className="flex items-center gap-2 px-2 py-1 text-xs text-ink-3">
            <span aria-hidden className="h-2.5 w-5 border-t-2 border-dashed border-(--series-1) bg-(--series-1)/15" />
            expected, with its interval
          </li>
        ) : null}
      </ul>
    </Card>
  );
}
