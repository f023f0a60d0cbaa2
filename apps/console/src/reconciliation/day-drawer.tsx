import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { trpc, type Outputs } from '../api/trpc';
import { parseLedgerSearch } from '../filters/search';
import { dayWords } from '../providers/utc-days';
import { Badge } from '../ui/badge';
import { Drawer } from '../ui/drawer';
import { ErrorState } from '../ui/error-state';
import { formatCount } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { TableSkeleton } from '../ui/skeleton';
import { RelativeTime } from '../ui/time';
import { Difference } from './comparison-tables';
import { causeParts } from './prepare-reconciliation';

type Group = Outputs['reconciliation']['day']['groups'][number];

/** One day of one connection: each model with its causes, the bill's own lines, and the way to its ledger rows. */
export function DayDrawer({ day, connectionId, onClose }: { readonly day: string | undefined; readonly connectionId: string | undefined; readonly onClose: () => void }) {
  const isOpen = day !== undefined && connectionId !== undefined;
  const detail = useQuery(trpc.reconciliation.day.queryOptions({ day: day ?? '', connectionId: connectionId ?? '' }, { enabled: isOpen, placeholderData: keepPreviousData, retry: false }));
  return (
    <Drawer open={isOpen} onClose={onClose} title={day ? `${dayWords(day)}: ledger and bill` : 'Day'}>
      {detail.isPending ? <TableSkeleton rows={6} columns={3} /> : null}
      {detail.isError ? <ErrorState error={detail.error} title="The day could not be read" onRetry={() => void detail.refetch()} retrying={detail.isFetching} /> : null}
      {detail.data && !detail.isError ? (
        <div data-testid="reconciled-day" className="space-y-5 px-4 py-4 sm:px-5">
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink-2">
            <span>{detail.data.connectionName}</span>
            {detail.data.provisional ? <Badge title="The provider may still change its bill of this day">provisional</Badge> : null}
            <span className="text-ink-3">compared <RelativeTime at={detail.data.computedAt} /></span>
          </p>
          <dl className="grid grid-cols-3 gap-3 text-sm">
            <Sum name="Ledger"><Money pico={detail.data.ledgerPico} /></Sum>
            <Sum name="Billed"><Money pico={detail.data.billedPico} /></Sum>
            <Sum name="Difference"><Difference row={detail.data} /></Sum>
          </dl>
          {detail.data.groups.map((group) => (
            <GroupSection key={`${group.provider} ${group.model} ${group.key} ${group.project}`} group={group} />
          ))}
        </div>
      ) : null}
    </Drawer>
  );
}

function Sum({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className="rounded-md bg-surface-2 px-3 py-2">
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="mt-0.5 font-semibold text-ink tabular-nums">{children}</dd>
    </div>
  );
}

function GroupSection({ group }: { readonly group: Group }) {
  const parts = causeParts(group.causes);
  const account = group.key ?? group.project;
  return (
    <section className="rounded-md border border-line">
      <header className="flex items-start justify-between gap-4 px-3.5 py-2.5">
        <div className="min-w-0">
          <h3 className="truncate text-sm font-semibold text-ink">{group.model || 'No model named'}</h3>
          <p className="text-xs text-ink-3">
            {account ? `${account} · ` : null}
            {formatCount(group.calls)} recorded{group.requests === null ? null : `, ${formatCount(group.requests)} counted by the provider`}
          </p>
        </div>
        <p className="shrink-0 text-right text-sm text-ink tabular-nums">
          <Difference row={group} />
          <span className="block text-xs text-ink-3">of <Money pico={group.billedPico} /></span>
        </p>
      </header>
      {parts.length > 0 ? (
        <ul className="space-y-1.5 border-t border-line px-3.5 py-2.5 text-sm">
          {parts.map((part) => (
            <li key={part.cause} className="flex items-center gap-2.5">
              <span aria-hidden className="size-2 shrink-0 rounded-xs" style={{ background: part.color }} />
              <span className="min-w-0 flex-1 text-ink-2">{part.label}</span>
              <span className="text-ink tabular-nums">{part.amount}</span>
              <span className="w-12 text-right text-xs text-ink-3 tabular-nums">{part.shareWords}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {group.words ? <p className="border-t border-line px-3.5 py-2 text-xs text-ink-2">{group.words}</p> : null}
      {group.lines.length > 0 ? (
        <ul aria-label="Lines of the bill" className="space-y-1 border-t border-line px-3.5 py-2.5 text-xs">
          {group.lines.map((line) => (
            <li key={`${line.lineItem} ${line.class} ${line.amountPico}`} className="flex items-baseline gap-3">
              <span className="min-w-0 flex-1 truncate text-ink-2" title={line.lineItem ?? undefined}>{line.lineItem ?? line.class ?? 'A line without a name'}</span>
              <span className="text-ink tabular-nums"><Money pico={line.amountPico} /></span>
              <span className="w-24 text-right text-ink-3 tabular-nums">{line.ourPico === null ? <Missing reason="No price of ours" /> : <>ours <Money pico={line.ourPico} /></>}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {group.links.length > 0 ? (
        <ul className="flex flex-wrap gap-x-4 gap-y-1 border-t border-line px-3.5 py-2 text-sm">
          {group.links.map((link) => (
            <li key={link.words}>
              <Link to="/ledger" search={parseLedgerSearch({ ...link.search })} className="inline-flex items-center gap-1 rounded-xs font-medium text-accent underline-offset-4 hover:underline">
                {link.words} <ArrowRight className="size-3.5" aria-hidden />
              </Link>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
