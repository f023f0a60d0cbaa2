import { useRouter } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import { useState, type KeyboardEvent, type MouseEvent, type PointerEvent } from 'react';
import { cx } from '../ui/cx';
import type { BandChart as Prepared, BandColumn } from './prepare-band-chart';

interface BandChartProps {
  readonly chart: Prepared;
  readonly className?: string;
}

/** Of a column's room; the rest is the gap to the next. */
const FILL = 0.76;
/** The drawing's own units: columns are one wide. */
const HEIGHT = 100;

/**
 * Draws a prepared chart: stacked columns, the band of what is expected as an area around a dashed line, incidents as shaded columns with a link at the top.
 * The arrow keys go through its columns; the same figures stand in a table for screen readers.
 */
export function BandChart({ chart, className }: BandChartProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const count = chart.columns.length;
  const last = count - 1;
  const onKeyDown = (event: KeyboardEvent) => {
    const next = { ArrowRight: Math.min(last, (chosen ?? -1) + 1), ArrowLeft: Math.max(0, (chosen ?? last + 1) - 1), Home: 0, End: last }[event.key];
    if (event.key === 'Escape') setChosen(null);
    if (next === undefined) return;
    event.preventDefault();
    setChosen(next);
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setChosen(Math.min(last, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count))));
  };
  const column = chosen === null ? undefined : chart.columns[chosen];
  return (
    <figure aria-label={chart.summary} className={cx('grid grid-cols-[auto_minmax(0,1fr)] grid-rows-[minmax(0,1fr)_auto] gap-x-2', className)}>
      <div aria-hidden className="relative w-11 text-right text-2xs text-ink-3 tabular-nums">
        {chart.ticks.map(({ at, text }) => (
          <span key={at} className="absolute right-0 translate-y-1/2 leading-none" style={{ bottom: `${at * 100}%` }}>
            {text}
          </span>
        ))}
      </div>
      <div
        role="group"
        aria-label="Columns of the chart: go through them with the arrow keys"
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => setChosen(null)}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setChosen(null)}
        className="relative rounded-xs"
      >
        <Plot chart={chart} chosen={chosen} />
        {chart.limit ? (
          <p aria-hidden className="pointer-events-none absolute right-0 translate-y-[calc(50%-0.6rem)] rounded-xs bg-surface px-1 text-2xs font-medium text-danger" style={{ bottom: `${chart.limit.at * 100}%` }}>
            {chart.limit.text}
          </p>
        ) : null}
        {chart.marks.map((mark) => (
          <MarkLink key={mark.column} mark={mark} at={(mark.column + 0.5) / count} />
        ))}
        {column ? <ChosenColumn column={column} position={(chosen! + 0.5) / count} marks={chart.shaded.get(chosen!) ?? []} /> : null}
        <p aria-live="polite" className="sr-only">
          {column ? `${column.span}: ${column.total ?? (column.expected ? `expected ${column.expected}` : 'no data')}${column.rows.map((row) => `, ${row.name} ${row.cost}`).join('')}` : ''}
        </p>
      </div>
      <div aria-hidden className="relative col-start-2 h-5 overflow-hidden text-2xs text-ink-3">
        {chart.labels.map(({ column: at, text }, i) => {
          const place = (at + 0.5) / count;
          return (
            // Every second one stands back on phones; those at an edge do not leave the picture.
            <span
              key={at}
              className={cx('absolute top-1.5 whitespace-nowrap', i % 2 === 1 && 'hidden sm:inline', place < 0.03 ? '' : place > 0.97 ? '-translate-x-full' : '-translate-x-1/2')}
              style={{ left: `${(place < 0.03 ? 0 : place > 0.97 ? 1 : place) * 100}%` }}
            >
              {text}
            </span>
          );
        })}
      </div>
      <FigureTable chart={chart} />
    </figure>
  );
}

function MarkLink({ mark, at }: { readonly mark: Prepared['marks'][number]; readonly at: number }) {
  const router = useRouter();
  const href = mark.id === null ? '/alerts?state=all' : `/alerts/${mark.id}`;
  const words = mark.titles.join('; ');
  const go = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    router.history.push(href);
  };
  return (
    <a
      href={href}
      onClick={go}
      title={words}
      aria-label={`${mark.titles.length === 1 ? 'Incident' : `${mark.titles.length} incidents`}: ${words}`}
      className="absolute top-0 z-10 flex size-6 -translate-x-1/2 items-center justify-center rounded-full bg-warning-soft text-warning ring-2 ring-surface hover:bg-warning hover:text-ink-inverse"
      style={{ left: `${at * 100}%` }}
    >
      {mark.titles.length === 1 ? <TriangleAlert className="size-3.5" aria-hidden /> : <span aria-hidden className="text-2xs font-semibold tabular-nums">{mark.titles.length}</span>}
    </a>
  );
}

function Plot({ chart, chosen }: { readonly chart: Prepared; readonly chosen: number | null }) {
  const y = (share: number): number => HEIGHT * (1 - share);
  const { band } = chart;
  const area = band.length === 0 ? '' : `M${band.map(({ column, upper }) => `${column + 0.5} ${y(upper)}`).join('L')}L${band.toReversed().map(({ column, lower }) => `${column + 0.5} ${y(lower)}`).join('L')}Z`;
  return (
    <svg aria-hidden viewBox={`0 0 ${chart.columns.length} ${HEIGHT}`} preserveAspectRatio="none" className="absolute inset-0 size-full overflow-visible">
      {chart.ticks.map(({ at }) => (
        <line key={at} x1={0} x2={chart.columns.length} y1={y(at)} y2={y(at)} vectorEffect="non-scaling-stroke" className="stroke-line" strokeWidth={1} />
      ))}
      {[...chart.shaded.keys()].map((column) => (
        <rect key={column} x={column} width={1} y={0} height={HEIGHT} className="fill-warning/10" />
      ))}
      {chosen === null ? null : <rect x={chosen} width={1} y={0} height={HEIGHT} className="fill-ink/5" />}
      {area ? <path d={area} className="fill-(--series-1)/15" /> : null}
      {chart.columns.map((column, i) =>
        column.parts.map((part) => <rect key={`${i} ${part.key}`} x={i + (1 - FILL) / 2} width={FILL} y={y(part.to)} height={HEIGHT * (part.to - part.from)} fill={part.swatch} />),
      )}
      {band.length > 0 ? (
        <path d={`M${band.map(({ column, value }) => `${column + 0.5} ${y(value)}`).join('L')}`} fill="none" vectorEffect="non-scaling-stroke" strokeDasharray="4 3" strokeLinejoin="round" className="stroke-(--series-1)" strokeWidth={1.75} />
      ) : null}
      {chart.limit ? <line x1={0} x2={chart.columns.length} y1={y(chart.limit.at)} y2={y(chart.limit.at)} vectorEffect="non-scaling-stroke" strokeDasharray="2 3" className="stroke-danger" strokeWidth={1.25} /> : null}
    </svg>
  );
}

function ChosenColumn({ column, position, marks }: { readonly column: BandColumn; readonly position: number; readonly marks: readonly string[] }) {
  const onRight = position > 0.5;
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute top-6 z-20 min-w-44 rounded-md border border-line bg-surface text-xs shadow-2"
      style={onRight ? { right: `calc(${(1 - position) * 100}% + 0.75rem)` } : { left: `calc(${position * 100}% + 0.75rem)` }}
    >
      <div className="flex items-center justify-between gap-6 px-3 py-2">
        <span className="text-ink-2">{column.span}</span>
        {column.total !== null || column.expected === null ? <span className="font-semibold text-ink tabular-nums">{column.total ?? 'No data'}</span> : null}
      </div>
      {column.expected ? <p className="px-3 pb-2 text-ink-2">Expected {column.expected}</p> : null}
      {marks.map((title) => (
        <p key={title} className="max-w-64 px-3 pb-2 text-warning">
          {title}
        </p>
      ))}
      {column.rows.length > 0 ? (
        <ul className="space-y-1 border-t border-line px-3 py-2">
          {column.rows.map((row) => (
            <li key={row.key} className="flex items-center gap-2">
              <span className="size-2 shrink-0 rounded-xs" style={{ background: row.swatch }} />
              <span className="max-w-40 flex-1 truncate text-ink-2 sm:max-w-56">{row.name}</span>
              <span className="pl-4 text-ink tabular-nums">{row.cost}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function FigureTable({ chart }: { readonly chart: Prepared }) {
  return (
    // A table takes the room of its rows whatever its height says; only a box around it can hide them.
    <div className="sr-only">
      <table>
        <caption>{chart.summary}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Cost</th>
            <th scope="col">Expected</th>
          </tr>
        </thead>
        <tbody>
          {chart.columns.map((column) => (
            <tr key={column.at}>
              <th scope="row">{column.span}</th>
              <td>{column.total ?? 'No data'}</td>
              <td>{column.expected ?? 'None'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
