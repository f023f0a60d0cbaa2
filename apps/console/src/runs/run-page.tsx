import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Download, Route as RouteIcon, ScrollText } from 'lucide-react';
import type { ReactNode } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { exportUrl } from '../filters/export-url';
import { shortId } from '../ledger/prepare-row';
import { Badge } from '../ui/badge';
import { buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { CopyText } from '../ui/copy-button';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatMoney, readPico } from '../ui/format-money';
import { formatCompact, formatCount, formatPlural, formatShare } from '../ui/format-number';
import { Freshness } from '../ui/freshness';
import { Missing, Money } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { Skeleton, TableSkeleton } from '../ui/skeleton';
import { RelativeTime, useNow } from '../ui/time';
import { unitOf } from '../workflows/prepare-workflows';
import { STATE_TONES } from '../workflows/run-list';
import { useLiveRefresh } from '../api/live';
import { describePause } from './prepare-places';
import { prepareRunTotals, runEnd, type RunDetail } from './prepare-run';
import { spanAround, Waterfall } from './waterfall';

const route = getRouteApi('/app/runs/$runId');

export function RunPage() {
  const { runId } = route.useParams();
  const found = useQuery(trpc.runs.get.queryOptions({ run: runId }));
  const live = useLiveRefresh(trpc.runs.pathKey());
  const { data } = found;
  const missing = found.isError && readFailure(found.error).code === 'not_found';
  return (
    <>
      <PageHeader
        title={`Run ${nameOf(data?.runRef ?? data?.runId ?? runId)}`}
        width="wide"
        status={
          <>
            {data ? <EndBadge run={data} /> : null}
            <Freshness at={data?.freshAt ?? null} live={live} />
          </>
        }
        actions={data ? <Actions run={data} /> : null}
      />
      <PageBody className="space-y-4 sm:space-y-5">
        {missing ? <NoSuchRun name={runId} /> : null}
        {found.isError && !data && !missing ? (
          <Card flush>
            <ErrorState title="The run could not be read" error={found.error} onRetry={() => void found.refetch()} retrying={found.isFetching} />
          </Card>
        ) : null}
        {!data && !found.isError ? <Loading /> : null}
        {data ? (
          <>
            <Lead run={data} />
            <Totals run={data} />
            <Waterfall run={data} />
            <Identity run={data} />
          </>
        ) : null}
      </PageBody>
    </>
  );
}

const NAME_LENGTH = 40;

/** A name that its sender chose is read as it is; of an id the end tells two apart. */
function nameOf(name: string): string {
  return isUuid(name) || name.length > NAME_LENGTH ? shortId(name) : name;
}

function isUuid(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}

const END_NOTES = {
  usable: 'The run ended with a usable outcome', unusable: 'The run ended without a usable outcome', open: 'No outcome was stated yet',
  unknown: 'The run\'s time to live passed without an outcome. A late one still counts.',
} as const;

function EndBadge({ run }: { readonly run: RunDetail }) {
  const end = runEnd(run, useNow());
  return (
    <Badge tone={STATE_TONES[end]} dot title={END_NOTES[end]}>
      {end}
    </Badge>
  );
}

function Actions({ run }: { readonly run: RunDetail }) {
  const span = spanAround(run);
  return (
    <>
      <Link to="/ledger" search={{ ...span, search: run.runId }} className={buttonClass('secondary')}>
        <ScrollText className="size-3.5" aria-hidden />
        <span className="sr-only sm:not-sr-only">Ledger rows</span>
      </Link>
      <a href={exportUrl('csv', { search: run.runId }, span)} download className={buttonClass('secondary')} data-testid="export-csv">
        <Download className="size-3.5" aria-hidden />
        <span className="sr-only sm:not-sr-only">CSV</span>
      </a>
    </>
  );
}

/** Whose run it was, and what it cost against what it should. */
function Lead({ run }: { readonly run: RunDetail }) {
  return (
    <p className="text-sm text-ink-2">
      {run.workflow ? (
        <Link to="/workflows/$workflow" params={{ workflow: run.workflow }} search={{}} className="font-medium text-ink underline decoration-line-strong underline-offset-4 hover:decoration-ink">
          {run.workflow}
        </Link>
      ) : (
        <span className="italic">no workflow named</span>
      )}
      {run.customerId ? ` for ${run.customerId}` : ', no customer named'}
      {`, ${run.environment}, `}
      <RelativeTime at={run.firstAt} />
    </p>
  );
}

function Totals({ run }: { readonly run: RunDetail }) {
  const totals = prepareRunTotals(run.events);
  const target = readPico(run.targetCostPico);
  const cost = readPico(run.costPico) ?? 0n;
  const over = target !== null && cost > target;
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-5">
      <Total label="Cost" note={run.unpriced > 0 ? `${formatPlural(run.unpriced, 'call')} without a price` : target === null ? 'all calls together' : `target ${formatMoney(target, 'unit')} per ${unitOf(run.unitName)}`} bad={over || run.unpriced > 0}>
        <Money pico={run.costPico} form="unit" tooltip />
      </Total>
      <Total label="Calls" note={run.retries > 0 ? `${formatPlural(run.retries, 'later attempt')}${totals.failed > 0 ? `, ${totals.failed} failed` : ''}` : totals.failed > 0 ? `${totals.failed} failed` : 'each at the first attempt'} bad={totals.failed > 0}>
        {formatCount(run.calls)}
      </Total>
      <Total label="Tokens in" note={totals.inputTokens > 0 ? `${formatShare(totals.cachedTokens / totals.inputTokens)} from the cache` : 'none'}>
        <span title={formatCount(totals.inputTokens)}>{formatCompact(totals.inputTokens)}</span>
      </Total>
      <Total label="Tokens out" note={run.moreEvents ? 'of the rows shown' : 'reasoning included'}>
        <span title={formatCount(totals.outputTokens)}>{formatCompact(totals.outputTokens)}</span>
      </Total>
      <Total label="Outcome" note={run.outcomeAt ? `stated ${describePause(Math.max(0, Date.parse(run.outcomeAt) - Date.parse(run.firstAt)))} after the begin` : 'none was stated'}>
        {run.outcome === 'usable' ? <span className="text-positive">{unitsOf(run)}</span> : run.outcome === 'unusable' ? <span className="text-danger">unusable</span> : <Missing reason="No outcome yet" />}
      </Total>
    </dl>
  );
}

/** `1 answered question`, `12.5 reports`: a plural only where English makes it by an s. */
function unitsOf({ units, unitName }: RunDetail): string {
  const one = units === null || units === '1';
  if (unitName === 'run') return one ? 'usable' : `${units} units`;
  return one ? `1 ${unitName}` : `${units} ${unitName}s`;
}

function Total({ label, note, bad = false, children }: { readonly label: string; readonly note: string; readonly bad?: boolean; readonly children: ReactNode }) {
  return (
    <div className="bg-surface p-4 last:col-span-2 sm:px-5 md:last:col-span-1">
      <dt className="text-xs font-medium text-ink-2">{label}</dt>
      <dd className="mt-1.5 text-xl font-semibold text-ink tabular-nums">{children}</dd>
      <dd className={bad ? 'mt-1 text-xs text-warning' : 'mt-1 text-xs text-ink-3'}>{note}</dd>
    </div>
  );
}

const IDS_SHOWN = 12;

/** Every id under which somebody may know this run. */
function Identity({ run }: { readonly run: RunDetail }) {
  const requests = [...new Set(run.events.flatMap(({ requestId }) => (requestId ? [requestId] : [])))];
  const theirs = [...new Set(run.events.flatMap(({ providerRequestId }) => (providerRequestId ? [providerRequestId] : [])))];
  return (
    <Card title="Ids">
      <dl className="grid gap-x-6 gap-y-3 text-sm sm:grid-cols-[10rem_minmax(0,1fr)]">
        <Ids label="Run id" ids={[run.runId]} />
        {run.runRef ? <Ids label="Its sender's name" ids={[run.runRef]} /> : null}
        <Ids label="Correlation ids" ids={requests} />
        <Ids label="Provider's request ids" ids={theirs} />
      </dl>
    </Card>
  );
}

function Ids({ label, ids }: { readonly label: string; readonly ids: readonly string[] }) {
  return (
    <>
      <dt className="text-ink-3">{label}</dt>
      <dd className="-ml-1 flex min-w-0 flex-wrap gap-x-3 gap-y-1">
        {ids.slice(0, IDS_SHOWN).map((id) => (
          <CopyText key={id} text={id} label={`Copy ${label.toLowerCase()}`} />
        ))}
        {ids.length > IDS_SHOWN ? <span className="text-xs text-ink-3">{`and ${formatCount(ids.length - IDS_SHOWN)} more, each at its call`}</span> : null}
        {ids.length === 0 ? <Missing reason="None was sent" /> : null}
      </dd>
    </>
  );
}

function NoSuchRun({ name }: { readonly name: string }) {
  return (
    <Card flush>
      <EmptyState
        icon={RouteIcon}
        title="There is no such run"
        actions={
          <>
            <Link to="/ledger" search={{ search: name, range: '90d' }} className={buttonClass('primary')}>
              Look for it in the ledger
            </Link>
            <Link to="/workflows" search={{}} className={buttonClass('secondary')}>
              All workflows
            </Link>
          </>
        }
      >
        No run of this team has <code className="rounded-xs bg-surface-3 px-1 py-0.5 text-xs break-all">{name}</code> as its id or as its sender's name. It may belong to another team, or its first event has not arrived yet: then it appears here by itself.
      </EmptyState>
    </Card>
  );
}

function Loading() {
  return (
    <>
      <Skeleton className="h-5 w-80" />
      <Card>
        <Skeleton className="h-14 w-full" />
      </Card>
      <Card flush>
        <TableSkeleton rows={8} columns={5} />
      </Card>
    </>
  );
}
