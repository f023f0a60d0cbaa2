import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { useCan } from '../api/abilities';
import { useSession } from '../api/me';
import { trpc } from '../api/trpc';
import { DemoButton } from '../demo/demo-button';
import { Callout } from '../ui/callout';
import { ErrorState } from '../ui/error-state';
import { PageBody, PageHeader } from '../ui/page';
import { Skeleton } from '../ui/skeleton';
import { FirstEvent } from './first-event';
import { KeyStep } from './key-step';
import { SnippetStep } from './snippet-step';
import { Step } from './step';

/** From nothing to a priced call: a key, a snippet, and the page that greets the first event when it arrives. */
export function StartPage() {
  const can = useCan();
  const { tenant } = useSession();
  const keys = useQuery(trpc.keys.list.queryOptions(undefined, { enabled: can('keys.read') }));
  const [created, setCreated] = useState<{ id: string; secret: string } | null>(null);
  const [greeted, setGreeted] = useState(false);
  const onGreeted = useCallback(() => setGreeted(true), []);
  const active = (keys.data ?? []).filter((key) => !key.revokedAt && key.abilities.includes('ingest'));
  const newest = active.find((key) => key.id === created?.id) ?? active[0];
  const hasKey = Boolean(created ?? newest);
  return (
    <>
      <PageHeader title="Get started" sticky={false} width="narrow" />
      <PageBody width="narrow">
        {can('keys.manage') ? null : <Callout tone="warning">Your role cannot create API keys. Ask an owner, admin or developer of your team for one.</Callout>}
        {keys.isError ? <ErrorState error={keys.error} title="Your keys could not be read" onRetry={() => void keys.refetch()} retrying={keys.isFetching} /> : null}
        {keys.isPending && can('keys.read') ? <StepsSkeleton /> : null}
        {keys.data ? (
          <ol className="mt-1">
            <Step number={1} title="Create an API key" state={hasKey ? 'done' : 'now'}>
              <KeyStep created={created} known={newest} onCreated={setCreated} />
            </Step>
            <Step number={2} title="Send a call" state={!hasKey ? 'later' : greeted ? 'done' : 'now'}>
              {hasKey ? <SnippetStep secret={created?.secret ?? null} /> : null}
            </Step>
            <Step number={3} title={greeted ? 'Your first event is here' : 'Meet your first event'} state={!hasKey ? 'later' : greeted ? 'done' : 'now'} last>
              {newest ? <FirstEvent key={newest.id} since={newest.createdAt} onGreeted={onGreeted} /> : null}
            </Step>
          </ol>
        ) : null}
        {greeted || tenant.demo ? null : (
          <div className="mt-8 flex flex-wrap items-center justify-between gap-3 border-t border-line pt-5 text-sm text-ink-2">
            <p>No call to send yet? Eight weeks of made-up history stand beside your team, and go with one click.</p>
            <DemoButton />
          </div>
        )}
      </PageBody>
    </>
  );
}

function StepsSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="space-y-8">
      {[0, 1, 2].map((step) => (
        <div key={step} className="flex gap-5">
          <Skeleton className="size-7 rounded-full" />
          <div className="flex-1 space-y-3">
            <Skeleton className="h-5 w-44" />
            <Skeleton className="h-16 w-full rounded-md" />
          </div>
        </div>
      ))}
    </div>
  );
}
