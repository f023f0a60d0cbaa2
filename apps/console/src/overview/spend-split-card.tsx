import { ShareBar } from '../charts/share-bar';
import { Card } from '../ui/card';
import { formatShare } from '../ui/format-number';
import { prepareLosses, prepareSpendSplit } from './prepare-spend-split';
import type { Totals } from './prepare-stats';

export function SpendSplitCard({ totals }: { readonly totals: Totals }) {
  const parts = prepareSpendSplit(totals);
  const losses = prepareLosses(totals);
  return (
    <Card title="Where the money went">
      <ShareBar parts={parts} label="Spend by outcome" />
      <ul className="mt-4 space-y-3">
        {parts.map((part) => (
          <li key={part.name} className="flex items-start gap-2.5">
            <span aria-hidden className="mt-1.5 size-2 shrink-0 rounded-xs" style={{ background: part.color }} />
            <div className="min-w-0 flex-1">
              <p className="text-sm text-ink">{part.name}</p>
              <p className="text-xs text-ink-3">{part.note}</p>
            </div>
            <div className="text-right">
              <p className="text-sm font-medium text-ink tabular-nums">{part.cost}</p>
              <p className="text-xs text-ink-3 tabular-nums">{formatShare(part.share)}</p>
            </div>
          </li>
        ))}
      </ul>
      <h3 className="mt-5 border-t border-line pt-4 text-xs font-medium text-ink-3">On the way</h3>
      <ul className="mt-2 space-y-1.5 text-sm">
        {losses.map((loss) => (
          <li key={loss.name} className="flex items-baseline justify-between gap-3">
            <span className="min-w-0 text-ink">
              {loss.name} <span className="text-xs text-ink-3">{loss.note}</span>
            </span>
            <span className="whitespace-nowrap text-ink tabular-nums">{loss.cost}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
