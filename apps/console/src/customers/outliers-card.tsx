import { Link } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { CostSpark } from '../charts/cost-spark';
import { filtersOf, type ComparedSearch } from '../filters/search';
import { Card } from '../ui/card';
import { formatPlural } from '../ui/format-number';
import { Money } from '../ui/money';
import { spenderKey, type NamedOutlier } from './prepare-spenders';

interface OutliersCardProps {
  readonly noun: 'customer' | 'user';
  readonly outliers: readonly NamedOutlier[];
  /** All of them; the dearest are shown. */
  readonly count: number;
  readonly search: ComparedSearch;
}

/** Who stands out, and why, in a sentence each. Says so too when nobody does. */
export function OutliersCard({ noun, outliers, count, search }: OutliersCardProps) {
  if (outliers.length === 0) {
    return (
      <div className="px-1 text-sm text-ink-3">
        <p>No {noun} stands out from the others in this range.</p>
        <HowFound noun={noun} />
      </div>
    );
  }
  return (
    <Card
      title={count === 1 ? `One ${noun} stands out` : `${formatPlural(count, noun)} stand out`}
      description={count > outliers.length ? `The dearest ${outliers.length} of them` : undefined}
      flush
      className="overflow-hidden"
    >
      <ul className="divide-y divide-line border-t border-line">
        {outliers.map((outlier) => (
          <OutlierItem key={spenderKey(outlier)} outlier={outlier} search={search} />
        ))}
      </ul>
      <div className="border-t border-line px-4 py-2.5 text-sm sm:px-5">
        <HowFound noun={noun} />
      </div>
    </Card>
  );
}

function OutlierItem({ outlier, search }: { readonly outlier: NamedOutlier; readonly search: ComparedSearch }) {
  const { customerId, userId } = outlier;
  const look = 'text-sm font-medium break-all text-ink underline-offset-4 hover:underline';
  return (
    <li data-testid="outlier" className="flex items-center gap-4 px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1">
        {userId === null ? (
          <Link to="/customers/$customerId" params={{ customerId }} search={search} className={look}>
            {customerId}
          </Link>
        ) : (
          <Link to="/ledger" search={{ ...filtersOf(search), userId, ...(customerId ? { customerId } : {}) }} className={look}>
            {userId} {customerId ? <span className="font-normal text-ink-3">of {customerId}</span> : null}
          </Link>
        )}
        <p className="mt-0.5 text-sm text-ink-2">{outlier.sentence}</p>
      </div>
      <CostSpark costs={outlier.trend} className="hidden h-8 w-32 shrink-0 sm:block" />
      <Money pico={outlier.costPico} className="shrink-0 self-start text-right text-sm font-medium text-ink sm:w-20 sm:self-center" />
    </li>
  );
}

/** The rule in words. Its numbers stand in `outliers.ts` of insights; the test of this page holds the two together. */
function HowFound({ noun }: { readonly noun: 'customer' | 'user' }) {
  return (
    <details className="group text-xs text-ink-3">
      <summary className="inline-flex cursor-pointer list-none items-center gap-1 rounded-xs hover:text-ink-2">
        <ChevronRight className="size-3 transition-transform group-open:rotate-90" aria-hidden />
        How this is found
      </summary>
      <p className="mt-1.5 max-w-3xl">
        A {noun} stands out whose cost, growth since the period before, or cost per usable outcome lies at least 3.5 robust standard deviations above the median of all {noun}s, measured on a logarithmic scale (median and median absolute
        deviation), and at least 5 times (cost) or twice (growth, cost per usable outcome) the median. Only {noun}s who spent $1 or more in the range are compared, at least five of them; a cost per usable outcome needs five such outcomes.
      </p>
    </details>
  );
}
