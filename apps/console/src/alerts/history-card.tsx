import { Card } from '../ui/card';
import { RowTime } from '../ui/time';
import type { HistoryLine } from './prepare-history';

/** What happened to it, the latest first. */
export function HistoryCard({ lines }: { readonly lines: readonly HistoryLine[] }) {
  return (
    <Card title="History">
      <ol data-testid="alert-history" className="relative space-y-3 before:absolute before:inset-y-2 before:left-[3px] before:w-px before:bg-line">
        {lines.map((line) => (
          <li key={line.id} className="relative flex flex-wrap items-baseline gap-x-3 gap-y-1 pl-5 text-sm">
            <span aria-hidden className="absolute top-1.5 left-0 size-[7px] rounded-full bg-line-strong ring-4 ring-surface" />
            <span className="min-w-0 flex-1 text-ink">
              {line.words}
              {line.by ? <span className="text-ink-3"> by {line.by}</span> : null}
            </span>
            <RowTime at={line.at} className="text-xs whitespace-nowrap text-ink-3 tabular-nums" />
          </li>
        ))}
      </ol>
    </Card>
  );
}
