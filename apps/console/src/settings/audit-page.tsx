import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ChevronRight, Download, FilterX, History } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { trpc, type Outputs } from '../api/trpc';
import { FilterRow } from '../filters/common-filters';
import { RangeFilter } from '../filters/range-filter';
import { SearchBox } from '../filters/search-box';
import { Button, buttonClass } from '../ui/button';
import { Callout } from '../ui/callout';
import { Card } from '../ui/card';
import { CopyText } from '../ui/copy-button';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { FilterChip } from '../ui/filter-chip';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { RelativeTime } from '../ui/time';
import { auditCsvUrl, auditSentence, prepareAuditDiff } from './prepare-audit';

type AuditRow = Outputs['audit']['list']['rows'][number];

const route = getRouteApi('/app/settings/audit');

const ACTIONS = [
  { value: 'key', label: 'API keys' },
  { value: 'member', label: 'Members' },
  { value: 'invitation', label: 'Invitations' },
  { value: 'team', label: 'Team' },
  { value: 'workflow', label: 'Workflows' },
  { value: 'view', label: 'Saved views' },
  { value: 'data', label: 'Exports' },
  { value: 'ledger', label: 'Proofs' },
  { value: 'session', label: 'Sessions' },
  { value: 'password', label: 'Passwords' },
  { value: 'usage', label: 'Corrections' },
  { value: 'price', label: 'Prices' },
  { value: 'repricing', label: 'Re-pricing' },
];

export function AuditPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const change = (next: Partial<typeof search>) => void navigate({ search: (now) => ({ ...now, ...next }), replace: true });
  const list = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions(search, { getNextPageParam: (page) => page.nextCursor ?? undefined, placeholderData: keepPreviousData, enabled: can('audit.read') }),
  );
  const members = useQuery(trpc.members.list.queryOptions());
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  const filtered = Object.keys(search).length > 0;
  return (
    <>
      <PageHeader
        title="Audit log"
        width="medium"
        actions={
          can('audit.read') ? (
            <a href={auditCsvUrl(search)} download className={buttonClass()} title="Every change that the filters let through">
              <Download className="size-4" aria-hidden /> CSV
            </a>
          ) : null
        }
      >
        <FilterRow>
          <SearchBox label="Search the audit log" placeholder="Person, action, id" value={search.search} onChange={(text) => change({ search: text })} />
          <FilterChip label="Action" value={search.action} options={ACTIONS} freeText onChange={(action) => change({ action })} />
          <FilterChip
            label="Person"
            value={search.actorId}
            options={(members.data?.members ?? []).map((member) => ({ value: member.userId, label: member.name, hint: member.role }))}
            loading={members.isPending}
            onChange={(actorId) => change({ actorId })}
          />
          <SpanFilter from={search.from} to={search.to} onChange={change} />
        </FilterRow>
      </PageHeader>
      <PageBody width="medium">
        {can('audit.read') ? null : <Callout tone="warning">Your role does not read the audit log. Ask an owner or admin.</Callout>}
        <Card flush className={cx('overflow-hidden transition-opacity', list.isPlaceholderData && 'opacity-60')}>
          {list.isPending && can('audit.read') ? <TableSkeleton rows={8} columns={4} /> : null}
          {list.isError && !list.data ? <ErrorState error={list.error} title="The audit log could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
          {list.data && rows.length === 0 ? (
            <EmptyState
              icon={History}
              title={filtered ? 'Nothing matches' : 'No change yet'}
              actions={
                filtered ? (
                  <Button onClick={() => void navigate({ search: {} })} icon={<FilterX className="size-4" aria-hidden />}>
                    Clear the filters
                  </Button>
                ) : null
              }
            >
              {filtered ? 'No change matches all filters.' : 'Every change of members, keys and settings is kept here, with who, when, before and after.'}
            </EmptyState>
          ) : null}
          <ol className="divide-y divide-line">
            {rows.map((row) => (
              <AuditItem key={row.id} row={row} />
            ))}
          </ol>
          {list.hasNextPage ? (
            <div className="flex justify-center border-t border-line py-2.5">
              <Button look="ghost" size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Load more
              </Button>
            </div>
          ) : null}
        </Card>
      </PageBody>
    </>
  );
}

/** The log has no usual ranges: all of it, or a span. */
function SpanFilter({ from, to, onChange }: { readonly from: string | undefined; readonly to: string | undefined; readonly onChange: (span: { from?: string; to?: string }) => void }) {
  return <RangeFilter search={{ from, to }} fallback={null} onChange={(next) => onChange({ from: next.from, to: next.to })} />;
}

function AuditItem({ row }: { readonly row: AuditRow }) {
  const [open, setOpen] = useState(false);
  const diff = prepareAuditDiff(row.before, row.after);
  return (
    <li data-testid="audit-row">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex w-full items-center gap-3 px-4 py-2.5 text-left text-sm transition-colors hover:bg-surface-2 focus-visible:outline-offset-[-2px] sm:px-5"
      >
        <ChevronRight className={cx('size-4 shrink-0 text-ink-3 transition-transform', open && 'rotate-90')} aria-hidden />
        <span className="min-w-0 flex-1">
          <span className="font-medium text-ink">{row.actor?.name ?? 'Outlay'}</span> <span className="text-ink-2">{auditSentence(row)}</span>
        </span>
        <code className="hidden rounded-xs bg-surface-3 px-1.5 py-0.5 text-2xs text-ink-2 md:block">{row.action}</code>
        <RelativeTime at={row.at} className="shrink-0 text-xs text-ink-3" />
      </button>
      {open ? (
        <div className="bg-surface-2 px-4 pt-1 pb-4 pl-11 sm:pl-12">
          {diff.length > 0 ? (
            <table className="text-sm">
              <caption className="sr-only">What changed</caption>
              <thead>
                <tr className="text-left text-xs text-ink-3">
                  <th scope="col" className="py-1 pr-8 font-medium">Field</th>
                  <th scope="col" className="py-1 pr-8 font-medium">Before</th>
                  <th scope="col" className="py-1 font-medium">After</th>
                </tr>
              </thead>
              <tbody>
                {diff.map((field) => (
                  <tr key={field.name} className="align-top">
                    <th scope="row" className="py-0.5 pr-8 text-left font-normal text-ink-3">{field.name}</th>
                    <td className="py-0.5 pr-8 break-all text-ink-2">{field.before ?? '–'}</td>
                    <td className="py-0.5 break-all text-ink">{field.after ?? '–'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          ) : null}
          <p className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-ink-3">
            {row.actor?.email ? <span>{row.actor.email}</span> : null}
            {row.subjectId ? (
              <span className="flex items-center gap-1">
                {row.subjectType} <CopyText text={row.subjectId} label="Copy the id" />
              </span>
            ) : null}
            {row.requestId ? (
              <span className="flex items-center gap-1">
                correlation id <CopyText text={row.requestId} label="Copy the correlation id" />
              </span>
            ) : null}
          </p>
        </div>
      ) : null}
    </li>
  );
}
