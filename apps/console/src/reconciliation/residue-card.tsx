import { Card } from '../ui/card';
import { Segmented } from '../ui/tabs';
import { causeParts, MATCHED_COLOR, prepareResidueChart, type CauseTexts, type DayFacts, type ResidueChart, type Segment } from './prepare-reconciliation';

interface ResidueCardProps {
  readonly days: readonly DayFacts[];
  readonly causes: CauseTexts;
  /** What each cause is, as the server says it. */
  readonly words: Readonly<Record<string, string>>;
  readonly bars: 'difference' | 'bill';
  readonly onBars: (bars: 'difference' | 'bill') => void;
}

/** What does not match, day by day and as a whole, by cause. */
export function ResidueCard({ days, causes, words, bars, onBars }: ResidueCardProps) {
  const chart = prepareResidueChart(days, bars);
  const parts = causeParts(causes);
  return (
    <Card
      title="Where bill and ledger differ"
      description="Above the line the bill is higher, below it the ledger is."
      actions={<Segmented label="Bars" options={[{ value: 'difference', label: 'Difference' }, { value: 'bill', label: 'Whole bill' }]} value={bars} onChange={onBars} />}
    >
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1.6fr)_minmax(0,1fr)]">
        {chart.empty ? <p className="flex h-44 items-center justify-center rounded-md bg-surface-2 text-sm text-ink-2">Bill and ledger agree, to the cent.</p> : <ResidueBars chart={chart} />}
        <ul aria-label="Causes" className="space-y-2.5 text-sm">
          {parts.length === 0 ? <li className="text-ink-2">No cause has anything to explain.</li> : null}
          {parts.map((part) => (
            <li key={part.cause} data-testid="cause" className="flex items-start gap-2.5">
              <span aria-hidden className="mt-1.5 size-2 shrink-0 rounded-xs" style={{ background: part.color }} />
              <span className="min-w-0 flex-1">
                <span className="block text-ink">{part.label}</span>
                {words[part.cause] ? <span className="block text-xs text-ink-3">{words[part.cause]}</span> : null}
              </span>
              <span className="shrink-0 text-right text-ink tabular-nums">
                {part.amount}
                <span className="block text-xs text-ink-3">{part.shareWords}</span>
              </span>
            </li>
          ))}
          {bars === 'bill' ? (
            <li className="flex items-center gap-2.5 text-ink-2">
              <span aria-hidden className="size-2 shrink-0 rounded-xs" style={{ background: MATCHED_COLOR }} /> Matched
            </li>
          ) : null}
        </ul>
      </div>
    </Card>
  );
}

function ResidueBars({ chart }: { readonly chart: ResidueChart }) {
  return (
    <figure aria-label={chart.summary} className="min-w-0">
      <div aria-hidden>
        <div className="relative h-48">
          <span className="absolute top-0 left-0 z-10 rounded-xs bg-surface/80 px-0.5 text-2xs text-ink-3 tabular-nums">{chart.top}</span>
          {chart.bottom ? <span className="absolute bottom-0 left-0 z-10 rounded-xs bg-surface/80 px-0.5 text-2xs text-ink-3 tabular-nums">{chart.bottom}</span> : null}
          <span className="absolute inset-x-0 h-px bg-line-strong" style={{ top: `${chart.upShare * 100}%` }} />
          <div className="flex h-full">
            {chart.columns.map((column) => (
              <span key={column.day} title={column.title} className="group flex h-full min-w-0 flex-1 flex-col px-[0.5px] sm:px-px">
                <span className="flex w-full flex-col-reverse overflow-hidden rounded-t-xs" style={{ height: `${chart.upShare * 100}%` }}>
                  <Segments segments={column.up} of={chart.upShare} />
                </span>
                <span className="flex w-full flex-1 flex-col overflow-hidden rounded-b-xs">
                  <Segments segments={column.down} of={1 - chart.upShare} />
                </span>
              </span>
            ))}
          </div>
        </div>
        <div className="relative mt-1 h-4">
          {chart.columns.map((column, index) =>
            column.label === null ? null : (
              <span key={column.day} className="absolute text-2xs whitespace-nowrap text-ink-3 tabular-nums" style={{ left: `${(index / chart.columns.length) * 100}%` }}>
                {column.label}
              </span>
            ),
          )}
        </div>
      </div>
      <ul className="sr-only">
        {chart.columns.map((column) => (
          <li key={column.day}>{column.title}</li>
        ))}
      </ul>
    </figure>
  );
}

function Segments({ segments, of }: { readonly segments: readonly Segment[]; readonly of: number }) {
  return segments.map((segment) => <span key={segment.key} className="block w-full shrink-0 transition-opacity group-hover:opacity-70" style={{ height: `max(1px, ${of === 0 ? 0 : (segment.height / of) * 100}%)`, background: segment.color }} />);
}
