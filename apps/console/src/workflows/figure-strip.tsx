import { ChangeMark } from '../overview/change-mark';
import { cx } from '../ui/cx';
import { Missing } from '../ui/money';
import { Skeleton } from '../ui/skeleton';
import type { Figure } from './prepare-workflow';

const FRAME = 'grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-3 xl:grid-cols-6';

export function FigureStrip({ figures }: { readonly figures: readonly Figure[] }) {
  return (
    <section aria-label="Key figures" className={FRAME}>
      {figures.map(({ id, label, value, exact, note, noteIsBad, change }) => (
        <div key={id} data-testid={`figure-${id}`} className="bg-surface p-4 sm:px-5 xl:px-4">
          <p className="truncate text-xs font-medium text-ink-2" title={label}>{label}</p>
          <p className="mt-1.5 flex flex-wrap items-baseline gap-x-1.5">
            <span className="text-xl font-semibold text-ink tabular-nums" title={exact ? `${exact} exactly` : undefined}>
              {value ?? <Missing reason={note} />}
            </span>
            {change ? <ChangeMark change={change} /> : null}
          </p>
          <p className={cx('mt-1 text-xs', noteIsBad ? 'text-danger' : 'text-ink-3')}>{note}</p>
        </div>
      ))}
    </section>
  );
}

export function FigureStripSkeleton() {
  return (
    <div role="status" aria-label="Loading the figures" className={FRAME}>
      {[0, 1, 2, 3, 4, 5].map((cell) => (
        <div key={cell} className="bg-surface p-4 sm:px-5">
          <Skeleton className="h-3.5 w-24" />
          <Skeleton className="mt-3 h-6 w-28" />
          <Skeleton className="mt-2.5 h-3 w-20" />
        </div>
      ))}
    </div>
  );
}
