import { Meter } from '../charts/meter';
import { CostSpark } from '../charts/cost-spark';
import { ChangeMark } from '../overview/change-mark';
import type { Change } from '../overview/prepare-change';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { formatCompact, formatCount, formatPlural, formatShare } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { SortHeader, type Sorting } from '../ui/sort-header';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import type { ModelSort } from './models-search';
import { latencyText, type ModelRow } from './prepare-models';

interface ModelTableProps {
  readonly rows: readonly ModelRow[];
  readonly sorting: Sorting<ModelSort>;
  readonly onSort: (next: Sorting<ModelSort>) => void;
  readonly onOpen: (key: string) => void;
  readonly openKey: string | undefined;
}

/** Share of failed calls from which on it is coloured. */
const FAILED_SHARE_NOTED = 0.05;
const ABOUT = 'About: read off a histogram of the calls that state their latency, failed ones too';

export function ModelTable({ rows, sorting, onSort, onOpen, openKey }: ModelTableProps) {
  const sort = { sorting, onSort };
  return (
    <Card flush className="overflow-hidden">
      <ul aria-label="Models" className="divide-y divide-line md:hidden">
        {rows.map((row) => (
          <ModelItem key={row.key} row={row} onOpen={onOpen} />
        ))}
      </ul>
      <div className="scroll-thin relative hidden overflow-x-auto md:block">
        <Table aria-label="Models">
          <thead>
            <tr>
              <SortHeader column="name" align="left" ascendingFirst {...sort}>Model</SortHeader>
              <SortHeader column="cost" {...sort}>Cost</SortHeader>
              <SortHeader column="change" {...sort}>Change</SortHeader>
              <HeaderCell className="hidden xl:table-cell">Trend</HeaderCell>
              <SortHeader column="costPerMillion" title="Cost over all tokens together: input, cached input and output" {...sort}>Per 1M tokens</SortHeader>
              <SortHeader column="calls" {...sort}>Calls</SortHeader>
              <HeaderCell align="right" className="hidden lg:table-cell">Tokens in, out</HeaderCell>
              <SortHeader column="cacheShare" title="Input tokens read from a cache, of all input tokens" {...sort}>Cached</SortHeader>
              <SortHeader column="latency" title={`Median, and what 95% of the calls stay below. ${ABOUT}`} {...sort}>Latency p50, p95</SortHeader>
              <SortHeader column="failedShare" title="Failed and aborted calls, of all calls. A call that nobody answered stands under the model it asked for" {...sort}>Failed</SortHeader>
              <HeaderCell align="right" className="hidden 2xl:table-cell" title="Later attempts with the same model">Retries</HeaderCell>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <ModelTableRow key={row.key} row={row} onOpen={onOpen} isOpen={row.key === openKey} />
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}

interface RowProps {
  readonly row: ModelRow;
  readonly onOpen: (key: string) => void;
}

function ModelTableRow({ row, onOpen, isOpen }: RowProps & { readonly isOpen: boolean }) {
  const { figures } = row;
  const failed = figures.failedShare;
  return (
    <Row data-testid="model-row" className={cx('hover:bg-surface-2', isOpen && 'bg-accent-soft')}>
      <Cell className="max-w-72 py-1.5">
        <ModelName row={row} onOpen={onOpen} />
      </Cell>
      <Cell align="right">
        <Money pico={figures.costPico} className="font-medium text-ink" />
        <Meter share={row.share} className="mt-1 ml-auto w-16" />
      </Cell>
      <Cell align="right">{row.change ? <ChangeMark change={row.change} /> : <Missing reason="Nothing to compare with" />}</Cell>
      <Cell className="hidden xl:table-cell">
        <CostSpark costs={figures.trend} />
      </Cell>
      <Cell align="right">
        <Money pico={figures.costPerMillionPico} form="unit" missing={figures.unpriced > 0 ? 'Not priced' : 'No tokens'} />
        <Moved change={row.perMillionChange} />
      </Cell>
      <Cell align="right">{formatCount(figures.calls)}</Cell>
      <Cell align="right" className="hidden lg:table-cell" title={`${formatCount(figures.inputTokens)} in, ${formatCount(figures.outputTokens)} out`}>
        {figures.inputTokens + figures.outputTokens > 0 ? `${formatCompact(figures.inputTokens)}, ${formatCompact(figures.outputTokens)}` : <Missing reason="No tokens" />}
      </Cell>
      <Cell align="right">
        {figures.cacheShare === null ? <Missing reason="No input" /> : formatShare(figures.cacheShare)}
        <Moved change={row.cacheChange} />
      </Cell>
      <Cell align="right" title={ABOUT}>
        <Latency row={row} />
      </Cell>
      <Cell align="right" className={failed !== null && failed >= FAILED_SHARE_NOTED ? 'text-warning' : ''} title={`${formatPlural(figures.failed, 'call')} failed`}>
        {failed === null ? <Missing reason="No calls" /> : formatShare(failed)}
      </Cell>
      <Cell align="right" className="hidden 2xl:table-cell">{formatCount(figures.retries)}</Cell>
    </Row>
  );
}

/** Under a figure that usually stays as it is: only when it moved. */
function Moved({ change }: { readonly change: Change | null }) {
  if (change === null || change.direction === 'same') return null;
  return (
    <span className="block">
      <ChangeMark change={change} />
    </span>
  );
}

function Latency({ row: { figures } }: { readonly row: ModelRow }) {
  const [p50, p95] = [latencyText(figures.latencyP50), latencyText(figures.latencyP95)];
  if (p50 === null || p95 === null) return <Missing reason="No call states its latency" />;
  return (
    <span>
      <span className="sr-only">about </span>
      {p50}, {p95}
    </span>
  );
}

function ModelName({ row, onOpen }: RowProps) {
  const { figures } = row;
  return (
    <>
      {figures.model ? (
        <button type="button" onClick={() => onOpen(row.key)} className="max-w-full truncate rounded-xs text-left font-medium text-ink underline-offset-4 hover:underline">
          {row.name}
        </button>
      ) : (
        <span className="font-medium text-ink" title="Calls and costs that name no model: retrieval, tools and the like">
          {row.name}
        </span>
      )}
      <p className="flex flex-wrap items-center gap-x-1.5 text-xs text-ink-3">
        {figures.provider || (figures.model ? 'no provider' : 'retrieval, tools and the like')}{figures.calls > 0 && figures.failed === figures.calls ? ', asked for, never answered' : ''}
        {figures.priceMoves.length > 0 ? <Badge tone="accent">price changed</Badge> : null}
        {figures.unpriced > 0 ? <Badge tone="warning">{formatCount(figures.unpriced)} unpriced</Badge> : null}
      </p>
    </>
  );
}

/** The same on a phone: what it costs, and the three figures that people compare. */
function ModelItem({ row, onOpen }: RowProps) {
  const { figures } = row;
  return (
    <li data-testid="model-item" className="px-4 py-3">
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <ModelName row={row} onOpen={onOpen} />
        </div>
        <div className="shrink-0 text-right">
          <Money pico={figures.costPico} className="text-sm font-medium text-ink" />
          <div className="h-4">{row.change ? <ChangeMark change={row.change} /> : null}</div>
        </div>
      </div>
      <dl className="mt-2 grid grid-cols-4 gap-2 text-xs text-ink-3">
        <Fact label="Per 1M"><Money pico={figures.costPerMillionPico} form="unit" missing={figures.unpriced > 0 ? 'Not priced' : 'No tokens'} /></Fact>
        <Fact label="Cached">{figures.cacheShare === null ? <Missing reason="No input" /> : formatShare(figures.cacheShare)}</Fact>
        <Fact label="p95, about">{latencyText(figures.latencyP95) ?? <Missing reason="No call states its latency" />}</Fact>
        <Fact label="Failed">{figures.failedShare === null ? <Missing reason="No calls" /> : formatShare(figures.failedShare)}</Fact>
      </dl>
    </li>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt>{label}</dt>
      <dd className="truncate text-ink-2 tabular-nums">{children}</dd>
    </div>
  );
}
