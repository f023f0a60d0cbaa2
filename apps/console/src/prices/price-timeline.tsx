import { useMemo } from 'react';
import { Badge } from '../ui/badge';
import { cx } from '../ui/cx';
import { formatExactTime } from '../ui/format-time';
import { formatShare } from '../ui/format-number';
import { useTimeZone } from '../ui/time';
import { classLabel, prepareTimeline, rateText, sortRates, type PriceRow, type RateChange, type TimelineEntry } from './prepare-price';

export function PriceTimeline({ history }: { readonly history: readonly PriceRow[] }) {
  const entries = useMemo(() => prepareTimeline(history), [history]);
  return (
    <ol className="relative ml-1.5 space-y-5 border-l border-line">
      {entries.map((entry) => (
        <TimelineItem key={entry.key} entry={entry} />
      ))}
    </ol>
  );
}

function TimelineItem({ entry }: { readonly entry: TimelineEntry }) {
  const timeZone = useTimeZone();
  const rates = sortRates(entry.rows[0]?.rates ?? []);
  return (
    <li className="pl-5" data-testid="price-change">
      <span className={cx('absolute -left-[5px] mt-1.5 size-[9px] rounded-full border-2 border-surface', entry.withdrawn ? 'bg-ink-3' : entry.negotiated ? 'bg-accent' : 'bg-line-strong')} aria-hidden />
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
        <span className="font-medium text-ink" title={entry.at ? formatExactTime(entry.at, timeZone) : undefined}>
          {entry.at ? `From ${formatExactTime(entry.at, timeZone).split(',')[0]}` : 'Ever since'}
        </span>
        <Badge>{entry.tier}</Badge>
        {entry.region ? <Badge>{entry.region}</Badge> : null}
        {entry.negotiated ? <Badge tone="accent">negotiated</Badge> : null}
        {entry.withdrawn ? <Badge tone="warning">ended</Badge> : null}
        {entry.rows.length > 1 ? <span className="text-xs text-ink-3">{entry.rows.length} brackets</span> : null}
      </p>
      {entry.changes.length > 0 ? (
        <RateChanges changes={entry.changes} className="mt-1.5" />
      ) : (
        <p className="mt-1 text-xs text-ink-2 tabular-nums">{rates.slice(0, 4).map((rate) => `${classLabel(rate.class)} ${rateText(rate)}`).join(', ')}</p>
      )}
      <p className="mt-1 truncate text-xs text-ink-3">{entry.source}</p>
    </li>
  );
}

/** Old and new under each other's eyes; a rise is what people look for. */
export function RateChanges({ changes, className }: { readonly changes: readonly RateChange[]; readonly className?: string }) {
  return (
    <ul className={cx('space-y-0.5 text-xs', className)}>
      {changes.map((change) => (
        <li key={change.class} className="flex flex-wrap items-baseline gap-x-2 tabular-nums">
          <span className="w-28 text-ink-2">{classLabel(change.class)}</span>
          <span className="text-ink-3 line-through">{change.before === null ? 'none' : withoutUnit(change.before, change.after)}</span>
          <span className="font-medium text-ink">{change.after ?? 'none'}</span>
          {change.share === null ? null : (
            <span className={change.share > 0 ? 'text-danger' : 'text-positive'}>
              {change.share > 0 ? '+' : '−'}
              {formatShare(Math.abs(change.share))}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** `$2.50 / 1M` before `$3.00 / 1M` needs its unit once. */
function withoutUnit(before: string, after: string | null): string {
  const unit = / \/ \S+$/.exec(before)?.[0];
  return unit !== undefined && after?.endsWith(unit) ? before.slice(0, -unit.length) : before;
}
