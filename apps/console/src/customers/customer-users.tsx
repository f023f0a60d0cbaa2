import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { trpc } from '../api/trpc';
import { CostSpark } from '../charts/cost-spark';
import type { OverviewSearch } from '../filters/search';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import { formatCount, formatPlural } from '../ui/format-number';
import { Money } from '../ui/money';
import { TableSkeleton } from '../ui/skeleton';
import { spenderKey } from './prepare-spenders';

const SHOWN = 8;

/** The dearest users of a customer, and the way to all of them. */
export function CustomerUsers({ filters }: { readonly filters: OverviewSearch & { readonly customerId: string } }) {
  const users = useQuery(trpc.customers.users.queryOptions(filters, { placeholderData: keepPreviousData }));
  const { data } = users;
  const outliers = new Set(data?.outliers.map(spenderKey));
  return (
    <Card
      title="Users"
      flush
      className="overflow-hidden"
      actions={
        <Link to="/customers" search={{ ...filters, tab: 'users' }} className="inline-flex items-center gap-1 text-xs font-medium text-ink-3 hover:text-ink">
          {data && data.count > 0 ? `All ${formatCount(data.count)}` : 'All'}
          <ArrowRight className="size-3.5" aria-hidden />
        </Link>
      }
    >
      {users.isPending ? <TableSkeleton rows={4} columns={3} /> : null}
      {users.isError && !data ? <ErrorState error={users.error} title="The users could not be read" onRetry={() => void users.refetch()} retrying={users.isFetching} className="py-8" /> : null}
      {data?.tooMany ? <p className="px-5 pb-4 text-sm text-ink-3">{formatCount(data.tooMany.calls)} calls are too many to look through at once: choose a shorter range to see users.</p> : null}
      {data && !data.tooMany && data.count === 0 ? <p className="px-5 pb-4 text-sm text-ink-3">Its calls name no user. Send user_id with them to see who causes the cost.</p> : null}
      {data && data.count > 0 ? (
        <ul className="divide-y divide-line border-t border-line">
          {data.rows.slice(0, SHOWN).map((user) => (
            <li key={spenderKey(user)} className="flex items-center gap-4 px-4 py-2 sm:px-5">
              <div className="min-w-0 flex-1">
                {user.userId ? (
                  <Link to="/ledger" search={{ ...filters, userId: user.userId }} className="block truncate rounded-xs text-sm font-medium text-ink underline-offset-4 hover:underline" title="Their rows in the ledger">
                    {user.userId}
                  </Link>
                ) : (
                  <span className="text-sm font-medium text-ink">No user</span>
                )}
                <p className="flex items-center gap-1.5 text-xs text-ink-3">
                  {formatPlural(user.usable, 'usable outcome')}, {formatPlural(user.calls, 'call')}
                  {outliers.has(spenderKey(user)) ? <Badge tone="warning">outlier</Badge> : null}
                </p>
              </div>
              <CostSpark costs={user.trend} className="h-6 w-20 shrink-0" />
              <Money pico={user.costPico} className="w-16 shrink-0 text-right text-sm font-medium text-ink" />
            </li>
          ))}
        </ul>
      ) : null}
    </Card>
  );
}
