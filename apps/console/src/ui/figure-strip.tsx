import type { ReactNode } from 'react';
import { cx } from './cx';
import { Skeleton } from './skeleton';

interface FigureProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly aside?: ReactNode;
  readonly note?: ReactNode;
}

const COLUMNS = { 2: 'lg:grid-cols-2', 3: 'lg:grid-cols-3', 4: 'lg:grid-cols-4' } as const;

/** Key figures beside each other, two by two on phones. */
export function FigureStrip({ label, columns = 4, children }: { readonly label: string; readonly columns?: keyof typeof COLUMNS; readonly children: ReactNode }) {
  return (
    <section aria-label={label} className={cx('grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line [&>:last-child:nth-child(odd)]:col-span-2 lg:[&>:last-child:nth-child(odd)]:col-span-1', COLUMNS[columns])}>
      {children}
    </section>
  );
}

export function Figure({ label, value, aside, note }: FigureProps) {
  return (
    <div className="min-w-0 bg-surface px-4 py-3.5 sm:px-5">
      <p className="truncate text-xs font-medium text-ink-2">{label}</p>
      <p className="mt-1 flex flex-wrap items-baseline gap-x-2 text-xl font-semibold text-ink tabular-nums">
        {value}
        {aside}
      </p>
      {note ? <p className="mt-0.5 text-xs text-ink-3">{note}</p> : null}
    </div>
  );
}

export function FigureStripSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line lg:grid-cols-4">
      {[0, 1, 2, 3].map((cell) => (
        <div key={cell} className="bg-surface px-4 py-3.5 sm:px-5">
          <Skeleton className="h-3 w-20" />
          <Skeleton className="mt-2.5 h-6 w-28" />
          <Skeleton className="mt-2 h-3 w-24" />
        </div>
      ))}
    </div>
  );
}
