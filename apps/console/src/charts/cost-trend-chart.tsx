import { BarChart } from '@tremor/react';
import type { ComponentProps } from 'react';
import { formatScaleUsd } from './money-scale';
import type { CostTrend, TrendColumn } from './prepare-cost-trend';

type TremorTooltip = NonNullable<ComponentProps<typeof BarChart>['customTooltip']>;

interface CostTrendChartProps {
  readonly trend: CostTrend;
  readonly className?: string;
}

/** Draws a prepared cost trend as stacked bars. The same figures stand in a table for screen readers. */
export function CostTrendChart({ trend, className }: CostTrendChartProps) {
  const data = trend.columns.map((column) => ({ ...column.drawn, label: column.label, column }));
  return (
    <figure aria-label={trend.summary} className={className}>
      <div aria-hidden className="h-full">
        <BarChart
          className="h-full"
          data={data}
          index="label"
          categories={trend.series.map((series) => series.key)}
          colors={trend.series.map((series) => series.color.tremor)}
          stack
          showLegend={false}
          valueFormatter={(usd) => formatScaleUsd(usd, trend.scale)}
          maxValue={trend.scale.top}
          yAxisWidth={52}
          tickGap={24}
          barCategoryGap="18%"
          padding={{ left: 8, right: 0 }}
          customTooltip={TrendTooltip}
        />
      </div>
      <TrendTable trend={trend} />
    </figure>
  );
}

const TrendTooltip: TremorTooltip = ({ active, payload }) => {
  const column = (payload?.[0]?.payload as { column?: TrendColumn } | undefined)?.column;
  if (!active || !column) return null;
  return (
    <div className="min-w-48 rounded-md border border-line bg-surface text-xs shadow-2">
      <div className="flex items-center justify-between gap-6 border-b border-line px-3 py-2">
        <span className="text-ink-2">{column.span}</span>
        <span className="font-semibold text-ink tabular-nums">{column.total ?? 'No data'}</span>
      </div>
      {column.rows.length > 0 ? (
        <ul className="space-y-1 px-3 py-2">
          {column.rows.map((row) => (
            <li key={row.name} className="flex items-center gap-2">
              <span className="size-2 shrink-0 rounded-xs" style={{ background: row.swatch }} />
              <span className="max-w-56 flex-1 truncate text-ink-2">{row.name}</span>
              <span className="pl-4 text-ink tabular-nums">{row.cost}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
};

function TrendTable({ trend }: { readonly trend: CostTrend }) {
  return (
    // A table takes the room of its rows whatever its height says; only a box around it can hide them.
    <div className="sr-only">
      <table>
        <caption>{trend.summary}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          {trend.columns.map((column) => (
            <tr key={column.at}>
              <th scope="row">{column.span}</th>
              <td>{column.total ?? 'No data'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
