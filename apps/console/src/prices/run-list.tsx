import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useCan } from '../api/abilities';
import { trpc } from '../api/trpc';
import { Meter } from '../charts/meter';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { CopyText } from '../ui/copy-button';
import { cx } from '../ui/cx';
import { ErrorState } from '../ui/error-state';
import { formatCount, formatPlural, formatShare } from '../ui/format-number';
import { formatExactTime } from '../ui/format-time';
import { Missing, Money } from '../ui/money';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { RelativeTime, useTimeZone } from '../ui/time';
import { toast } from '../ui/toast';
import { prepareDifference, prepareRest, prepareRunState, prepareScope, type Run } from './prepare-run';
import { useRefreshPrices } from './use-price-change';
import { readFailure } from '../api/read-failure';

const POLL_MS = 1_000;
const REST_MS = 15_000;

/** Re-pricings, the newest first; those that move are looked at every second. */
export function RunList() {
  const list = useQuery(
    trpc.repricing.list.queryOptions(undefined, { refetchInterval: (query) => (query.state.data?.some((run) => prepareRunState(run).moves) ? POLL_MS : REST_MS) }),
  );
  // What a run has priced leaves the quarantine above: the two cards must not tell different stories.
  const client = useQueryClient();
  const states = list.data?.map((run) => `${run.id} ${run.state}`).join();
  useEffect(() => {
    if (states !== undefined) void client.invalidateQueries({ queryKey: trpc.repricing.quarantine.queryKey() });
  }, [client, states]);
  return (
    <Card title="Re-pricings" description="What was priced again, by whom, and what it changed. Each is a run of corrections: the old rows stay." flush className="overflow-hidden">
      <div className="border-t border-line">
        {list.isPending ? <TableSkeleton rows={3} columns={3} /> : null}
        {list.isError && !list.data ? <ErrorState error={list.error} title="The re-pricings could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
        {list.data?.length === 0 ? <p className="px-5 py-8 text-center text-sm text-ink-3">None yet. A new price plans one by itself for the calls above; you plan others with Re-price.</p> : null}
        <ol className="divide-y divide-line">
          {list.data?.map((run, n) => (
            <RunItem key={run.id} run={run} first={n === 0} />
          ))}
        </ol>
      </div>
    </Card>
  );
}

function RunItem({ run, first }: { readonly run: Run; readonly first: boolean }) {
  const timeZone = useTimeZone();
  const state = prepareRunState(run);
  const [open, setOpen] = useState(first && (state.mayStart || state.moves));
  const sum = prepareDifference(run);
  return (
    <li data-testid="run">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex w-full items-center gap-3 px-4 py-3 text-left text-sm transition-colors hover:bg-surface-2 focus-visible:outline-offset-[-2px] sm:px-5"
      >
        <ChevronRight className={cx('size-4 shrink-0 text-ink-3 transition-transform', open && 'rotate-90')} aria-hidden />
        <span className="min-w-0 flex-1">
          <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="font-medium text-ink">{run.reason}</span>
            <Badge tone={state.tone} dot>
              {state.text}
            </Badge>
            {run.kind === 'healing' ? <Badge>by itself</Badge> : null}
          </span>
          <span className="mt-0.5 block truncate text-xs text-ink-3">
            {prepareScope(run, (iso) => formatExactTime(iso, timeZone).split(',')[0] ?? iso)}. {run.kind === 'healing' ? 'Outlay' : run.createdBy}, <RelativeTime at={run.createdAt} />
          </span>
          {state.share === null ? null : (
            <span className="mt-1.5 flex items-center gap-2 text-xs text-ink-3 tabular-nums">
              <Meter share={state.share} className="w-40" /> {formatShare(state.share)}
            </span>
          )}
        </span>
        {sum ? (
          <span className="shrink-0 text-right">
            <Difference pico={sum.difference} className="font-medium text-ink" />
            <span className="block text-xs text-ink-3">{formatPlural(sum.rows, 'row')}</span>
          </span>
        ) : null}
      </button>
      {open ? <RunDetail run={run} /> : null}
    </li>
  );
}

function RunDetail({ run }: { readonly run: Run }) {
  const sum = prepareDifference(run);
  const rest = prepareRest(run);
  return (
    <div className="space-y-4 bg-surface-2 px-4 pt-3 pb-4 sm:px-5 sm:pl-12">
      {run.error ? <p className="text-sm text-danger">{run.error}</p> : null}
      {run.state === 'planned' && run.preview === null ? <p className="text-sm text-ink-2">The preview is being computed: {formatPlural(run.seen, 'row')} so far.</p> : null}
      {sum ? (
        <dl className="grid grid-cols-3 gap-4 sm:max-w-md">
          {(
            [
              ['Before', <Before key="before" pico={sum.before} />],
              ['After', <Money key="after" pico={sum.after} />],
              ['Difference', <Difference key="difference" pico={sum.difference} />],
            ] as const
          ).map(([label, figure]) => (
            <div key={label}>
              <dt className="text-xs text-ink-3">{label}</dt>
              <dd className="mt-0.5 text-md font-semibold text-ink">{figure}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {rest.length > 0 ? <p className="text-xs text-ink-3">{rest.join(' · ')}</p> : null}
      {run.preview && run.preview.rows > 0 ? (
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <PreviewTable label="By model" lines={run.preview.byModel.map((line) => ({ ...line, name: line.model || 'No model named' }))} />
          <PreviewTable label="By workflow" lines={run.preview.byWorkflow.map((line) => ({ ...line, name: line.workflow || 'Untagged' }))} />
        </div>
      ) : null}
      <RunActions run={run} />
      <p className="flex flex-wrap items-center gap-x-1.5 text-xs text-ink-3">
        correlation id <CopyText text={run.requestId} label="Copy the correlation id" />
      </p>
    </div>
  );
}

/** Nothing before means that there was no price, not that it was free. */
function Before({ pico }: { readonly pico: string }) {
  return pico === '0' ? <Missing reason="No price before" /> : <Money pico={pico} />;
}

function Difference({ pico, className }: { readonly pico: string; readonly className?: string }) {
  return (
    <span className={cx('tabular-nums', className)}>
      {BigInt(pico) > 0n ? '+' : ''}
      <Money pico={pico} />
    </span>
  );
}

function RunActions({ run }: { readonly run: Run }) {
  const can = useCan();
  const refresh = useRefreshPrices();
  const onError = (error: unknown) => toast.error(readFailure(error).message);
  const start = useMutation(trpc.repricing.start.mutationOptions({ onError, onSettled: refresh }));
  const cancel = useMutation(trpc.repricing.cancel.mutationOptions({ onError, onSettled: refresh }));
  const state = prepareRunState(run);
  if (!can('ledger.correct') || (!state.mayStart && !state.mayCancel)) return null;
  return (
    <div className="flex flex-wrap gap-2">
      {state.mayStart ? (
        <Button look="primary" size="sm" busy={start.isPending} onClick={() => start.mutate({ id: run.id })}>
          Correct {formatPlural(run.preview?.rows ?? 0, 'row')}
        </Button>
      ) : null}
      {state.mayCancel ? (
        <Button size="sm" busy={cancel.isPending} onClick={() => cancel.mutate({ id: run.id })} title={run.state === 'running' ? 'What was corrected stays corrected' : undefined}>
          Cancel
        </Button>
      ) : null}
    </div>
  );
}

interface PreviewLine {
  readonly name: string;
  readonly rows: number;
  readonly beforePico: string;
  readonly afterPico: string;
}

const LINES_SHOWN = 8;

function PreviewTable({ label, lines }: { readonly label: string; readonly lines: readonly PreviewLine[] }) {
  return (
    <div className="overflow-hidden rounded-md border border-line bg-surface">
      <Table aria-label={label} className="[--table-edge:0.75rem]">
        <thead>
          <tr>
            <HeaderCell>{label}</HeaderCell>
            <HeaderCell align="right">Rows</HeaderCell>
            <HeaderCell align="right">Before</HeaderCell>
            <HeaderCell align="right">After</HeaderCell>
          </tr>
        </thead>
        <tbody>
          {lines.slice(0, LINES_SHOWN).map((line) => (
            <Row key={line.name}>
              <Cell className="max-w-40 truncate" title={line.name}>
                {line.name}
              </Cell>
              <Cell align="right">{formatCount(line.rows)}</Cell>
              <Cell align="right">
                <Before pico={line.beforePico} />
              </Cell>
              <Cell align="right" className="text-ink">
                <Money pico={line.afterPico} />
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {lines.length > LINES_SHOWN ? <p className="border-t border-line px-3 py-2 text-xs text-ink-3">and {lines.length - LINES_SHOWN} more</p> : null}
    </div>
  );
}
