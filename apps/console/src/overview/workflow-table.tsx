import { Link } from '@tanstack/react-router';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Meter } from '../charts/meter';
import type { OverviewSearch } from '../filters/search';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { formatCount, formatShare } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { prepareBreakdown, type BreakdownRow, type Sort, type SortKey } from './prepare-breakdown';

type Workflows = Parameters<typeof prepareBreakdown>[0];

interface WorkflowTableProps {
  readonly workflows: Workflows;
  readonly search: OverviewSearch;
  readonly onChoose: (workflow: string) => void;
}

const COLUMNS: readonly { key: SortKey; label: string; numeric: boolean; className?: string }[] = [
  { key: 'name', label: 'Workflow', numeric: false },
  { key: 'cost', label: 'Cost', numeric: true },
  { key: 'costPerUsable', label: 'Per usable outcome', numeric: true },
  { key: 'usableShare', label: 'Usable', numeric: true },
  { key: 'calls', label: 'Calls', numeric: true },
  { key: 'retryShare', label: 'Retry spend', numeric: true },
  { key: 'failedCost', label: 'Failed spend', numeric: true },
];

export function WorkflowTable({ workflows, search, onChoose }: WorkflowTableProps) {
  const [sort, setSort] = useState<Sort>({ key: 'cost', descending: true });
  const rows = useMemo(() => prepareBreakdown(workflows, sort), [workflows, sort]);
  const sortBy = (key: SortKey) => setSort((now) => ({ key, descending: now.key === key ? !now.descending : key !== 'name' }));
  return (
    <Card title="Workflows" description="What each outcome costs, and what is lost on the way" flush className="overflow-hidden">
      <ul aria-label="Workflows" className="divide-y divide-line border-t border-line sm:hidden">
        {rows.map((row) => (
          <WorkflowItem key={row.key} row={row} search={search} onChoose={onChoose} />
        ))}
      </ul>
      <div className="scroll-thin relative hidden overflow-x-auto border-t border-line sm:block">
        <Table aria-label="Workflows">
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <SortHeader key={column.key} label={column.label} numeric={column.numeric} sorted={sort.key === column.key ? (sort.descending ? 'descending' : 'ascending') : undefined} onSort={() => sortBy(column.key)} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <WorkflowRow key={row.key} row={row} search={search} onChoose={onChoose} />
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}

interface SortHeaderProps {
  readonly label: string;
  readonly numeric: boolean;
  readonly sorted: 'ascending' | 'descending' | undefined;
  readonly onSort: () => void;
}

function SortHeader({ label, numeric, sorted, onSort }: SortHeaderProps) {
  const Icon = sorted === 'ascending' ? ArrowUp : ArrowDown;
  return (
    <HeaderCell align={numeric ? 'right' : 'left'} sort={sorted}>
      <button type="button" onClick={onSort} className={cx('inline-flex items-center gap-1 rounded-xs hover:text-ink', sorted && 'text-ink', numeric && 'flex-row-reverse')}>
        {label}
        <Icon className={cx('size-3', !sorted && 'invisible')} aria-hidden />
      </button>
    </HeaderCell>
  );
}

interface WorkflowRowProps {
  readonly row: BreakdownRow;
  readonly search: OverviewSearch;
  readonly onChoose: (workflow: string) => void;
}

/** Narrows the page to the workflow; what has none leads to its rows instead. */
function WorkflowName({ row, search, onChoose }: WorkflowRowProps) {
  return row.key ? (
    <button type="button" onClick={() => onChoose(row.key)} className="max-w-full truncate rounded-xs font-medium text-ink underline-offset-4 hover:underline">
      {row.name}
    </button>
  ) : (
    <Link to="/ledger" search={{ ...search, untagged: true }} className="rounded-xs text-ink-3 italic underline-offset-4 hover:underline">
      {row.name}
    </Link>
  );
}

/** The same row on a phone, where a table of seven columns would hide what matters. */
function WorkflowItem(props: WorkflowRowProps) {
  const { row } = props;
  return (
    <li className="px-4 py-3">
      <div className="flex items-baseline justify-between gap-4 text-sm">
        <WorkflowName {...props} />
        <Money pico={row.costPico} className="font-medium text-ink" />
      </div>
      <Meter share={row.costShare} className="mt-1.5 w-full" />
      <p className="mt-1.5 flex flex-wrap gap-x-3 text-xs text-ink-3">
        <span>
          <Money pico={row.costPerUsablePico} form="unit" missing="No usable outcome yet" className="text-ink-2" /> per usable outcome
        </span>
        {row.usableShare === null ? null : <span>{formatShare(row.usableShare)} usable</span>}
        {row.retryShare === null || row.retryShare === 0 ? null : <span className={row.retryShare >= 0.2 ? 'text-warning' : ''}>{formatShare(row.retryShare)} on retries</span>}
      </p>
    </li>
  );
}

function WorkflowRow({ row, search, onChoose }: WorkflowRowProps) {
  return (
    <Row className="hover:bg-surface-2" data-testid="workflow-row">
      <Cell className="min-w-44">
        <WorkflowName row={row} search={search} onChoose={onChoose} />
        <Meter share={row.costShare} className="mt-1 w-full max-w-52" />
      </Cell>
      <Cell align="right" className="font-medium text-ink">
        <Money pico={row.costPico} />
      </Cell>
      <Cell align="right">
        <Money pico={row.costPerUsablePico} form="unit" missing="No usable outcome yet" />
      </Cell>
      <Cell align="right" title={row.outcomes > 0 ? `${formatCount(row.outcomes)} outcomes` : undefined}>
        {row.usableShare === null ? <Missing reason="No outcome yet" /> : formatShare(row.usableShare)}
      </Cell>
      <Cell align="right">{formatCount(row.calls)}</Cell>
      <Cell align="right" className={row.retryShare !== null && row.retryShare >= 0.2 ? 'text-warning' : ''}>
        {row.retryShare === null ? <Missing reason="No cost" /> : formatShare(row.retryShare)}
      </Cell>
      <Cell align="right">
        <Money pico={row.failedCostPico} />
      </Cell>
    </Row>
  );
}
