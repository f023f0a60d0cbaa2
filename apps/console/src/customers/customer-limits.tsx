import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { trpc } from '../api/trpc';
import { LimitList } from '../gate/limit-list';
import { buttonClass } from '../ui/button';
import { Callout } from '../ui/callout';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import { Skeleton } from '../ui/skeleton';

const REFRESH_MS = 10_000;

/** Every limit that its next run would meet, with what is used and held now. */
export function CustomerLimits({ customerId }: { readonly customerId: string }) {
  const limits = useQuery(trpc.customers.limits.queryOptions({ customerId }, { placeholderData: keepPreviousData, refetchInterval: REFRESH_MS }));
  const { data } = limits;
  return (
    <Card
      title="Limits"
      description="What its next run meets, as the gate sees it now"
      actions={
        <Link to="/gate/decisions" search={{ customerId, verdict: 'stopped' }} className={buttonClass('ghost', 'sm')}>
          Its decisions
        </Link>
      }
    >
      {limits.isPending ? <Skeleton className="h-24" /> : null}
      {limits.isError && !data ? <ErrorState error={limits.error} title="The limits could not be read" onRetry={() => void limits.refetch()} retrying={limits.isFetching} className="py-4" /> : null}
      {data ? (
        <div className="space-y-3" data-testid="customer-limits">
          {data.denied ? <Callout tone="warning">{data.denied}</Callout> : null}
          {data.warning && !data.denied ? <Callout>{data.warning}</Callout> : null}
          <LimitList limits={data.limits} empty="No cap, allowance or block applies to it." />
        </div>
      ) : null}
    </Card>
  );
}
