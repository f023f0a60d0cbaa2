import type { Outputs } from '../api/trpc';
import type { LedgerSearch } from '../filters/search';
import { Badge } from '../ui/badge';
import { Callout } from '../ui/callout';
import { CodeBlock } from '../ui/code-block';
import { formatCount, formatDuration, formatPlural } from '../ui/format-number';
import { Money } from '../ui/money';
import { RelativeTime } from '../ui/time';
import { CostArithmetic } from './cost-arithmetic';
import { CorrectAction } from './correct-action';
import { EventFacts } from './event-facts';
import { COST_BASIS_NOTES, isOtherCost } from './prepare-row';
import { CorrectionList } from './correction-list';
import { RunTimeline } from './run-timeline';
import { Section } from './section';

export type Detail = Outputs['ledger']['get'];

interface EventDetailProps {
  readonly detail: Detail;
  readonly onOpen: (id: string) => void;
  readonly onFilter: (next: Partial<LedgerSearch>) => void;
}

/** Everything the ledger knows about one row, from the figure down to the raw facts it was made of. */
export function EventDetail({ detail, onOpen, onFilter }: EventDetailProps) {
  const { row } = detail;
  const isCall = row.subject === 'call';
  const isModelCall = isCall && !isOtherCost(row);
  return (
    <div data-testid="event-detail" className="divide-y divide-line">
      <div className="flex flex-wrap items-end justify-between gap-4 px-5 py-4">
        <div>
          {isCall ? <CostHeadline detail={detail} /> : <p className="text-2xl font-semibold text-ink capitalize">{row.outcome}</p>}
          <p className="mt-1 text-sm text-ink-3">
            <RelativeTime at={row.occurredAt} />
            {row.workflow ? `, ${row.workflow}` : null}
            {row.customerId ? ` for ${row.customerId}` : null}
          </p>
        </div>
        {isModelCall ? (
          <dl className="flex gap-6 text-right">
            <Figure label="Tokens in" value={formatCount(row.inputTokens)} />
            <Figure label="Tokens out" value={formatCount(row.outputTokens)} />
            {row.latencyMs === null ? null : <Figure label="Latency" value={formatDuration(row.latencyMs)} />}
          </dl>
        ) : row.units ? (
          <dl className="text-right">
            <Figure label="Units" value={row.units} />
          </dl>
        ) : null}
      </div>
      {row.valid ? null : <NotValid detail={detail} onOpen={onOpen} />}
      {detail.unpricedReason ? (
        <div className="px-5 py-4">
          <Callout tone="warning">
            <p className="font-medium">Not priced</p>
            <p className="text-ink-2">{detail.unpricedReason}</p>
          </Callout>
        </div>
      ) : null}
      {isCall ? <CostArithmetic detail={detail} /> : null}
      {detail.run ? <RunTimeline run={detail.run} currentId={row.id} onOpen={onOpen} onFilter={onFilter} /> : null}
      {detail.corrections.length > 0 ? <CorrectionList row={row} corrections={detail.corrections} onOpen={onOpen} /> : null}
      <CorrectAction detail={detail} onOpen={onOpen} />
      <EventFacts row={row} priceVersion={detail.priceVersion} onFilter={onFilter} />
      {isModelCall ? (
        <Section title="Raw usage" note={row.normaliserVersion ? `As the provider sent it, read by normaliser ${row.normaliserVersion}` : 'As the provider sent it'}>
          {detail.rawUsage ? <Json value={detail.rawUsage} /> : <p className="text-sm text-ink-3">The sender gave no usage object of the provider.</p>}
        </Section>
      ) : null}
      <Section title="Snapshot" note="Entitlement, caps and price as the caller stated them at that moment">
        {detail.snapshot ? <Json value={detail.snapshot} /> : <p className="text-sm text-ink-3">This row was sent without a snapshot.</p>}
      </Section>
    </div>
  );
}

function CostHeadline({ detail }: { readonly detail: Detail }) {
  const { row } = detail;
  const basis = row.costBasis ? COST_BASIS_NOTES[row.costBasis] : undefined;
  return (
    <div className="flex items-center gap-3">
      <Money pico={row.costPico} form="row" tooltip missing="Unpriced" className="text-2xl font-semibold text-ink" />
      {row.costBasis ? (
        <Badge tone={basis?.tone ?? 'neutral'} title={basis?.note}>
          {row.costBasis.replace('_', ' ')}
        </Badge>
      ) : null}
      {row.revision > 0 ? <Badge tone="accent">{formatPlural(row.revision, 'correction')}</Badge> : null}
    </div>
  );
}

/** A row that a correction took out, or that takes one out: its figures are history. */
function NotValid({ detail, onOpen }: Pick<EventDetailProps, 'detail' | 'onOpen'>) {
  const holds = detail.corrections.find((each) => each.valid);
  return (
    <div className="px-5 py-4">
      <Callout>
        {detail.row.kind === 'reversal' ? 'This row takes an earlier one back.' : 'A correction took this row out of every sum.'}{' '}
        {holds ? (
          <button type="button" onClick={() => onOpen(holds.id)} className="font-medium text-accent underline-offset-4 hover:underline">
            Open what holds
          </button>
        ) : null}
      </Callout>
    </div>
  );
}

function Figure({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <dt className="text-2xs text-ink-3">{label}</dt>
      <dd className="text-sm font-medium text-ink tabular-nums">{value}</dd>
    </div>
  );
}

function Json({ value }: { readonly value: unknown }) {
  return <CodeBlock code={JSON.stringify(value, null, 2)} language="json" maxHeight="max-h-80" />;
}
