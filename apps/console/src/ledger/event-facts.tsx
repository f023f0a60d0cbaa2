import type { ReactNode } from 'react';
import type { LedgerSearch } from '../filters/search';
import { CopyText } from '../ui/copy-button';
import { formatExactTime } from '../ui/format-time';
import { formatDuration } from '../ui/format-number';
import { useTimeZone } from '../ui/time';
import type { Detail } from './event-detail';
import { Section } from './section';

interface EventFactsProps {
  readonly row: Detail['row'];
  readonly priceVersion: Detail['priceVersion'];
  readonly onFilter: (next: Partial<LedgerSearch>) => void;
}

/** Labels, ids, times and versions; what was not sent is left out instead of shown empty. */
export function EventFacts({ row, priceVersion, onFilter }: EventFactsProps) {
  const zone = useTimeZone();
  const filter = (label: string, value: string | null, next: Partial<LedgerSearch>): Fact => [
    label,
    value ? (
      <button type="button" onClick={() => onFilter(next)} title={`Show only this ${label.toLowerCase()}`} className="rounded-xs text-left break-all text-ink underline decoration-line-strong underline-offset-4 hover:decoration-accent">
        {value}
      </button>
    ) : null,
  ];
  const id = (label: string, value: string | null): Fact => [label, value ? <CopyText text={value} label={`Copy the ${label.toLowerCase()}`} className="-ml-1" /> : null];
  const tier = row.serviceTierServed ?? row.serviceTierRequested;
  const facts: Fact[] = [
    id('Correlation id', row.requestId),
    id('Event id', row.id),
    id('Provider request id', row.providerRequestId),
    ['Occurred', formatExactTime(row.occurredAt, zone)],
    ['Recorded', `${formatExactTime(row.recordedAt, zone)}${row.late ? ', late' : ''}`],
    filter('Environment', row.environment, { environment: row.environment }),
    filter('Workflow', row.workflow, { workflow: row.workflow ?? undefined }),
    filter('Customer', row.customerId, { customerId: row.customerId ?? undefined }),
    filter('User', row.userId, { userId: row.userId ?? undefined }),
    filter('Feature', row.feature, { feature: row.feature ?? undefined }),
    ['Provider', row.provider],
    ['Provider account', row.providerAccount],
    ['Model requested', row.modelRequested],
    ['Model served', row.modelServed],
    ['Service tier', tier && row.serviceTierRequested && row.serviceTierRequested !== tier ? `${tier}, asked for ${row.serviceTierRequested}` : tier],
    ['Region', row.region],
    ['Error', row.errorClass],
    ['First token after', row.ttftMs === null ? null : formatDuration(row.ttftMs)],
    ['Source', row.source],
    ['Active price', row.activePriceId],
    filter('Price version', priceVersion ? `${priceVersion.version}, from ${priceVersion.source}` : null, { priceVersionId: priceVersion?.id }),
    filter('Normaliser', row.normaliserVersion ? String(row.normaliserVersion) : null, { normaliserVersion: row.normaliserVersion }),
    filter('Prompt version', row.promptVersion, { promptVersion: row.promptVersion ?? undefined }),
    filter('Policy version', row.policyVersion, { policyVersion: row.policyVersion ?? undefined }),
    filter('App version', row.appVersion, { appVersion: row.appVersion ?? undefined }),
    ...Object.entries(row.tags ?? {}).map(([name, value]): Fact => [`Tag ${name}`, String(value)]),
  ];
  return (
    <Section title="Facts">
      <dl className="grid grid-cols-[8.5rem_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
        {facts
          .filter(([, value]) => value !== null && value !== '')
          .map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="truncate text-ink-3">{label}</dt>
              <dd className="min-w-0 break-words text-ink">{value}</dd>
            </div>
          ))}
      </dl>
    </Section>
  );
}

type Fact = readonly [label: string, value: ReactNode];
