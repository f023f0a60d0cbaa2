import { memo } from 'react';
import { Badge } from '../ui/badge';
import { cx } from '../ui/cx';
import { formatCompact, formatCount, formatDuration } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { Cell } from '../ui/table';
import { RowTime } from '../ui/time';
import { isOtherCost, prepareAttempt, prepareSubject, prepareVerdict, shortId, type LedgerRow } from './prepare-row';

interface RowProps {
  readonly row: LedgerRow;
  readonly index: number;
  readonly open?: boolean;
  /** The one row of the list that the Tab key reaches. */
  readonly tabbable: boolean;
  readonly onOpen: (id: string) => void;
}

export const LedgerTableRow = memo(function LedgerTableRow({ row, index, open = false, tabbable, onOpen }: RowProps) {
  const verdict = prepareVerdict(row);
  const { name, detail } = prepareSubject(row);
  const attempt = prepareAttempt(row);
  const isCall = row.subject === 'call' && !isOtherCost(row);
  return (
    <tr
      data-row
      data-index={index}
      data-testid="ledger-row"
      data-event-id={row.id}
      tabIndex={tabbable ? 0 : -1}
      aria-rowindex={index + 2}
      aria-label={`${name}, ${verdict.text}: open the details`}
      aria-current={open ? 'true' : undefined}
      onClick={() => onOpen(row.id)}
      onKeyDown={(event) => event.key === 'Enter' && onOpen(row.id)}
      className={cx('cursor-pointer focus-visible:outline-offset-[-2px]', open ? 'bg-accent-soft' : 'hover:bg-surface-2', !row.valid && '[&_*]:text-ink-3!')}
    >
      <Cell className="whitespace-nowrap tabular-nums">
        <RowTime at={row.occurredAt} />
        {row.late ? <Badge tone="warning" className="ml-2" title="Arrived after the team's late window">late</Badge> : null}
      </Cell>
      <Cell>
        <span className="flex items-center gap-2">
          <span className={cx('truncate', isCall ? 'font-medium text-ink' : 'text-ink-2 italic')} title={detail ?? undefined}>{name}</span>
          {attempt ? <Badge tone="warning">{attempt}</Badge> : null}
        </span>
      </Cell>
      <Cell className="overflow-hidden whitespace-nowrap">
        <Badge tone={verdict.tone} dot title={verdict.title}>
          {verdict.text}
        </Badge>
      </Cell>
      <Cell className="truncate" title={row.feature ?? undefined}>
        {row.workflow ?? <Missing reason="Untagged: no workflow" />}
      </Cell>
      <Cell className="truncate" title={row.customerId ?? undefined}>
        {row.customerId ?? <Missing reason="Untagged: no customer" />}
      </Cell>
      <Cell className="truncate font-mono text-xs" title={row.runRef ?? row.runId ?? undefined}>
        {row.runId ? shortId(row.runRef ?? row.runId) : <Missing reason="A call without a run" />}
      </Cell>
      <Cell align="right" title={isCall ? formatCount(row.inputTokens) : undefined}>
        {isCall ? formatCompact(row.inputTokens) : null}
      </Cell>
      <Cell align="right" title={isCall ? formatCount(row.outputTokens) : undefined}>
        {isCall ? formatCompact(row.outputTokens) : null}
      </Cell>
      <Cell align="right">{isCall ? row.latencyMs === null ? <Missing reason="Not measured" /> : formatDuration(row.latencyMs) : null}</Cell>
      <Cell align="right" className="font-medium text-ink">
        <RowCost row={row} />
      </Cell>
    </tr>
  );
});

function RowCost({ row }: { readonly row: LedgerRow }) {
  if (row.subject === 'outcome') return null;
  if (row.costPico === null) return <Badge tone="warning" title="No price is known yet">unpriced</Badge>;
  return <Money pico={row.costPico} form="row" className={row.costBasis === 'estimated' ? 'italic' : ''} />;
}

/** The same row on a phone. */
export const LedgerListItem = memo(function LedgerListItem({ row, index, tabbable, onOpen }: RowProps) {
  const verdict = prepareVerdict(row);
  const { name } = prepareSubject(row);
  const attempt = prepareAttempt(row);
  return (
    <button
      type="button"
      data-row
      data-index={index}
      data-testid="ledger-row"
      data-event-id={row.id}
      tabIndex={tabbable ? 0 : -1}
      onClick={() => onOpen(row.id)}
      className="w-full px-4 py-2.5 text-left transition-colors focus-visible:outline-offset-[-2px] active:bg-surface-2"
    >
      <span className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate text-base font-medium text-ink">{name}</span>
        <span className="text-base font-medium text-ink">
          <RowCost row={row} />
        </span>
      </span>
      <span className="mt-1 flex items-center gap-2 text-xs text-ink-3">
        <Badge tone={verdict.tone} dot>
          {verdict.text}
        </Badge>
        {attempt ? <Badge tone="warning">{attempt}</Badge> : null}
        <span className="min-w-0 flex-1 truncate">{[row.workflow, row.customerId].filter(Boolean).join(', ') || 'untagged'}</span>
        <RowTime at={row.occurredAt} className="whitespace-nowrap tabular-nums" />
      </span>
    </button>
  );
});
