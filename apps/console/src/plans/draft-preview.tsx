import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { ErrorState } from '../ui/error-state';
import { TableSkeleton } from '../ui/skeleton';
import { PlanPreview } from './plan-preview';

interface DraftPreviewProps {
  readonly planId: string;
  readonly planKey: string;
}

/** What the draft would have charged. Asked for by a click: it reads a month of the ledger. */
export function DraftPreview({ planId, planKey }: DraftPreviewProps) {
  const [asked, setAsked] = useState(false);
  const preview = useQuery(trpc.plans.preview.queryOptions({ planId }, { enabled: asked, placeholderData: keepPreviousData, staleTime: 60_000 }));
  if (!asked) {
    return (
      <Card title="In dollars" description="The last 30 days of the ledger, charged by this draft: who pays more, who less, and what margin is left">
        <Button onClick={() => setAsked(true)}>Preview in dollars</Button>
      </Card>
    );
  }
  if (preview.isError && !preview.data) {
    return (
      <Card flush>
        <ErrorState error={preview.error} title="The preview could not be computed" onRetry={() => void preview.refetch()} retrying={preview.isFetching} />
      </Card>
    );
  }
  if (!preview.data) {
    return (
      <Card flush>
        <TableSkeleton rows={6} columns={4} />
      </Card>
    );
  }
  return (
    <section aria-label="Preview in dollars" data-testid="preview" className={cx('transition-opacity', preview.isFetching && 'opacity-60')}>
      <PlanPreview preview={preview.data} fileName={`preview-${planKey}.csv`} />
    </section>
  );
}
