import { RotateCw } from 'lucide-react';
import { memo, useEffect, useEffectEvent, useRef, type KeyboardEvent } from 'react';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { formatCompact, formatCount, formatDuration } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { Cell, HeaderCell, Table } from '../ui/table';
import { RowTime } from '../ui/time';
import { isOtherCost, prepareAttempt, prepareSubject, prepareVerdict, shortId, type LedgerRow } from './prepare-row';

interface LedgerTableProps {
  readonly rows: readonly LedgerRow[];
  readonly openId: string | undefined;
  readonly onOpen: (id: string) => void;
  readonly stale: boolean;
  readonly more: { readonly has: boolean; readonly busy: boolean; readonly failed: boolean; readonly load: () => void };
}

/** Rows are reached with the arrow keys and opened with Enter; a phone gets the same rows as a list. */
export function LedgerTable({ rows, openId, onOpen, stale, more }: LedgerTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (!step || !(event.target instanceof HTMLElement) || !event.target.matches('[data-row]')) return;
    event.preventDefault();
    const all = [...(scroller.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])].filter((row) => row.offsetParent !== null);
    all[all.indexOf(event.target) + step]?.focus();
  };
  return (
    <div ref={scroller} onKeyDown={onKeyDown} className={cx('scroll-thin relative h-full [--table-edge:1.5rem] transition-opacity sm:overflow-auto', stale && 'opacity-55')}>
      <Table aria-label="Ledger rows" className="hidden min-w-[64rem] sm:table">
        <thead>
          <tr>
            <HeaderCell>Time</HeaderCell>
            <HeaderCell>Model</HeaderCell>
            <HeaderCell>Status</HeaderCell>
            <HeaderCell>Workflow</HeaderCell>
            <HeaderCell>Customer</HeaderCell>
            <HeaderCell>Run</HeaderCell>
            <HeaderCell align="right">Tokens in</HeaderCell>
            <HeaderCell align="right">out</HeaderCell>
            <HeaderCell align="right">Latency</HeaderCell>
            <HeaderCell align="right">Cost</HeaderCell>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <LedgerTableRow key={row.id} row={row} open={row.id === openId} onOpen={onOpen} />
          ))}
        </tbody>
      </Table>
      <ul aria-label="Ledger rows" className="divide-y divide-line sm:hidden">
        {rows.map((row) => (
          <LedgerListItem key={row.id} row={row} onOpen={onOpen} />
        ))}
      </ul>
      <LoadMore {...more} />
    </div>
  );
}

interface RowProps {
  readonly row: LedgerRow;
  readonly open?: boolean;
  readonly onOpen: (id: string) => void;
}

const LedgerTableRow = memo(function LedgerTableRow({ row, open = false, onOpen }: RowProps) {
  const verdict = prepareVerdict(row);
  const { name, detail } = prepareSubject(row);
  const attempt = prepareAttempt(row);
  const isCall = row.subject === 'call' && !isOtherCost(row);
  return (
    <tr
      data-row
      data-testid="ledger-row"
      data-event-id={row.id}
      tabIndex={0}
      aria-label={`${name}, ${verdict.text}: open the details`}
      aria-current={open ? 'true' : undefined}
      onClick={() => onOpen(row.id)}
      onKeyDown={(event) => event.key === 'Enter' && onOpen(row.id)}
      className={cx('group/row cursor-pointer focus-visible:outline-offset-[-2px]', open ? 'bg-accent-soft' : 'hover:bg-surface-2', !row.valid && '[&_*]:text-ink-3!')}
    >
      <Cell className="whitespace-nowrap tabular-nums">
        <RowTime at={row.occurredAt} />
        {row.late ? <Badge tone="warning" className="ml-2" title="Arrived after the team's late window">late</Badge> : null}
      </Cell>
      <Cell className="max-w-60">
        <span className="flex items-center gap-2">
          <span className={cx('truncate', isCall ? 'font-medium text-ink' : 'text-ink-2 italic')} title={detail ?? undefined}>{name}</span>
          {attempt ? <Badge tone="warning">{attempt}</Badge> : null}
        </span>
      </Cell>
      <Cell>
        <Badge tone={verdict.tone} dot title={verdict.title}>
          {verdict.text}
        </Badge>
      </Cell>
      <Cell className="max-w-44 truncate" title={row.feature ?? undefined}>
        {row.workflow ?? <Missing reason="Untagged: no workflow" />}
      </Cell>
      <Cell className="max-w-36 truncate" title={row.customerId ?? undefined}>
        {row.customerId ?? <Missing reason="Untagged: no customer" />}
      </Cell>
      <Cell className="font-mono text-xs whitespace-nowrap" title={row.runRef ?? row.runId ?? undefined}>
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

const LedgerListItem = memo(function LedgerListItem({ row, onOpen }: RowProps) {
  const verdict = prepareVerdict(row);
  const { name } = prepareSubject(row);
  const attempt = prepareAttempt(row);
  return (
    <li>
      <button
        type="button"
        data-row
        data-testid="ledger-row"
        data-event-id={row.id}
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
    </li>
  );
});

/** Loads the next page when it comes into sight; the button is there for the keyboard, and after a failure. */
function LoadMore({ has, busy, failed, load }: LedgerTableProps['more']) {
  const mark = useRef<HTMLDivElement>(null);
  const loadNext = useEffectEvent(load);
  const ready = has && !busy && !failed;
  useEffect(() => {
    if (!ready || !mark.current) return;
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && loadNext(), { rootMargin: '600px' });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [ready]);
  return (
    <div ref={mark} className="flex h-14 items-center justify-center text-xs text-ink-3">
      {has ? (
        <Button look="ghost" size="sm" onClick={load} busy={busy} icon={failed ? <RotateCw className="size-3.5" aria-hidden /> : undefined}>
          {failed ? 'Loading failed. Try again' : 'Load more'}
        </Button>
      ) : (
        'End of the range'
      )}
    </div>
  );
}
