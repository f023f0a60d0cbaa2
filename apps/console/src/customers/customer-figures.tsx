import { ChangeMark } from '../overview/change-mark';
import { Missing } from '../ui/money';
import { Skeleton } from '../ui/skeleton';
import type { CustomerFigure } from './prepare-customer';

const FRAME = 'grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-3 2xl:grid-cols-6';

export function CustomerFigures({ figures }: { readonly figures: readonly CustomerFigure[] }) {
  return (
    <section aria-label="Key figures" className={FRAME}>
      {figures.map(({ id, label, value, exact, note, change }) => (
        <div key={id} data-testid={`figure-${id}`} className="bg-surface p-4 sm:px-5">
          <p className="truncate text-xs font-medium text-ink-2">{label}</p>
          <p className="mt-1.5 flex flex-wrap items-baseline gap-x-2">
            <span className="text-xl font-semibold text-ink tabular-nums" title={exact ? `${exact} exactly` : undefined}>
              {value ?? <Missing reason={note} />}
            </span>
            {change ? <ChangeMark change={change} /> : null}
          </p>
          <p className="mt-1 text-xs text-ink-3">{note}</p>
        </div>
      ))}
    </section>
  );
}

export function CustomerFiguresSkeleton() {
  return (
    <div role="status" aria-label="Loading the key figures" className={FRAME}>
      {Array.from({ length: 6 }, (_, index) => (
        <div key={index} className="bg-surface p-4 sm:px-5">
          <Skeleton className="my-[3px] h-3 w-24" />
          <Skeleton className="mt-2 h-6 w-28" />
          <Skeleton className="mt-2 mb-[3px] h-3 w-20" />
        </div>
      ))}
    </div>
  );
}
