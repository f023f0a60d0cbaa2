import { Link } from '@tanstack/react-router';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Meter } from '../charts/meter';
import type { Outputs } from '../api/trpc';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { formatCount, formatPlural, formatShare } from '../ui/format-number';
import { formatShortDay } from '../ui/format-time';
import { Missing, Money } from '../ui/money';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { RelativeTime } from '../ui/time';
import { prepareWorkflows, unitOf, type Sort, type SortKey, type TargetVerdict, type WorkflowRow } from './prepare-workflows';
import type { WorkflowsSearch } from './workflow-search';
import { StateBadge, type Judged, type WorkflowStates } from './workflow-states';

interface WorkflowsTableProps {
  readonly workflows: Outputs['workflows']['list']['workflows'];
  readonly search: WorkflowsSearch;
  /** By the workflow's name; not there until it is known. */
  readonly states: WorkflowStates;
}

const COLUMNS: readonly { key: SortKey | null; label: string; numeric: boolean; title?: string }[] = [
  { key: 'name', label: 'Workflow', numeric: false },
  { key: null, label: 'State', numeric: false },
  { key: 'runs', label: 'Runs', numeric: true, title: 'Runs whose last event lies in the range' },
  { key: 'usableShare', label: 'Usable', numeric: true, title: 'Usable outcomes of all outcomes' },
  { key: 'cost', label: 'Cost', numeric: true },
  { key: 'costPerUsable', label: 'Per usable outcome', numeric: true, title: 'All cost of the range over its usable outcomes' },
  { key: 'retryShare', label: 'Retry spend', numeric: true },
  { key: 'p50', label: 'Run p50', numeric: true, title: 'Half of the runs cost at most this' },
  { key: 'p95', label: 'p95', numeric: true, title: '95 of 100 runs cost at most this' },
  { key: 'lastAt', label: 'Last seen', numeric: true },
];
const RETRY_ALERT = 0.2;

export function WorkflowsTable({ workflows, search, states }: WorkflowsTableProps) {
  const [sort, setSort] = useState<Sort>({ key: 'cost', descending: true });
  const rows = useMemo(() => prepareWorkflows(workflows, sort), [workflows, sort]);
  const sortBy = (key: SortKey) => setSort((now) => ({ key, descending: now.key === key ? !now.descending : key !== 'name' }));
  return (
    <Card flush className="overflow-hidden">
      <ul aria-label="Workflows" className="divide-y divide-line sm:hidden">
        {rows.map((row) => (
          <WorkflowItem key={row.key} row={row} search={search} state={states.get(row.key)} />
        ))}
      </ul>
      <div className="scroll-thin relative hidden overflow-x-auto sm:block">
        <Table aria-label="Workflows">
          <thead>
            <tr>
              {COLUMNS.map(({ key, label, numeric, title }) => (
                <HeaderCell key={label} align={numeric ? 'right' : 'left'} title={title} sort={key !== null && sort.key === key ? (sort.descending ? 'descending' : 'ascending') : undefined}>
                  {key === null ? label : <SortButton label={label} numeric={numeric} sorted={sort.key === key ? (sort.descending ? 'descending' : 'ascending') : undefined} onSort={() => sortBy(key)} />}
                </HeaderCell>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <WorkflowTableRow key={row.key} row={row} search={search} state={states.get(row.key)} />
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}

interface SortButtonProps {
  readonly label: string;
  readonly numeric: boolean;
  readonly sorted: 'ascending' | 'descending' | undefined;
  readonly onSort: () => void;
}

function SortButton({ label, numeric, sorted, onSort }: SortButtonProps) {
  const Icon = sorted === 'ascending' ? ArrowUp : ArrowDown;
  return (
    <button type="button" onClick={onSort} className={cx('inline-flex items-center gap-1 rounded-xs hover:text-ink', sorted && 'text-ink', numeric && 'flex-row-reverse')}>
      {label}
      <Icon className={cx('size-3', !sorted && 'invisible')} aria-hidden />
    </button>
  );
}

interface RowProps {
  readonly row: WorkflowRow;
  readonly search: WorkflowsSearch;
  readonly state: Judged | undefined;
}

/** Leads to the workflow's page; what names none leads to its rows instead. */
function WorkflowName({ row, search }: Omit<RowProps, 'state'>) {
  const { compare: _compare, ...filters } = search;
  return row.key ? (
    <Link to="/workflows/$workflow" params={{ workflow: row.key }} search={search} className="block max-w-full truncate rounded-xs font-medium text-ink underline-offset-4 hover:underline">
      {row.name}
    </Link>
  ) : (
    <Link to="/ledger" search={{ ...filters, range: search.range ?? '7d', untagged: true }} className="rounded-xs text-ink-3 italic underline-offset-4 hover:underline">
      {row.name}
    </Link>
  );
}

function WorkflowTableRow({ row, search, state }: RowProps) {
  return (
    <Row className="hover:bg-surface-2" data-testid="workflow-row">
      <Cell className="min-w-44 py-2">
        <WorkflowName row={row} search={search} />
        <span className="block truncate text-xs text-ink-3">{row.unitName ?? (row.key ? 'unit not named' : 'calls that name none')}</span>
      </Cell>
      <Cell className="whitespace-nowrap">{state ? <StateBadge {...state} /> : <Missing reason="Nothing to judge in this range" />}</Cell>
      <Cell align="right">{row.runs === 0 ? <Missing reason="No run in this range" /> : formatCount(row.runs)}</Cell>
      <Cell align="right" title={row.outcomes > 0 ? formatPlural(row.outcomes, 'outcome') : undefined}>
        {row.usableShare === null ? <Missing reason="No outcome yet" /> : formatShare(row.usableShare)}
      </Cell>
      <Cell align="right" className="font-medium text-ink">
        <Money pico={row.costPico} />
        <Meter share={row.costShare} className="mt-1 ml-auto w-16" />
      </Cell>
      <Cell align="right">
        <Money pico={row.costPerUsablePico} form="unit" missing="No usable outcome yet" className={row.target?.over ? 'text-danger' : undefined} />
        <Target target={row.target} />
      </Cell>
      <Cell align="right" className={row.retryShare !== null && row.retryShare >= RETRY_ALERT ? 'text-warning' : ''}>
        {row.retryShare === null ? <Missing reason="No cost" /> : formatShare(row.retryShare)}
      </Cell>
      <Cell align="right">
        <Money pico={row.p50Pico} form="unit" missing="No run in this range" />
      </Cell>
      <Cell align="right">
        <Money pico={row.p95Pico} form="unit" missing="No run in this range" />
      </Cell>
      <Cell align="right">
        <LastSeen row={row} />
      </Cell>
    </Row>
  );
}

function Target({ target }: { readonly target: TargetVerdict | null }) {
  if (target === null) return null;
  return (
    <span className={cx('block text-xs', target.over ? 'text-danger' : 'text-ink-3')} title={target.text ?? undefined}>
      target <Money pico={target.targetPico} form="unit" />
    </span>
  );
}

function LastSeen({ row }: { readonly row: WorkflowRow }) {
  if (row.lastAt) return <RelativeTime at={row.lastAt} />;
  return row.lastDay ? <span title="The last day with an event; none of it is a run of this range">{formatShortDay(`${row.lastDay}T12:00:00Z`, 'UTC')}</span> : <Missing reason="Never seen" />;
}

/** The same row on a phone, where a table of ten columns would hide what matters. */
function WorkflowItem({ row, search, state }: RowProps) {
  return (
    <li className="px-4 py-3">
      <div className="flex items-baseline justify-between gap-4 text-sm">
        <WorkflowName row={row} search={search} />
        <Money pico={row.costPico} className="font-medium text-ink" />
      </div>
      <p className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-3">
        {state ? <StateBadge {...state} /> : null}
        <span className={row.target?.over ? 'text-danger' : ''}>
          <Money pico={row.costPerUsablePico} form="unit" missing="No usable outcome yet" className={row.target?.over ? undefined : 'text-ink-2'} /> per {unitOf(row.unitName ?? 'run')}
          {row.target?.text ? `, ${row.target.text}` : ''}
        </span>
      </p>
      <p className="mt-1 flex flex-wrap gap-x-3 text-xs text-ink-3">
        <span>{formatPlural(row.runs, 'run')}</span>
        {row.usableShare === null ? null : <span>{formatShare(row.usableShare)} usable</span>}
        {row.retryShare ? <span className={row.retryShare >= RETRY_ALERT ? 'text-warning' : ''}>{formatShare(row.retryShare)} on retries</span> : null}
        {row.p95Pico === null ? null : (
          <span>
            p95 <Money pico={row.p95Pico} form="unit" />
          </span>
        )}
      </p>
    </li>
  );
}
