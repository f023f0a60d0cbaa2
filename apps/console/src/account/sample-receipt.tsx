import { Badge } from '../ui/badge';

const LINES = [
  { words: '6,412 uncached input tokens at $1.25 per million', amount: '$0.008015' },
  { words: '18,944 cached input tokens at $0.125 per million', amount: '$0.002368' },
  { words: '731 output tokens at $10.00 per million', amount: '$0.007310' },
  { words: '1,088 reasoning tokens at $10.00 per million', amount: '$0.010880' },
];

/** A made-up run, to show what the ledger says about one outcome. Its sum is right. */
export function SampleReceipt() {
  return (
    <figure className="w-full max-w-md">
      <div className="rounded-xl border border-line bg-surface p-6 shadow-3">
        <div className="flex items-start justify-between">
          <div>
            <p className="text-sm text-ink-3">One outcome of</p>
            <p className="mt-0.5 font-mono text-base font-medium text-ink">pdf_question</p>
          </div>
          <Badge tone="positive" dot>
            usable
          </Badge>
        </div>
        <p className="mt-4 text-3xl font-semibold text-ink tabular-nums">$0.0286</p>
        <p className="text-sm text-ink-3">2 calls, 1 retry, 4.2 s</p>
        <ul className="mt-5 space-y-2.5 border-t border-dashed border-line-strong pt-4">
          {LINES.map((line) => (
            <li key={line.words} className="flex items-baseline justify-between gap-6 text-sm">
              <span className="text-ink-2">{line.words}</span>
              <span className="text-ink tabular-nums">{line.amount}</span>
            </li>
          ))}
        </ul>
        <div className="mt-4 flex items-baseline justify-between border-t border-line pt-3 text-sm font-semibold">
          <span>Cost, to the last digit</span>
          <span className="tabular-nums">$0.028573</span>
        </div>
      </div>
      <figcaption className="mt-8 text-center">
        <p className="text-lg font-semibold text-ink">Know what every outcome costs.</p>
        <p className="mx-auto mt-1.5 max-w-sm text-base text-ink-2">Every model call, retry and failure, priced exactly and kept in a ledger that you can replay.</p>
      </figcaption>
    </figure>
  );
}
