import type { LiveState } from '../api/live';
import { cx } from './cx';
import { formatExactTime, formatRelative } from './format-time';
import { useNow, useTimeZone } from './time';
import { Tooltip } from './tooltip';

interface FreshnessProps {
  /** Up to when the figures are complete; null until the first answer. */
  readonly at: string | null;
  readonly live: LiveState;
}

const LABELS: Record<LiveState, string> = { live: 'Live', connecting: 'Connecting', offline: 'Not live' };
const DOTS: Record<LiveState, string> = { live: 'bg-positive', connecting: 'bg-warning', offline: 'bg-danger' };

/** How old what you see is, and whether it keeps itself up to date. */
export function Freshness({ at, live }: FreshnessProps) {
  const timeZone = useTimeZone();
  const now = useNow();
  const age = at ? formatRelative(at, timeZone, Math.max(now, Date.parse(at))) : null;
  return (
    <Tooltip
      side="bottom"
      content={
        <>
          {at ? `Includes every event committed up to ${formatExactTime(at, timeZone)}. ` : null}
          {live === 'live' ? 'New events appear by themselves.' : 'The live connection is down; figures refresh when it is back.'}
        </>
      }
    >
      <span tabIndex={0} data-testid="freshness" className="inline-flex items-center gap-2 rounded-xs text-xs whitespace-nowrap text-ink-3">
        <span className="relative flex size-2" aria-hidden>
          {live === 'live' ? <span className={cx('ping-soft absolute inset-0 rounded-full', DOTS[live])} /> : null}
          <span className={cx('relative size-2 rounded-full', DOTS[live])} />
        </span>
        <span className="font-medium text-ink-2">{LABELS[live]}</span>
        {age ? <span className="hidden sm:inline">updated {age}</span> : null}
      </span>
    </Tooltip>
  );
}
