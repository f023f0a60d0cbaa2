import { Link } from '@tanstack/react-router';
import { ArrowRight, Info } from 'lucide-react';
import type { ReactNode } from 'react';
import type { LedgerSearch, OverviewSearch } from '../filters/search';
import { cx } from '../ui/cx';
import { Missing } from '../ui/money';
import { Skeleton } from '../ui/skeleton';
import { Tooltip } from '../ui/tooltip';
import { ChangeMark } from './change-mark';
import type { Stat, StatId } from './prepare-stats';

const FRAME = 'grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-3 2xl:grid-cols-6';

interface StatStripProps {
  readonly stats: readonly Stat[];
  readonly search: OverviewSearch;
}

/** Which rows of the ledger stand behind a figure; none where the figure is made of all of them. */
const LEDGER_FILTERS: Partial<Record<StatId, LedgerSearch>> = {
  'failed-cost': { status: 'failed' },
  untagged: { untagged: true },
  unpriced: { costBasis: 'unpriced' },
};

export function StatStrip({ stats, search }: StatStripProps) {
  return (
    <section aria-label="Key figures" className={FRAME}>
      {stats.map((stat) => (
        <StatCell key={stat.id} stat={stat} search={search} />
      ))}
    </section>
  );
}

function StatCell({ stat, search }: { readonly stat: Stat; readonly search: OverviewSearch }) {
  const filter = LEDGER_FILTERS[stat.id];
  return (
    <div data-testid={`stat-${stat.id}`} className="group relative flex flex-col bg-surface p-4 sm:px-5">
      <div className="flex items-center gap-1.5 text-xs text-ink-2">
        <span className="font-medium">{stat.label}</span>
        <Tooltip content={stat.explanation}>
          <button type="button" aria-label={`What ${stat.label.toLowerCase()} means`} className="relative z-10 rounded-full text-ink-3 opacity-60 hover:opacity-100">
            <Info className="size-3.5" aria-hidden />
          </button>
        </Tooltip>
      </div>
      <div className="mt-1.5 flex flex-wrap items-baseline gap-x-2">
        <StatValue stat={stat} />
        {stat.change ? <ChangeMark change={stat.change} /> : null}
      </div>
      <p className="mt-1 flex items-center gap-1 text-xs text-ink-3">
        <span className="min-w-0">{stat.note}</span>
      </p>
      {filter ? (
        <Link
          to="/ledger"
          search={{ ...search, range: search.range ?? '24h', ...filter }}
          aria-label={`Show ${stat.label.toLowerCase()} in the ledger`}
          className="absolute inset-0 transition-colors hover:bg-ink/3 focus-visible:outline-offset-[-2px]"
        >
          <ArrowRight className="absolute top-4 right-4 size-4 text-ink-3 opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100" aria-hidden />
        </Link>
      ) : null}
    </div>
  );
}

function StatValue({ stat }: { readonly stat: Stat }): ReactNode {
  const look = cx('text-xl font-semibold tabular-nums', stat.alert ? 'text-warning' : 'text-ink');
  if (stat.value === null) return <Missing reason={stat.note} className="text-xl" />;
  if (stat.exact === null) return <span className={look}>{stat.value}</span>;
  return (
    <Tooltip content={<span className="tabular-nums">{stat.exact} exactly</span>}>
      <span tabIndex={0} className={cx(look, 'relative z-10 rounded-xs')}>
        {stat.value}
      </span>
    </Tooltip>
  );
}

export function StatStripSkeleton() {
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
