import { BarChart } from '@tremor/react';
import { useState, type ComponentProps, type KeyboardEvent } from 'react';
import { formatScaleUsd } from './money-scale';
import type { CostTrend, TrendColumn } from './prepare-cost-trend';

type TremorTooltip = NonNullable<ComponentProps<typeof BarChart>['customTooltip']>;

interface CostTrendChartProps {
  readonly trend: CostTrend;
  readonly className?: string;
}

const AXIS_PX = 52;
const PADDING_PX = 8;

/** Draws a prepared cost trend as stacked bars. The arrow keys go through its columns; the same figures stand in a table for screen readers. */
export function CostTrendChart({ trend, className }: CostTrendChartProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const data = trend.columns.map((column) => ({ ...column.drawn, label: column.label, column }));
  const last = trend.columns.length - 1;
  const onKeyDown = (event: KeyboardEvent) => {
    const next = { ArrowRight: Math.min(last, (chosen ?? -1) + 1), ArrowLeft: Math.max(0, (chosen ?? last + 1) - 1), Home: 0, End: last }[event.key];
    if (event.key === 'Escape') setChosen(null);
    if (next === undefined) return;
    event.preventDefault();
    setChosen(next);
  };
  const column = chosen === null ? undefined : trend.columns[chosen];
  return (
    <figure aria-label={trend.summary} className={className}>
      <div
        role="group"
        aria-label="Columns of the chart: go through them with the arrow keys"
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => setChosen(null)}
        onPointerMove={() => setChosen(null)}
        className="relative h-full rounded-xs"
      >
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
            yAxisWidth={AXIS_PX}
            tickGap={24}
            barCategoryGap="18%"
            padding={{ left: PADDING_PX, right: 0 }}
            customTooltip={TrendTooltip}
          />
        </div>
        {column ? <ChosenColumn column={column} position={(chosen! + 0.5) / trend.columns.length} /> : null}
        <p aria-live="polite" className="sr-only">
          {column ? `${column.span}: ${column.total ?? 'no data'}${column.rows.map((row) => `, ${row.name} ${row.cost}`).join('')}` : ''}
        </p>
      </div>
      <TrendTable trend={trend} />
    </figure>
  );
}

/** Where the keyboard is: a line through the column, and beside it what the pointer would show. */
function ChosenColumn({ column, position }: { readonly column: TrendColumn; readonly position: number }) {
  const onRight = position > 0.5;
  return (
    <div aria-hidden className="pointer-events-none absolute inset-y-0 right-0" style={{ left: AXIS_PX + PADDING_PX }}>
      <span className="absolute inset-y-0 w-px bg-line-strong" style={{ left: `${position * 100}%` }} />
      <div className="absolute top-2 z-10" style={onRight ? { right: `calc(${(1 - position) * 100}% + 0.5rem)` } : { left: `calc(${position * 100}% + 0.5rem)` }}>
        <ColumnBox column={column} />
      </div>
    </div>
  );
}

const TrendTooltip: TremorTooltip = ({ active, payload }) => {
  const column = (payload?.[0]?.payload as { column?: TrendColumn } | undefined)?.column;
  return active && column ? <ColumnBox column={column} /> : null;
};

function ColumnBox({ column }: { readonly column: TrendColumn }) {
  return (
    <div className="min-w-48 rounded-md border border-line bg-surface text-xs shadow-2">
      <div className="flex items-center justify-between gap-6 px-3 py-2">
        <span className="text-ink-2">{column.span}</span>
        <span className="font-semibold text-ink tabular-nums">{column.total ?? 'No data'}</span>
      </div>
      {column.rows.length > 0 ? (
        <ul className="space-y-1 border-t border-line px-3 py-2">
          {column.rows.map((row) => (
            <li key={row.key} className="flex items-center gap-2">
              <span className="size-2 shrink-0 rounded-xs" style={{ background: row.swatch }} />
              <span className="max-w-56 flex-1 truncate text-ink-2">{row.name}</span>
              <span className="pl-4 text-ink tabular-nums">{row.cost}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

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
            {trend.series.map((series) => (
              <th key={series.key} scope="col">
                {series.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {trend.columns.map((column) => (
            <tr key={column.at}>
              <th scope="row">{column.span}</th>
              <td>{column.total ?? 'No data'}</td>
              {trend.series.map((series) => (
                <td key={series.key}>{column.rows.find((row) => row.key === series.key)?.cost ?? (column.total === null ? 'No data' : 'None')}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
