import { Link } from '@tanstack/react-router';
import { ArrowDown, ArrowUp, Download } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Meter } from '../charts/meter';
import type { Span } from '../filters/export-url';
import { Badge } from '../ui/badge';
import { buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { formatExactUsd, formatMoney, readPico } from '../ui/format-money';
import { formatCount, formatPlural, formatShare } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { askedOf, ledgerOf, type MarginSearch } from './margin-search';
import { ADVICE_TONES, prepareBreakdown, STATE_TONES, type BreakdownRow, type JudgedWorkflow, type Sort, type SortKey } from './prepare-breakdown';
import { StateRules, type DecisionRule, type StateRule } from './state-rules';

interface WorkflowTableProps {
  readonly workflows: readonly JudgedWorkflow[];
  readonly rules: readonly StateRule[];
  readonly decisionRules: readonly DecisionRule[];
  readonly search: MarginSearch;
  readonly span: Span;
  readonly csvUrl: string;
}

const COLUMNS: readonly { key: SortKey; label: string; numeric: boolean }[] = [
  { key: 'name', label: 'Workflow', numeric: false },
  { key: 'state', label: 'State', numeric: false },
  { key: 'cost', label: 'Cost', numeric: true },
  { key: 'usableShare', label: 'Usable', numeric: true },
  { key: 'costPerUsable', label: 'Per outcome', numeric: true },
  { key: 'retryShare', label: 'Retries', numeric: true },
  { key: 'fallbackShare', label: 'Fallbacks', numeric: true },
  { key: 'margin', label: 'Margin', numeric: true },
  { key: 'advice', label: 'Decision', numeric: false },
];
const NO_RATE = 'No plan gives its outcomes a rate: put customers on a plan';

export function WorkflowTable({ workflows, rules, decisionRules, csvUrl, ...rest }: WorkflowTableProps) {
  const [sort, setSort] = useState<Sort>({ key: 'state', descending: true });
  const rows = useMemo(() => prepareBreakdown(workflows, sort), [workflows, sort]);
  const sortBy = (key: SortKey) => setSort((now) => ({ key, descending: now.key === key ? !now.descending : key !== 'name' }));
  return (
    <Card
      title="Workflows"
      description="What each outcome costs, where money leaks, and why"
      flush
      className="overflow-hidden"
      actions={
        <div className="-mr-2 -ml-2 flex items-center gap-1 sm:ml-0">
          <StateRules rules={rules} decisions={decisionRules} />
          <a href={csvUrl} download aria-label="Download the table as CSV" title="Download the table as CSV" className={buttonClass('ghost', 'sm')}>
            <Download className="size-3.5" aria-hidden />
            CSV
          </a>
        </div>
      }
    >
      <ul aria-label="Workflows" className="divide-y divide-line border-t border-line md:hidden">
        {rows.map((row) => (
          <WorkflowItem key={row.key} row={row} {...rest} />
        ))}
      </ul>
      <div className="scroll-thin relative hidden overflow-x-auto border-t border-line md:block">
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
              <WorkflowRow key={row.key} row={row} {...rest} />
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
  readonly search: MarginSearch;
  readonly span: Span;
}

/** Leads to the page of the workflow; what has none leads to its rows instead. */
function WorkflowName({ row, search, span }: WorkflowRowProps) {
  return row.key ? (
    <Link to="/workflows/$workflow" params={{ workflow: row.key }} search={narrowedOf(search)} className="block max-w-full truncate rounded-xs font-medium text-ink underline-offset-4 hover:underline">
      {row.name}
    </Link>
  ) : (
    <Link to="/ledger" search={ledgerOf(search, { untagged: true }, span)} className="rounded-xs text-ink-3 italic underline-offset-4 hover:underline">
      {row.name}
    </Link>
  );
}

/** What the page of one workflow takes over. */
function narrowedOf(search: MarginSearch) {
  const { workflow: _workflow, ...rest } = askedOf(search);
  return rest;
}

function Why({ row, search, span }: WorkflowRowProps) {
  return (
    <Link to="/ledger" search={ledgerOf(search, row.rows, span)} title="Show the rows behind it" className="rounded-xs text-xs text-ink-3 underline decoration-line-strong underline-offset-[3px] transition-colors hover:text-ink hover:decoration-current">
      {row.why}
    </Link>
  );
}

/** A share with the money of it on hover. */
function SpendShare({ share, costPico }: { readonly share: number | null; readonly costPico: string }) {
  if (share === null) return <Missing reason="No cost" />;
  return <span title={`${formatExactUsd(readPico(costPico) ?? 0n)} exactly`}>{formatShare(share)}</span>;
}

export function MarginShare({ share }: { readonly share: number | null }) {
  if (share === null) return <Missing reason={NO_RATE} />;
  return <span className={share < 0 ? 'text-danger' : 'text-ink'}>{share < 0 ? `-${formatShare(-share)}` : formatShare(share)}</span>;
}

function Target({ row }: { readonly row: BreakdownRow }) {
  if (row.target === null) return null;
  return (
    <span className={row.target.over ? 'text-danger' : ''} title={`${formatExactUsd(readPico(row.target.pico) ?? 0n)} for one usable ${row.unitName}`}>
      {row.target.over ? 'over ' : 'target '}
      {formatMoney(readPico(row.target.pico) ?? 0n, 'unit')}
    </span>
  );
}

/** The same row on a phone, where a table of eight columns would hide what matters. */
function WorkflowItem(props: WorkflowRowProps) {
  const { row } = props;
  return (
    <li className="px-4 py-3">
      <div className="flex items-center justify-between gap-3 text-sm">
        <span className="flex min-w-0 items-center gap-2">
          <WorkflowName {...props} />
          <Badge tone={STATE_TONES[row.state]} dot>
            {row.state}
          </Badge>
        </span>
        <Money pico={row.costPico} className="font-medium text-ink" />
      </div>
      <Meter share={row.costShare} className="mt-1.5 w-full" />
      <p className="mt-1.5 leading-5">
        <Why {...props} />
      </p>
      <p className="mt-1 flex items-center gap-2 text-xs text-ink-3">
        Margin <MarginShare share={row.marginShare} />
        <Badge tone={ADVICE_TONES[row.advice]} title={row.adviceWhy}>
          {row.advice}
        </Badge>
      </p>
      <dl className="mt-2 grid grid-cols-[1.35fr_1fr_1fr_1fr] gap-x-2 text-xs">
        <Fact name="Per outcome">
          <Money pico={row.costPerUsablePico} form="unit" missing="No usable outcome yet" className={row.target?.over ? 'text-danger' : ''} />
        </Fact>
        <Fact name="Usable">{row.usableShare === null ? <Missing reason="No outcome yet" /> : formatShare(row.usableShare)}</Fact>
        <Fact name="Retries">
          <SpendShare share={row.retryShare} costPico={row.retryCostPico} />
        </Fact>
        <Fact name="Fallbacks">
          <SpendShare share={row.fallbackShare} costPico={row.fallbackCostPico} />
        </Fact>
      </dl>
    </li>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-ink-3">{name}</dt>
      <dd className="text-ink tabular-nums">{children}</dd>
    </div>
  );
}

function WorkflowRow(props: WorkflowRowProps) {
  const { row } = props;
  return (
    <Row className="hover:bg-surface-2" data-testid="workflow-row">
      <Cell className="w-56 max-w-56 min-w-40 py-2.5 align-top">
        <WorkflowName {...props} />
        <Meter share={row.costShare} className="mt-2 w-full" />
      </Cell>
      <Cell className="min-w-72 py-2.5 align-top">
        <Badge tone={STATE_TONES[row.state]} dot>
          {row.state}
        </Badge>
        <p className="mt-1 leading-[1.35]">
          <Why {...props} />
        </p>
      </Cell>
      <Cell align="right" className="py-2.5 align-top">
        <Money pico={row.costPico} className="font-medium text-ink" />
        <Under>{formatPlural(row.calls, 'call')}</Under>
      </Cell>
      <Cell align="right" className="py-2.5 align-top">
        {row.usableShare === null ? <Missing reason="No outcome yet" /> : formatShare(row.usableShare)}
        <Under>{row.outcomes > 0 ? `${formatCount(row.usable)} of ${formatCount(row.outcomes)}` : ''}</Under>
      </Cell>
      <Cell align="right" className="py-2.5 align-top">
        <Money pico={row.costPerUsablePico} form="unit" missing="No usable outcome yet" className="text-ink" />
        <Under>
          <Target row={row} />
        </Under>
      </Cell>
      <Cell align="right" className="py-2.5 align-top">
        <SpendShare share={row.retryShare} costPico={row.retryCostPico} />
      </Cell>
      <Cell align="right" className="py-2.5 align-top">
        <SpendShare share={row.fallbackShare} costPico={row.fallbackCostPico} />
      </Cell>
      <Cell align="right" className="py-2.5 align-top">
        <MarginShare share={row.marginShare} />
      </Cell>
      <Cell className="py-2.5 align-top">
        <Badge tone={ADVICE_TONES[row.advice]} title={row.adviceWhy}>
          {row.advice}
        </Badge>
      </Cell>
    </Row>
  );
}

function Under({ children }: { readonly children: React.ReactNode }) {
  return <span className="mt-0.5 block text-xs font-normal text-ink-3">{children}</span>;
}
