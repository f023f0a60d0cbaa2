import type { Outputs } from '../api/trpc';
import { cx } from '../ui/cx';
import { formatPlural } from '../ui/format-number';
import { Money } from '../ui/money';
import { Skeleton } from '../ui/skeleton';

interface LedgerTotalProps {
  /** Null when adding the rows up takes too long; undefined until the first answer. */
  readonly total: Outputs['ledger']['total']['total'] | undefined;
  readonly stale: boolean;
  readonly failed: boolean;
}

/** What the filtered rows cost together; corrections are set off. Its height is the same whatever it says. */
export function LedgerTotal({ total, stale, failed }: LedgerTotalProps) {
  return (
    <p data-testid="ledger-total" role="status" className={cx('mt-2.5 flex h-5 items-center gap-x-3 overflow-hidden text-sm whitespace-nowrap text-ink-2 transition-opacity', stale && 'opacity-55')}>
      {failed ? <span className="text-ink-3">The sum of these rows could not be read.</span> : null}
      {total === undefined && !failed ? <Skeleton className="h-4 w-48" /> : null}
      {total === null ? <span className="truncate text-ink-3">No sum: adding these rows up takes longer than 3 s. Narrow the range, or export a table.</span> : null}
      {total ? (
        <>
          <Money pico={total.costPico} tooltip className="font-semibold text-ink" />
          <span>{formatPlural(total.calls, 'call')}</span>
          {total.unpriced > 0 ? <span className="text-warning">{total.unpriced.toLocaleString('en-US')} unpriced</span> : null}
        </>
      ) : null}
    </p>
  );
}
