import { cx } from '../ui/cx';

export interface Column {
  readonly key: string;
  /** Between 0 and 1; null is a gap. */
  readonly height: number | null;
  /** Has something to show, however little: it keeps a hairline. */
  readonly seen: boolean;
  /** Under the column; null for none. */
  readonly label: string | null;
  readonly title: string;
}

interface ColumnChartProps {
  readonly columns: readonly Column[];
  readonly summary: string;
  /** Upright lines, at a place between 0 and 1. */
  readonly marks?: readonly { readonly name: string; readonly at: number }[];
  /** At the upper edge. */
  readonly top?: string;
  readonly className?: string;
}

/** Draws prepared columns, all of one measure. The same figures stand in a list for screen readers. */
export function ColumnChart({ columns, summary, marks = [], top, className }: ColumnChartProps) {
  return (
    <figure aria-label={summary} className={className}>
      <div aria-hidden>
        <div className="relative h-44 pt-5">
          {top ? <span className="absolute top-0 left-0 text-2xs text-ink-3 tabular-nums">{top}</span> : null}
          <div className="pointer-events-none absolute inset-x-0 top-5 bottom-0 flex flex-col justify-between">
            {[0, 1, 2, 3].map((line) => (
              <span key={line} className={cx('h-px', line === 3 ? 'bg-line-strong' : 'bg-line')} />
            ))}
          </div>
          <div className="relative flex h-full items-end">
            {columns.map((column) => (
              <span key={column.key} title={column.title} className="group flex h-full min-w-0 flex-1 items-end px-[0.5px] sm:px-px">
                <span
                  className={cx('block w-full rounded-t-xs bg-(--series-1) transition-opacity group-hover:opacity-70', !column.seen && 'invisible')}
                  style={{ height: `max(2px, ${(column.height ?? 0) * 100}%)` }}
                />
              </span>
            ))}
          </div>
          {marks.map((mark) => (
            <span key={mark.name} className="pointer-events-none absolute top-0 bottom-0 border-l border-dashed border-ink-3" style={{ left: `${mark.at * 100}%` }}>
              <span className="absolute top-0 left-1 text-2xs leading-4 font-medium text-ink-2">{mark.name}</span>
            </span>
          ))}
        </div>
        <div className="relative mt-1 h-4">
          {columns.map((column, index) =>
            column.label === null ? null : (
              <span key={column.key} className="absolute text-2xs whitespace-nowrap text-ink-3 tabular-nums" style={{ left: `${(index / columns.length) * 100}%` }}>
                {column.label}
              </span>
            ),
          )}
        </div>
      </div>
      <ul className="sr-only">
        {columns.filter((column) => column.seen).map((column) => (
          <li key={column.key}>{column.title}</li>
        ))}
      </ul>
    </figure>
  );
}
