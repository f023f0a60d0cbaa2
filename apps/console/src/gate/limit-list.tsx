import { Badge, type Tone } from '../ui/badge';
import { cx } from '../ui/cx';
import { RelativeTime } from '../ui/time';
import { amountText, limitShares, type ShownLimit } from './prepare-gate';

const KINDS: Readonly<Record<string, string>> = { cap: 'cap', plan_cap: 'cost cap of the plan', risk: 'risk block', allowance: 'allowance', credits: 'credits', inline: 'cap of the caller' };
const MODE_TONES: Readonly<Record<ShownLimit['mode'], Tone>> = { soft: 'neutral', degrade: 'accent', hard: 'danger' };

interface LimitListProps {
  readonly limits: readonly ShownLimit[];
  /** What stopped the run. */
  readonly by?: string | null;
  readonly empty: string;
}

/** Each limit with what is used, what open runs hold, and what is left. */
export function LimitList({ limits, by = null, empty }: LimitListProps) {
  if (limits.length === 0) return <p className="text-sm text-ink-2">{empty}</p>;
  return (
    <ul className="divide-y divide-line">
      {limits.map((limit) => (
        <li key={limit.id} data-testid="limit" className="py-2.5 text-sm first:pt-0 last:pb-0">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="min-w-0 font-medium break-words text-ink">{limit.name}</span>
            <Badge tone={MODE_TONES[limit.mode]}>{limit.mode}</Badge>
            <span className="text-xs text-ink-3">{KINDS[limit.kind] ?? limit.kind}</span>
            {limit.passed ? <Badge tone={limit.mode === 'hard' ? 'danger' : 'warning'} dot>{limit.id === by && limit.mode === 'hard' ? 'stopped it' : 'passed'}</Badge> : null}
          </div>
          <Bar limit={limit} />
          <p className="mt-1 text-xs text-ink-2 tabular-nums">
            {amountText(limit, limit.used)} used
            {Number(limit.held) > 0 ? `, ${amountText(limit, limit.held)} held by open runs` : ''}
            {Number(limit.asked) > 0 ? `, ${amountText(limit, limit.asked)} asked` : ''} of {amountText(limit, limit.limit)}
            {limit.windowEnd ? (
              <span className="text-ink-3">
                , anew <RelativeTime at={limit.windowEnd} />
              </span>
            ) : null}
          </p>
          {limit.mode === 'hard' ? <p className="mt-0.5 text-xs text-ink-3">May be passed by {Number(limit.overshoot) === 0 ? '0' : `at most ${amountText(limit, limit.overshoot)}`}.</p> : null}
          {limit.ungatedUsd && Number(limit.ungatedUsd) > 0 ? <p className="mt-0.5 text-xs text-ink-3">{amountText({ metric: 'cost', unit: null }, limit.ungatedUsd)} of it came without a begin{limit.mode === 'hard' ? ': it counts, but could not be stopped' : ''}.</p> : null}
        </li>
      ))}
    </ul>
  );
}

function Bar({ limit }: { readonly limit: ShownLimit }) {
  const { used, held } = limitShares(limit);
  const width = (share: number, most: number): string => `${Math.min(Math.max(share, 0), Math.max(most, 0)) * 100}%`;
  return (
    <span aria-hidden className="mt-1.5 flex h-1.5 max-w-md overflow-hidden rounded-full bg-surface-3">
      <span className={cx('h-full', used >= 1 ? 'bg-(--series-4)' : used >= 0.8 ? 'bg-(--series-3)' : 'bg-(--series-1)')} style={{ width: width(used, 1) }} />
      <span className="h-full bg-(--series-1) opacity-40" style={{ width: width(held, 1 - used) }} />
    </span>
  );
}
