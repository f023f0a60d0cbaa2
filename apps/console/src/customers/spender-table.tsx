import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Meter } from '../charts/meter';
import { CostSpark } from '../charts/cost-spark';
import type { ComparedSearch } from '../filters/search';
import { ChangeMark } from '../overview/change-mark';
import { Badge } from '../ui/badge';
import { formatCount, formatPlural, formatShare } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { SortHeader, type Sorting } from '../ui/sort-header';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import type { SpenderSort } from './customers-search';
import type { SpenderRow } from './prepare-spenders';

interface SpenderTableProps {
  readonly label: 'Customers' | 'Users';
  readonly rows: readonly SpenderRow[];
  readonly sorting: Sorting<SpenderSort>;
  readonly onSort: (next: Sorting<SpenderSort>) => void;
  /** Range and filters, kept by every link. */
  readonly search: ComparedSearch;
}

export function SpenderTable({ label, rows, sorting, onSort, search }: SpenderTableProps) {
  const sort = { sorting, onSort };
  return (
    <>
      <ul aria-label={label} className="divide-y divide-line md:hidden">
        {rows.map((row) => (
          <SpenderItem key={row.key} row={row} search={search} />
        ))}
      </ul>
      <div className="scroll-thin relative hidden overflow-x-auto md:block">
        <Table aria-label={label}>
          <thead>
            <tr>
              <SortHeader column="name" align="left" ascendingFirst {...sort}>{label === 'Customers' ? 'Customer' : 'User'}</SortHeader>
              <SortHeader column="cost" {...sort}>Cost</SortHeader>
              <SortHeader column="change" title="Sorted by the difference in dollars" {...sort}>Change</SortHeader>
              <HeaderCell className="hidden lg:table-cell">Trend</HeaderCell>
              <SortHeader column="usable" {...sort}>Usable outcomes</SortHeader>
              <SortHeader column="costPerUsable" title="All cost over usable outcomes" {...sort}>Per usable outcome</SortHeader>
              <SortHeader column="calls" {...sort}>Calls</SortHeader>
              <SortHeader column="failedCost" title="Failed and aborted calls" className="hidden xl:table-cell" {...sort}>Failed spend</SortHeader>
              <SortHeader column="unusableCost" title="Runs that ended unusable" className="hidden xl:table-cell" {...sort}>Unusable spend</SortHeader>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <SpenderTableRow key={row.key} row={row} search={search} />
            ))}
          </tbody>
        </Table>
      </div>
    </>
  );
}

interface RowProps {
  readonly row: SpenderRow;
  readonly search: ComparedSearch;
}

function SpenderTableRow({ row, search }: RowProps) {
  const { spender } = row;
  return (
    <Row data-testid="spender-row" className="hover:bg-surface-2">
      <Cell className="max-w-72 py-1.5">
        <SpenderName row={row} search={search} />
      </Cell>
      <Cell align="right" title={costTitle(row)}>
        <Money pico={spender.costPico} className="font-medium text-ink" />
        <Meter share={row.share ?? 0} className="mt-1 ml-auto w-16" />
      </Cell>
      <Cell align="right">
        <ChangeOf row={row} />
      </Cell>
      <Cell className="hidden lg:table-cell">
        <CostSpark costs={spender.trend} />
      </Cell>
      <Cell align="right" title={`${formatPlural(spender.unusable, 'outcome')} unusable`}>{formatCount(spender.usable)}</Cell>
      <Cell align="right">
        <Money pico={spender.costPerUsablePico} form="unit" missing="No usable outcome" />
      </Cell>
      <Cell align="right">{formatCount(spender.calls)}</Cell>
      <Cell align="right" className="hidden xl:table-cell">
        <Money pico={spender.failedCostPico} />
      </Cell>
      <Cell align="right" className="hidden xl:table-cell">
        <Money pico={spender.costUnusablePico} />
      </Cell>
    </Row>
  );
}

function costTitle({ share, spender: { unpriced } }: SpenderRow): string | undefined {
  return [share === null ? '' : `${formatShare(share)} of all cost`, unpriced > 0 ? `${formatPlural(unpriced, 'call')} not priced yet` : ''].filter(Boolean).join(', ') || undefined;
}

function ChangeOf({ row }: { readonly row: SpenderRow }) {
  if (row.change) return <ChangeMark change={row.change} />;
  return row.isNew ? <span className="text-xs text-ink-3">new</span> : <Missing reason="Nothing to compare with" />;
}

function SpenderName({ row: { spender, isOutlier }, search }: RowProps) {
  const { customerId, userId } = spender;
  const badges = isOutlier ? <Badge tone="warning">outlier</Badge> : null;
  if (userId !== null) {
    return (
      <>
        {userId === '' ? (
          <span className="font-medium text-ink">No user</span>
        ) : (
          <LedgerLink search={search} narrow={{ userId, ...(customerId ? { customerId } : {}) }}>
            {userId}
          </LedgerLink>
        )}
        <p className="flex flex-wrap items-center gap-1.5 text-xs text-ink-3">
          {customerId || 'no customer'} {badges}
        </p>
      </>
    );
  }
  if (customerId === '') {
    return (
      <>
        <LedgerLink search={search} narrow={{ untagged: true }}>
          No customer
        </LedgerLink>
        <p className="text-xs text-ink-3">calls that name none {badges}</p>
      </>
    );
  }
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
      <Link to="/customers/$customerId" params={{ customerId }} search={search} className="max-w-full truncate rounded-xs font-medium text-ink underline-offset-4 hover:underline">
        {customerId}
      </Link>
      {badges}
    </span>
  );
}

function LedgerLink({ search, narrow, children }: { readonly search: ComparedSearch; readonly narrow: { readonly userId?: string; readonly customerId?: string; readonly untagged?: true }; readonly children: ReactNode }) {
  const { compare: _compare, ...filters } = search;
  return (
    <Link to="/ledger" search={{ ...filters, ...narrow }} className="max-w-full truncate rounded-xs font-medium text-ink underline-offset-4 hover:underline">
      {children}
    </Link>
  );
}

/** The same on a phone. */
function SpenderItem({ row, search }: RowProps) {
  const { spender } = row;
  return (
    <li data-testid="spender-item" className="px-4 py-3">
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <SpenderName row={row} search={search} />
        </div>
        <div className="shrink-0 text-right">
          <Money pico={spender.costPico} className="text-sm font-medium text-ink" />
          <div className="h-4">{row.change || row.isNew ? <ChangeOf row={row} /> : null}</div>
        </div>
      </div>
      <div className="mt-1.5 flex items-end gap-3">
        <dl className="grid min-w-0 flex-1 grid-cols-3 gap-2 text-xs text-ink-3">
          <Fact label="Usable">{formatCount(spender.usable)}</Fact>
          <Fact label="Per usable"><Money pico={spender.costPerUsablePico} form="unit" missing="No usable outcome" /></Fact>
          <Fact label="Calls">{formatCount(spender.calls)}</Fact>
        </dl>
        <CostSpark costs={spender.trend} className="h-6 w-16 shrink-0" />
      </div>
    </li>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt>{label}</dt>
      <dd className="truncate text-ink-2 tabular-nums">{children}</dd>
    </div>
  );
}
