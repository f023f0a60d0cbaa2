import { Link } from '@tanstack/react-router';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { isOtherCost, prepareAttempt, prepareSubject, prepareVerdict } from '../ledger/prepare-row';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { CopyText } from '../ui/copy-button';
import { cx } from '../ui/cx';
import { formatCompact, formatCount, formatDuration, formatPlural } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { Cell, HeaderCell, Table } from '../ui/table';
import { RowTime } from '../ui/time';
import { cachedOf, prepareWaterfall, type RunDetail, type RunEvent, type Waterfall as Prepared, type WaterfallRow } from './prepare-run';

/** Beyond so many rows the rest waits for a click: a page of thousands of bars helps nobody. */
const SHOWN = 200;

/** Every call of the run in its place in time. The rows are a table, so that what the bars show is also read. */
export function Waterfall({ run }: { readonly run: RunDetail }) {
  const [withSuperseded, setWithSuperseded] = useState(false);
  const [all, setAll] = useState(false);
  const prepared = useMemo(() => prepareWaterfall(run.events, withSuperseded), [run.events, withSuperseded]);
  // One correlation id for the whole run stands among its ids; at each call only what tells the calls apart.
  const withIds = useMemo(() => new Set(run.events.map(({ requestId }) => requestId)).size > 1, [run.events]);
  const rows = all ? prepared.rows : prepared.rows.slice(0, SHOWN);
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (!step || !(event.target instanceof HTMLElement) || !event.target.matches('[data-row]')) return;
    event.preventDefault();
    const links = [...(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])].filter((each) => each.offsetParent !== null);
    links[links.indexOf(event.target) + step]?.focus();
  };
  return (
    <Card
      title="Calls in time"
      description="A bar begins when its call began; the lighter part is the wait for the first token"
      flush
      className="overflow-hidden"
      actions={
        prepared.superseded > 0 ? (
          <Button look="ghost" size="sm" aria-pressed={withSuperseded} onClick={() => setWithSuperseded(!withSuperseded)}>
            {withSuperseded ? 'Hide what was corrected' : `Show ${formatPlural(prepared.superseded, 'corrected row')}`}
          </Button>
        ) : null
      }
    >
      <div ref={list} onKeyDown={onKeyDown} data-testid="waterfall" className="border-t border-line">
        <div className="scroll-thin relative hidden overflow-x-auto md:block">
          <Table aria-label="Calls of the run in time" className="table-fixed min-w-[56rem]">
            <thead>
              <tr>
                <HeaderCell className="w-64">Call</HeaderCell>
                <HeaderCell className="relative">
                  <span className="sr-only">When</span>
                  <Scale prepared={prepared} />
                </HeaderCell>
                <HeaderCell align="right" className="w-20">Took</HeaderCell>
                <HeaderCell align="right" className="w-24" title="Input tokens, those from the cache below">Tokens in</HeaderCell>
                <HeaderCell align="right" className="w-16">out</HeaderCell>
                <HeaderCell align="right" className="w-28">Cost</HeaderCell>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <CallRow key={row.event.id} row={row} run={run} prepared={prepared} withIds={withIds} />
              ))}
            </tbody>
          </Table>
        </div>
        <ul aria-label="Calls of the run in time" className="divide-y divide-line md:hidden">
          {rows.map((row) => (
            <CallItem key={row.event.id} row={row} run={run} prepared={prepared} withIds={withIds} />
          ))}
        </ul>
        {prepared.rows.length > rows.length ? (
          <div className="flex justify-center border-t border-line py-2">
            <Button look="ghost" size="sm" onClick={() => setAll(true)}>
              {`Show ${formatPlural(prepared.rows.length - rows.length, 'more row')}`}
            </Button>
          </div>
        ) : null}
        {run.moreEvents ? (
          <p className="border-t border-line px-5 py-3 text-xs text-ink-3">
            {`The first ${formatCount(run.events.length)} rows are shown. `}
            <Link to="/ledger" search={{ ...spanAround(run), search: run.runId }} className="text-accent underline-offset-4 hover:underline">
              All of them stand in the ledger
            </Link>
            .
          </p>
        ) : null}
      </div>
    </Card>
  );
}

const MARGIN_MS = 60_000;

/** The run's own time, with a minute to each side. */
export function spanAround({ firstAt, lastAt }: Pick<RunDetail, 'firstAt' | 'lastAt'>): { readonly from: string; readonly to: string } {
  return { from: new Date(Date.parse(firstAt) - MARGIN_MS).toISOString(), to: new Date(Date.parse(lastAt) + MARGIN_MS).toISOString() };
}

function Scale({ prepared }: { readonly prepared: Prepared }) {
  return (
    <span aria-hidden className="absolute inset-x-3 top-0 bottom-0">
      {prepared.ticks.map((tick) => (
        <span
          key={tick.at}
          className={cx('absolute top-2.5 text-2xs font-normal tabular-nums', tick.at > 0.95 ? '-translate-x-full' : tick.at > 0.02 && '-translate-x-1/2')}
          style={{ left: `${tick.at * 100}%` }}
        >
          {tick.label}
        </span>
      ))}
    </span>
  );
}

interface RowProps {
  readonly row: WaterfallRow;
  readonly run: RunDetail;
  readonly prepared: Prepared;
  readonly withIds: boolean;
}

function CallRow({ row, run, prepared, withIds }: RowProps) {
  const { event } = row;
  const isCall = event.subject === 'call';
  const cached = cachedOf(event);
  return (
    <tr data-testid="waterfall-row" className={cx('group/row hover:bg-surface-2', !event.valid && '[&_*]:text-ink-3!')}>
      <Cell className="overflow-hidden py-1.5">
        <CallName event={event} run={run} withIds={withIds} />
      </Cell>
      <Cell className="relative">
        <span className="sr-only">{row.words}</span>
        <Bar row={row} prepared={prepared} />
      </Cell>
      <Cell align="right">{isCall ? event.latencyMs === null ? <Missing reason="Not measured" /> : formatDuration(event.latencyMs) : null}</Cell>
      <Cell align="right" title={isCall ? formatCount(event.inputTokens) : undefined}>
        {isCall && !isOtherCost(event) ? (
          <>
            {formatCompact(event.inputTokens)}
            {cached === 0 ? null : <span className="block text-2xs text-ink-3" title={`${formatCount(cached)} tokens read from the cache`}>{formatCompact(cached)} cached</span>}
          </>
        ) : null}
      </Cell>
      <Cell align="right" title={isCall ? formatCount(event.outputTokens) : undefined}>{isCall && !isOtherCost(event) ? formatCompact(event.outputTokens) : null}</Cell>
      <Cell align="right" className="font-medium text-ink">
        <EventCost event={event} />
      </Cell>
    </tr>
  );
}

function CallName({ event, run, withIds }: { readonly event: RunEvent; readonly run: RunDetail; readonly withIds: boolean }) {
  const { name, detail } = prepareSubject(event);
  const verdict = prepareVerdict(event);
  const attempt = prepareAttempt(event);
  // There is room for one of the two; the name of the model says who served it.
  const idShown = withIds && event.requestId !== null;
  const isOutcome = event.subject === 'outcome';
  return (
    <span className="block min-w-0">
      <span className="flex items-center gap-2">
        <Link
          to="/ledger"
          search={{ ...spanAround(run), search: run.runId, event: event.id }}
          data-row
          title={detail || undefined}
          aria-label={`${isOutcome ? 'Outcome' : name}, ${verdict.text}${attempt ? `, ${attempt}` : ''}: open the ledger row`}
          className="min-w-0 truncate rounded-xs font-medium text-ink underline-offset-4 hover:underline"
        >
          {isOutcome ? `Outcome: ${event.outcome ?? 'unknown'}` : name}
        </Link>
        {attempt ? <Badge tone="warning">{attempt}</Badge> : null}
      </span>
      <span className="flex min-w-0 items-center gap-1.5 text-xs text-ink-3">
        {isOutcome ? null : (
          <span className={cx('shrink-0', verdict.tone === 'danger' ? 'text-danger' : verdict.tone === 'warning' ? 'text-warning' : '')} title={verdict.title}>
            {event.errorClass && event.status !== 'succeeded' ? `${verdict.text}: ${event.errorClass}` : verdict.text}
          </span>
        )}
        {isOutcome ? <span>{`${event.units ? `${event.units} ${event.units === '1' ? 'unit' : 'units'}, ` : ''}sent by ${event.source}${event.apiKeyId ? ` with key …${event.apiKeyId.slice(-6)}` : ''}`}</span> : detail && !idShown ? <span className="truncate">{detail}</span> : null}
        {event.requestId && idShown ? <CopyText text={event.requestId} label="Copy the correlation id" className="min-w-0 py-0! text-ink-3" /> : null}
      </span>
    </span>
  );
}

function EventCost({ event }: { readonly event: RunEvent }) {
  if (event.subject === 'outcome') return null;
  if (event.costPico === null) return <Badge tone="warning" title="No price is known yet">unpriced</Badge>;
  return <Money pico={event.costPico} form="row" className={event.costBasis === 'estimated' ? 'italic' : undefined} />;
}

const FILLS: Record<string, string> = { succeeded: 'var(--series-1)', failed: 'var(--series-4)', aborted: 'var(--series-3)', unknown: 'var(--series-3)' };

function Bar({ row, prepared }: Omit<RowProps, 'run' | 'withIds'>) {
  const { event, start, width, firstToken } = row;
  const color = FILLS[event.status] ?? 'var(--series-1)';
  return (
    <span aria-hidden className="absolute inset-x-3 inset-y-0">
      {prepared.pauses.map((pause) => (
        <span key={pause.at} title={pause.label} className="absolute inset-y-0 border-x border-dashed border-line-strong bg-surface-3/60" style={{ left: `${pause.at * 100}%`, width: `${pause.width * 100}%` }} />
      ))}
      {event.subject === 'outcome' ? (
        <span title={row.words} className={cx('absolute top-1/2 size-2.5 -translate-1/2 rotate-45 rounded-[2px]', event.outcome === 'usable' ? 'bg-positive' : 'bg-danger')} style={{ left: `${start * 100}%` }} />
      ) : (
        <span
          title={row.words}
          className={cx('absolute top-1/2 h-2.5 min-w-1 -translate-y-1/2 overflow-hidden rounded-xs', !event.valid && 'opacity-40')}
          style={{ left: `min(${start * 100}%, calc(100% - 4px))`, width: `${width * 100}%`, background: color }}
        >
          {firstToken === null ? null : <span className="absolute inset-y-0 left-0 border-r border-surface bg-surface/55" style={{ width: `${firstToken * 100}%` }} />}
        </span>
      )}
    </span>
  );
}

/** The same row on a phone: the bar under its name. */
function CallItem({ row, run, prepared, withIds }: RowProps) {
  const { event } = row;
  const isCall = event.subject === 'call';
  return (
    <li data-testid="waterfall-row" className={cx('px-4 py-2.5', !event.valid && 'opacity-60')}>
      <div className="flex items-start justify-between gap-3 text-sm">
        <CallName event={event} run={run} withIds={withIds} />
        <span className="shrink-0 font-medium text-ink">
          <EventCost event={event} />
        </span>
      </div>
      <div className="relative mt-1.5 h-4">
        <Bar row={row} prepared={prepared} />
      </div>
      <p className="mt-0.5 flex justify-between gap-3 text-xs text-ink-3 tabular-nums">
        <RowTime at={event.occurredAt} />
        {isCall ? <span>{[event.latencyMs === null ? null : formatDuration(event.latencyMs), isOtherCost(event) ? null : `${formatCompact(event.inputTokens)} in, ${formatCompact(event.outputTokens)} out`].filter(Boolean).join(', ')}</span> : null}
      </p>
    </li>
  );
}
