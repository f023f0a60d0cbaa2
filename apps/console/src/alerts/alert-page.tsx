import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useCan } from '../api/abilities';
import { useLiveRefresh } from '../api/live';
import { trpc, type Outputs } from '../api/trpc';
import { Badge } from '../ui/badge';
import { Callout } from '../ui/callout';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import { Figure, FigureStrip, FigureStripSkeleton } from '../ui/figure-strip';
import { formatDateTime } from '../ui/format-time';
import { Freshness } from '../ui/freshness';
import { Money } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { Skeleton } from '../ui/skeleton';
import { useNow, useTimeZone } from '../ui/time';
import { KIND_WORDS, scopeText, STATE_TONES, STATE_WORDS, subjectPath } from './alert-shapes';
import { ActionCard } from './action-card';
import { ExplanationCard, TopLists } from './explanation-card';
import { HistoryCard } from './history-card';
import { courseText } from './prepare-alerts';
import { readExplanation } from './prepare-explanation';
import { figuresOf, prepareHistory, sentencesOf } from './prepare-history';
import { SeverityMark } from './severity-mark';

export type Alert = Outputs['alerts']['get'];

const REFRESH_MS = 10_000;
const route = getRouteApi('/app/alerts/$alertId');

/** What happened, why, who stands behind it, what it will cost, and what can be done about it. */
export function AlertPage() {
  const { alertId } = route.useParams();
  const found = useQuery(trpc.alerts.get.queryOptions({ id: alertId }, { refetchInterval: REFRESH_MS }));
  const live = useLiveRefresh(trpc.alerts.pathKey());
  const { data } = found;
  return (
    <>
      <PageHeader
        title={data ? KIND_WORDS[data.kind] : 'Alert'}
        width="wide"
        status={<Freshness at={data ? new Date(found.dataUpdatedAt).toISOString() : null} live={live} />}
        actions={
          <Link to="/alerts" className="inline-flex items-center gap-1.5 rounded-xs text-sm text-ink-2 hover:text-ink">
            <ArrowLeft className="size-3.5" aria-hidden /> All alerts
          </Link>
        }
      />
      <PageBody className="space-y-4 sm:space-y-5">
        {found.isPending ? <Loading /> : null}
        {found.isError && !data ? (
          <Card flush>
            <ErrorState error={found.error} title="The alert could not be read" onRetry={() => void found.refetch()} retrying={found.isFetching} />
          </Card>
        ) : null}
        {data ? <Body alert={data} /> : null}
      </PageBody>
    </>
  );
}

function Body({ alert }: { readonly alert: Alert }) {
  const timeZone = useTimeZone();
  const nowMs = useNow();
  const can = useCan();
  const explanation = readExplanation(alert.explanation);
  const figures = figuresOf(alert.facts);
  const lines = prepareHistory(alert.events, timeZone, nowMs);
  const muted = alert.mutedUntil !== null && Date.parse(alert.mutedUntil) > nowMs && alert.state !== 'resolved' ? alert.mutedUntil : null;
  return (
    <>
      <Card>
        <div className="flex items-start gap-3.5">
          <SeverityMark severity={alert.severity} className="mt-0.5" />
          <div className="min-w-0 flex-1">
            <h2 data-testid="alert-title" className="text-md font-semibold text-ink">{alert.title}</h2>
            {sentencesOf(alert.facts).map((sentence) => (
              <p key={sentence} className="mt-1 text-sm text-ink-2">{sentence}</p>
            ))}
            <p className="mt-2 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-3">
              <Badge tone={STATE_TONES[alert.state]} dot>{STATE_WORDS[alert.state].toLowerCase()}</Badge>
              {muted ? <Badge>muted until {formatDateTime(muted, timeZone)}</Badge> : null}
              <About alert={alert} />
              <span aria-hidden>·</span>
              <span>{courseText(alert, timeZone, nowMs)}</span>
              {alert.acknowledgedBy ? (
                <>
                  <span aria-hidden>·</span>
                  <span>acknowledged by {alert.acknowledgedBy.replace(/ <[^<>]*>$/, '')}</span>
                </>
              ) : null}
            </p>
          </div>
        </div>
      </Card>
      <Figures explanation={explanation} figures={figures} />
      <div className="grid items-start gap-4 *:min-w-0 sm:gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="order-2 space-y-4 sm:space-y-5 xl:order-1">
          {explanation ? (
            <>
              <ExplanationCard explanation={explanation} />
              <TopLists top={explanation.top} />
            </>
          ) : alert.kind === 'spike' ? (
            <Callout>The cause is being worked out: it appears here by itself.</Callout>
          ) : null}
          <HistoryCard lines={lines} canUndo={can('alerts.act')} />
        </div>
        <div className="order-1 xl:order-2">
          <ActionCard alert={alert} lines={lines} />
        </div>
      </div>
    </>
  );
}

function About({ alert: { scope, subject, facts } }: { readonly alert: Pick<Alert, 'scope' | 'subject' | 'facts'> }) {
  const name = typeof facts['name'] === 'string' && facts['name'] !== '' ? facts['name'] : subject;
  const path = subjectPath(scope, subject);
  const text = scopeText(scope, name);
  return path === null ? <span>{text}</span> : <a href={path} className="rounded-xs underline underline-offset-4 hover:text-ink">{text}</a>;
}

function Figures({ explanation, figures }: { readonly explanation: ReturnType<typeof readExplanation>; readonly figures: ReturnType<typeof figuresOf> }) {
  if (explanation === null && figures.length === 0) return null;
  const shown = explanation ? figures.filter(({ label }) => label !== 'Usual' && label !== 'Spent' && label !== 'Above it').slice(0, 1) : figures.slice(0, 4);
  const count = shown.length + (explanation === null ? 0 : explanation.projectedPico ? 3 : 2);
  return (
    <FigureStrip label="Key figures" columns={count >= 4 ? 4 : count === 3 ? 3 : 2}>
      {explanation ? (
        <>
          <Figure label="Usual" value={<Money pico={explanation.fromPico} />} note="For the same time" />
          <Figure label="Now" value={<Money pico={explanation.toPico} />} note="Since it began" />
          {explanation.projectedPico ? <Figure label="If nothing is done" value={<Money pico={explanation.projectedPico} />} note="By the end of today" /> : null}
        </>
      ) : null}
      {shown.map(({ label, value }) => (
        <Figure key={label} label={label} value={value} />
      ))}
    </FigureStrip>
  );
}

function Loading() {
  return (
    <>
      <Card>
        <Skeleton className="h-5 w-2/3" />
        <Skeleton className="mt-3 h-3.5 w-1/3" />
      </Card>
      <FigureStripSkeleton />
      <Card>
        {[0, 1, 2, 3].map((row) => (
          <Skeleton key={row} className="mb-3 h-5 w-full" />
        ))}
      </Card>
    </>
  );
}
