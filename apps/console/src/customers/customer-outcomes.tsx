import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { trpc } from '../api/trpc';
import type { OverviewSearch } from '../filters/search';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import { TableSkeleton } from '../ui/skeleton';
import { RelativeTime } from '../ui/time';

const SHOWN = 8;

/** The latest runs that ended, newest first. */
export function CustomerOutcomes({ filters }: { readonly filters: OverviewSearch & { readonly customerId: string } }) {
  // An outcome names no model: narrowed by one there would be none.
  const { provider: _provider, model: _model, ...narrowed } = filters;
  const outcomes = useQuery(trpc.ledger.list.queryOptions({ ...narrowed, kind: 'outcome', limit: SHOWN }, { placeholderData: keepPreviousData }));
  const { data } = outcomes;
  return (
    <Card
      title="Latest outcomes"
      flush
      className="overflow-hidden"
      actions={
        <Link to="/ledger" search={{ ...narrowed, kind: 'outcome' }} className="inline-flex items-center gap-1 text-xs font-medium text-ink-3 hover:text-ink">
          All
          <ArrowRight className="size-3.5" aria-hidden />
        </Link>
      }
    >
      {outcomes.isPending ? <TableSkeleton rows={4} columns={3} /> : null}
      {outcomes.isError && !data ? <ErrorState error={outcomes.error} title="The outcomes could not be read" onRetry={() => void outcomes.refetch()} retrying={outcomes.isFetching} className="py-8" /> : null}
      {data && data.rows.length === 0 ? <p className="px-5 pb-4 text-sm text-ink-3">No run has ended in this range.</p> : null}
      {data && data.rows.length > 0 ? (
        <ul className="divide-y divide-line border-t border-line">
          {data.rows.map((row) => (
            <li key={row.id} className="flex items-center gap-4 px-4 py-2 sm:px-5">
              <div className="min-w-0 flex-1">
                {row.runId ? (
                  <Link to="/runs/$runId" params={{ runId: row.runId }} className="block truncate rounded-xs text-sm font-medium text-ink underline-offset-4 hover:underline" title="The run">
                    {row.workflow ?? 'No workflow'}
                  </Link>
                ) : (
                  <span className="text-sm font-medium text-ink">{row.workflow ?? 'No workflow'}</span>
                )}
                <p className="truncate text-xs text-ink-3">{row.userId ?? 'no user'}</p>
              </div>
              <Badge tone={row.outcome === 'usable' ? 'positive' : 'danger'} dot>
                {row.outcome}
              </Badge>
              <RelativeTime at={row.occurredAt} className="w-24 shrink-0 text-right text-xs text-ink-3" />
            </li>
          ))}
        </ul>
      ) : null}
    </Card>
  );
}
