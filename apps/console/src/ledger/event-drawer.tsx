import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronUp } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import type { LedgerSearch } from '../filters/search';
import { Badge } from '../ui/badge';
import { IconButton } from '../ui/button';
import { CopyIconButton } from '../ui/copy-button';
import { Drawer } from '../ui/drawer';
import { ErrorState } from '../ui/error-state';
import { Skeleton } from '../ui/skeleton';
import { EventDetail } from './event-detail';
import { prepareSubject, prepareVerdict, type LedgerRow } from './prepare-row';

interface EventDrawerProps {
  /** The event of the URL; closed without one. */
  readonly id: string | undefined;
  /** The rows of the list, for going up and down without closing. */
  readonly rows: readonly LedgerRow[];
  readonly onOpen: (id: string | undefined) => void;
  readonly onFilter: (next: Partial<LedgerSearch>) => void;
}

export function EventDrawer({ id, rows, onOpen, onFilter }: EventDrawerProps) {
  const detail = useQuery(trpc.ledger.get.queryOptions({ id: id ?? '' }, { enabled: Boolean(id), staleTime: 30_000 }));
  const index = rows.findIndex((row) => row.id === id);
  const above = index > 0 ? rows[index - 1] : undefined;
  const below = index >= 0 ? rows[index + 1] : undefined;
  const known = detail.data && detail.data.row.id === id ? detail.data.row : rows[index];
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).closest('input, textarea, pre, [role="tab"]')) return;
    const next = event.key === 'ArrowDown' || event.key === 'j' ? below : event.key === 'ArrowUp' || event.key === 'k' ? above : undefined;
    if (!next) return;
    event.preventDefault();
    onOpen(next.id);
  };
  return (
    <Drawer
      open={Boolean(id)}
      onClose={() => onOpen(undefined)}
      title="Ledger row"
      onKeyDown={onKeyDown}
      header={known ? <DrawerTitle row={known} /> : <Skeleton className="h-5 w-48" />}
      actions={
        <>
          <IconButton label="The row above (k)" disabled={!above} onClick={() => above && onOpen(above.id)}>
            <ChevronUp className="size-4" aria-hidden />
          </IconButton>
          <IconButton label="The row below (j)" disabled={!below} onClick={() => below && onOpen(below.id)}>
            <ChevronDown className="size-4" aria-hidden />
          </IconButton>
          <CopyIconButton label="Copy the link to this row" text={id ? linkTo(id) : ''} className="size-8!" />
        </>
      }
    >
      {detail.isError && !detail.data ? (
        <ErrorState
          error={detail.error}
          title={readFailure(detail.error).code === 'not_found' ? 'There is no such row in this team' : 'The row could not be read'}
          onRetry={() => void detail.refetch()}
          retrying={detail.isFetching}
        />
      ) : null}
      {!detail.data && !detail.isError ? <DetailSkeleton /> : null}
      {detail.data ? <EventDetail detail={detail.data} onOpen={onOpen} onFilter={onFilter} /> : null}
    </Drawer>
  );
}

function DrawerTitle({ row }: { readonly row: LedgerRow }) {
  const { name, detail } = prepareSubject(row);
  const verdict = prepareVerdict(row);
  return (
    <div className="min-w-0">
      <p className="truncate text-md leading-5 font-semibold text-ink">{name}</p>
      <p className="mt-1 flex items-center gap-2">
        <Badge tone={verdict.tone} dot title={verdict.title}>
          {verdict.text}
        </Badge>
        {detail ? <span className="min-w-0 truncate text-xs text-ink-3">{detail}</span> : null}
      </p>
    </div>
  );
}

function linkTo(id: string): string {
  return `${window.location.origin}/ledger?event=${encodeURIComponent(id)}`;
}

function DetailSkeleton() {
  return (
    <div role="status" aria-label="Loading the row" className="space-y-6 p-5">
      <Skeleton className="h-9 w-40" />
      <div className="space-y-2.5">
        <Skeleton className="h-4 w-full" />
        <Skeleton className="h-4 w-5/6" />
        <Skeleton className="h-4 w-11/12" />
      </div>
      <Skeleton className="h-40 w-full rounded-md" />
    </div>
  );
}
