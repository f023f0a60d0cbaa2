import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight, CircleCheckBig } from 'lucide-react';
import { useEffect } from 'react';
import { useLiveActivity } from '../api/live';
import { readFailure } from '../api/read-failure';
import { trpc, type Outputs } from '../api/trpc';
import { Badge } from '../ui/badge';
import { buttonClass } from '../ui/button';
import { formatCount } from '../ui/format-number';
import { Money } from '../ui/money';
import { RelativeTime } from '../ui/time';

/** Besides the live connection, so that a proxy that holds back server-sent events only makes the greeting later. */
const POLL_MS = 3_000;

interface FirstEventProps {
  /** When the key was made: events before it are not the answer to it. */
  readonly since: string;
  readonly onGreeted: () => void;
}

export function FirstEvent({ since, onGreeted }: FirstEventProps) {
  const client = useQueryClient();
  const first = useQuery(trpc.live.firstEvent.queryOptions({ since }, { refetchInterval: (query) => (query.state.data ? false : POLL_MS), staleTime: 0 }));
  const live = useLiveActivity(() => void client.invalidateQueries({ queryKey: trpc.live.firstEvent.pathKey() }));
  const event = first.data;
  const greeted = Boolean(event);
  useEffect(() => {
    if (greeted) onGreeted();
  }, [greeted, onGreeted]);
  if (event) return <Greeting event={event} />;
  return (
    <div role="status" data-testid="first-event-waiting" className="flex items-center gap-4 rounded-lg border border-dashed border-line-strong px-5 py-6">
      <span className="relative flex size-3 shrink-0" aria-hidden>
        <span className="ping-soft absolute inset-0 rounded-full bg-accent" />
        <span className="relative size-3 rounded-full bg-accent" />
      </span>
      <div>
        <p className="text-base font-medium text-ink">Waiting for the first event</p>
        <p className="text-sm text-ink-3">
          {first.isError
            ? `${readFailure(first.error).message} We keep trying.`
            : live === 'live'
              ? 'This page hears it the moment it is committed. Leave it open and run the snippet.'
              : 'Looking every few seconds. Leave this page open and run the snippet.'}
        </p>
      </div>
    </div>
  );
}

function Greeting({ event }: { readonly event: NonNullable<Outputs['live']['firstEvent']> }) {
  return (
    <div role="status" data-testid="first-event" data-event-id={event.id} className="appear overflow-hidden rounded-lg border border-line">
      <div className="flex items-center gap-3 border-b border-line bg-positive-soft px-5 py-3">
        <CircleCheckBig className="size-4.5 text-positive" aria-hidden />
        <p className="text-sm font-medium text-ink">
          It arrived, <RelativeTime at={event.recordedAt} />
        </p>
      </div>
      <div className="grid gap-5 bg-surface p-5 sm:grid-cols-[1fr_auto] sm:items-center">
        <div>
          <p className="text-sm text-ink-3">The call cost</p>
          <p className="text-3xl font-semibold text-ink" data-testid="first-event-cost">
            <Money pico={event.costPico} form="row" missing="Not priced yet" />
          </p>
          <p className="mt-1.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-ink-2">
            <span className="font-medium text-ink">{event.modelServed ?? event.modelRequested ?? 'A call'}</span>
            <span>
              {formatCount(event.inputTokens)} in, {formatCount(event.outputTokens)} out
            </span>
            {event.workflow ? <Badge>{event.workflow}</Badge> : null}
            {event.customerId ? <Badge>{event.customerId}</Badge> : null}
            {event.costPico === null ? <Badge tone="warning">unpriced</Badge> : null}
            {event.status === 'succeeded' ? null : <Badge tone="danger">{event.errorClass ? `${event.status}: ${event.errorClass}` : event.status}</Badge>}
          </p>
        </div>
        <div className="flex flex-wrap gap-2 sm:flex-col">
          <Link to="/ledger" search={{ event: event.id }} className={buttonClass('primary')}>
            See how it adds up <ArrowRight className="size-4" aria-hidden />
          </Link>
          <Link to="/" className={buttonClass('secondary')}>
            Open Overview
          </Link>
        </div>
      </div>
    </div>
  );
}
