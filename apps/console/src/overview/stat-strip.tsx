import { Link } from '@tanstack/react-router';
import { ArrowRight, Info } from 'lucide-react';
import type { ReactNode } from 'react';
import { Sparkline, type SparkPoint } from '../charts/sparkline';
import type { Span } from '../filters/export-url';
import { cx } from '../ui/cx';
import { Missing } from '../ui/money';
import { Skeleton } from '../ui/skeleton';
import { Tooltip } from '../ui/tooltip';
import { ChangeMark } from './change-mark';
import { ledgerOf, type MarginSearch } from './margin-search';
import type { Stat, StatId } from './prepare-stats';

const FRAME = 'grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line lg:grid-cols-4';

interface StatStripProps {
  readonly stats: readonly Stat[];
  readonly sparks: Readonly<Record<StatId, readonly SparkPoint[]>>;
  readonly search: MarginSearch;
  readonly span: Span;
}

export function StatStrip({ stats, sparks, ...rest }: StatStripProps) {
  return (
    <section aria-label="Key figures" className={FRAME}>
      {stats.map((stat) => (
        <StatCell key={stat.id} stat={stat} spark={sparks[stat.id]} {...rest} />
      ))}
    </section>
  );
}

function StatCell({ stat, spark, search, span }: Pick<StatStripProps, 'search' | 'span'> & { readonly stat: Stat; readonly spark: readonly SparkPoint[] }) {
  return (
    <div data-testid={`stat-${stat.id}`} className="group relative flex min-w-0 flex-col bg-surface px-4 pt-3.5 pb-3 sm:px-5">
      <div className="flex items-center gap-1.5 text-xs text-ink-2">
        <span className="truncate font-medium">{stat.label}</span>
        <Tooltip content={stat.explanation}>
          <button type="button" aria-label={`What ${stat.label.toLowerCase()} means`} className="relative z-10 -m-1.5 inline-flex size-6.5 shrink-0 items-center justify-center rounded-full text-ink-3 hover:text-ink">
            <Info className="size-3.5" aria-hidden />
          </button>
        </Tooltip>
      </div>
      <div className="mt-1 flex flex-wrap items-baseline gap-x-2">
        <StatValue stat={stat} />
        {stat.change ? <ChangeMark change={stat.change} /> : null}
      </div>
      <p className="mt-0.5 text-xs text-ink-3">{stat.note}</p>
      <Sparkline points={spark} className="mt-auto h-9 w-full pt-2.5" />
      <Link
        to="/ledger"
        search={ledgerOf(search, stat.rows, span)}
        aria-label={`Show ${stat.label.toLowerCase()} in the ledger`}
        className="absolute inset-0 transition-colors hover:bg-ink/3 focus-visible:outline-offset-[-2px]"
      >
        <ArrowRight className="absolute top-3.5 right-3.5 size-4 text-ink-3 opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100" aria-hidden />
      </Link>
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
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} className="bg-surface px-4 pt-3.5 pb-3 sm:px-5">
          <Skeleton className="my-[2px] h-3 w-24" />
          <Skeleton className="mt-2 h-6 w-28" />
          <Skeleton className="mt-2 h-3 w-20" />
          <Skeleton className="mt-3 h-6 w-full" />
        </div>
      ))}
    </div>
  );
}
