import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { GitCompareArrows } from 'lucide-react';
import { trpc } from '../api/trpc';
import { Badge, type Tone } from '../ui/badge';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatPlural } from '../ui/format-number';
import { formatDateTime, formatExactTime } from '../ui/format-time';
import { Select } from '../ui/input';
import { TableSkeleton } from '../ui/skeleton';
import { useTimeZone } from '../ui/time';
import { chooseImports, factorText, importLabel, prepareBrackets, prepareChangeCounts, type PriceDifference, type PriceImport } from './prepare-price-changes';
import { RateChanges } from './price-timeline';

interface PriceChangesProps {
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly onChoose: (next: { readonly since?: string; readonly until?: string }) => void;
  readonly onOpen: (model: { readonly provider: string; readonly model: string }) => void;
}

/** What a newer price list says otherwise than an older one. */
export function PriceChanges({ since, until, onChoose, onOpen }: PriceChangesProps) {
  const imports = useQuery(trpc.prices.imports.queryOptions());
  const chosen = chooseImports(imports.data ?? [], since, until);
  const diff = useQuery(trpc.prices.diff.queryOptions({ from: chosen?.from.knownAt ?? null, to: chosen?.to.knownAt ?? '' }, { enabled: chosen !== null, placeholderData: keepPreviousData }));
  if (imports.isPending || (chosen && diff.isPending)) return <Card flush><TableSkeleton rows={6} columns={3} /></Card>;
  const failed = imports.isError && !imports.data ? imports : diff.isError && !diff.data ? diff : null;
  if (failed) return <Card flush><ErrorState error={failed.error} title="The price lists could not be compared" onRetry={() => void failed.refetch()} retrying={failed.isFetching} /></Card>;
  if (!chosen || !diff.data) return <OneVersion only={imports.data?.[0]} />;
  const list = imports.data ?? [];
  return (
    <Card flush className={cx('overflow-hidden transition-opacity', diff.isPlaceholderData && 'opacity-60')}>
      <div className="grid gap-3 border-b border-line bg-surface-2 px-4 py-3 sm:grid-cols-[1fr_auto_1fr] sm:items-center sm:px-5">
        <ImportSelect label="Older list" imports={list.slice(list.indexOf(chosen.to) + 1)} value={chosen.from.knownAt} onChange={(knownAt) => onChoose({ since: knownAt })} />
        <GitCompareArrows className="hidden size-4 text-ink-3 sm:block" aria-hidden />
        <ImportSelect label="Newer list" imports={list.slice(0, -1)} value={chosen.to.knownAt} onChange={(knownAt) => onChoose({ until: knownAt, since: undefined })} />
      </div>
      <p role="status" className="px-4 pt-3.5 pb-1 text-sm font-medium text-ink sm:px-5">
        {prepareChangeCounts(diff.data)}
      </p>
      <ul className="divide-y divide-line">
        {diff.data.differences.map((each) => (
          <Difference key={[each.provider, each.model, each.tier, each.region, each.effectiveFrom].join('|')} difference={each} onOpen={onOpen} />
        ))}
      </ul>
      {diff.data.differences.length < diff.data.changed + diff.data.added + diff.data.withdrawn ? (
        <p className="border-t border-line px-5 py-3 text-xs text-ink-3">and {formatPlural(diff.data.changed + diff.data.added + diff.data.withdrawn - diff.data.differences.length, 'more')}</p>
      ) : null}
    </Card>
  );
}

function OneVersion({ only }: { readonly only: PriceImport | undefined }) {
  const timeZone = useTimeZone();
  return (
    <Card flush>
      <EmptyState icon={GitCompareArrows} title="Only one version so far">
        {only ? (
          <>
            <span className="font-medium text-ink-2">{importLabel(only)}</span>, with {formatPlural(only.models, 'model')}, known since {formatDateTime(only.knownAt, timeZone)}. Start a newer Outlay, and what its list changes stands here, side by side.
          </>
        ) : (
          'No price list has been read yet.'
        )}
      </EmptyState>
    </Card>
  );
}

interface ImportSelectProps {
  readonly label: string;
  readonly imports: readonly PriceImport[];
  readonly value: string;
  readonly onChange: (knownAt: string) => void;
}

function ImportSelect({ label, imports, value, onChange }: ImportSelectProps) {
  const timeZone = useTimeZone();
  return (
    <Select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      {imports.map((each) => (
        <option key={each.knownAt} value={each.knownAt}>
          {formatDateTime(each.knownAt, timeZone)} · {importLabel(each)}
        </option>
      ))}
    </Select>
  );
}

const KINDS: Record<PriceDifference['kind'], { readonly text: string; readonly tone: Tone }> = {
  changed: { text: 'changed', tone: 'warning' }, added: { text: 'added', tone: 'positive' }, withdrawn: { text: 'withdrawn', tone: 'neutral' },
};

function Difference({ difference, onOpen }: { readonly difference: PriceDifference; readonly onOpen: PriceChangesProps['onOpen'] }) {
  const timeZone = useTimeZone();
  const kind = KINDS[difference.kind];
  const factor = factorText(difference.factor);
  return (
    <li className="px-4 py-3 sm:px-5" data-testid="price-difference">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
        <button type="button" onClick={() => onOpen(difference)} className="rounded-xs text-left font-medium break-all text-ink underline-offset-4 hover:underline">
          {difference.model}
        </button>
        <span className="text-xs text-ink-3">{difference.provider}</span>
        {difference.tier === 'standard' ? null : <Badge>{difference.tier}</Badge>}
        {difference.region ? <Badge>{difference.region}</Badge> : null}
        <Badge tone={kind.tone}>{kind.text}</Badge>
        {factor ? <span className={cx('font-medium tabular-nums', (difference.factor ?? 1) > 1 ? 'text-danger' : 'text-positive')}>{factor}</span> : null}
        <span className="ml-auto text-xs text-ink-3">{difference.effectiveFrom ? `from ${formatExactTime(difference.effectiveFrom, timeZone).split(',')[0]}` : 'ever since'}</span>
      </p>
      {difference.kind === 'withdrawn' ? null : prepareBrackets(difference).map(({ label, changes }) => (
        <div key={label ?? ''} className="mt-1.5">
          {label ? <p className="mb-0.5 text-xs text-ink-3">{label}</p> : null}
          <RateChanges changes={changes} />
        </div>
      ))}
    </li>
  );
}
