import { ShareBar } from '../charts/share-bar';
import { Card } from '../ui/card';
import { formatShare } from '../ui/format-number';
import { prepareSpendSplit } from './prepare-spend-split';
import type { Totals } from './prepare-stats';

export function SpendSplitCard({ totals }: { readonly totals: Totals }) {
  const parts = prepareSpendSplit(totals);
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
    </Card>
  );
}
