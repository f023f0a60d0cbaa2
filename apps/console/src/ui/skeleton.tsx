import { cx } from './cx';

export function Skeleton({ className }: { readonly className?: string }) {
  return <span aria-hidden className={cx('skeleton block', className)} />;
}

const WIDTHS = ['w-3/5', 'w-2/5', 'w-1/2', 'w-4/5', 'w-1/3', 'w-3/4'];

/** Rows in the shape of a table while it loads; says "Loading" once to screen readers. */
export function TableSkeleton({ rows = 8, columns = 5 }: { readonly rows?: number; readonly columns?: number }) {
  return (
    <div role="status" aria-label="Loading" className="divide-y divide-line">
      {Array.from({ length: rows }, (_row, row) => (
        <div key={row} className="grid h-10 items-center gap-6 px-4 sm:px-5" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
          {Array.from({ length: columns }, (_column, column) => (
            <Skeleton key={column} className={cx('h-3', WIDTHS[(row + column * 2) % WIDTHS.length])} />
          ))}
        </div>
      ))}
    </div>
  );
}
