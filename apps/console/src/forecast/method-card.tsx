import { Card } from '../ui/card';
import { formatCount, formatShare } from '../ui/format-number';
import { Missing } from '../ui/money';

interface MethodCardProps {
  readonly methods: readonly { readonly id: string; readonly words: string }[];
  readonly mape: number | null;
  readonly coverage: number | null;
  readonly measured: {
    readonly seasonalNaiveMape: number | null;
    readonly linearMape: number | null;
    readonly origins: number;
    readonly month: { readonly error: number | null; readonly coverage: number | null; readonly origins: number };
  };
}

/** How it is made, in words, and how far it would have been off: measured on the team's own past, not claimed. */
export function MethodCard({ methods, mape, coverage, measured }: MethodCardProps) {
  const rows: readonly (readonly [label: string, value: number | null, note: string])[] = [
    ['This forecast, each day a week ahead', mape, 'mean absolute error of daily sums'],
    ['The same weekday of last week', measured.seasonalNaiveMape, 'the simplest that knows weekdays'],
    ['A straight line through seven days', measured.linearMape, 'token velocity of each model'],
    ['This forecast, the rest of a month', measured.month.error, 'error of the sum'],
  ];
  return (
    <Card title="How it is made" description={methods.length === 0 ? 'There is no spend to go by yet.' : 'The methods that were best on your own past, mixed'}>
      {methods.length > 0 ? (
        <ol className="list-decimal space-y-1 pl-5 text-sm text-ink-2 marker:text-ink-3" data-testid="forecast-methods">
          {methods.map(({ id, words }) => (
            <li key={id}>{words}</li>
          ))}
        </ol>
      ) : null}
      <dl className="mt-4 divide-y divide-line border-t border-line text-sm">
        {rows.map(([label, value, note]) => (
          <div key={label} className="flex items-baseline justify-between gap-4 py-2">
            <dt className="min-w-0 text-ink-2">
              {label} <span className="block text-xs text-ink-3">{note}</span>
            </dt>
            <dd className="shrink-0 text-ink tabular-nums">{value === null ? <Missing reason="Not enough days to measure" /> : `off by ${formatShare(value)}`}</dd>
          </div>
        ))}
        <div className="flex items-baseline justify-between gap-4 py-2">
          <dt className="text-ink-2">Days that lay within the interval</dt>
          <dd className="text-ink tabular-nums">{coverage === null ? <Missing reason="Not enough days to measure" /> : formatShare(coverage)}</dd>
        </div>
      </dl>
      <p className="mt-2 text-xs text-ink-3">
        {measured.origins === 0 ? 'Two weeks of spend are needed before it can be measured.' : `Tried from ${formatCount(measured.origins)} days of the past, each time knowing only what was known then.`}
      </p>
    </Card>
  );
}
