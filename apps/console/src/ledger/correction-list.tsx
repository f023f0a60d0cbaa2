import { Badge } from '../ui/badge';
import { cx } from '../ui/cx';
import { Money } from '../ui/money';
import { RelativeTime } from '../ui/time';
import { prepareCorrections } from './prepare-corrections';
import { prepareVerdict, type LedgerRow } from './prepare-row';
import { Section } from './section';

interface CorrectionListProps {
  readonly row: LedgerRow;
  /** The other rows of the same event. */
  readonly corrections: readonly LedgerRow[];
  readonly onOpen: (id: string) => void;
}

/** The chain of an event. Nothing is ever edited: each correction takes a row back and states it anew. */
export function CorrectionList({ row: current, corrections, onOpen }: CorrectionListProps) {
  return (
    <Section title="Corrections" note="Each takes the state before back and states it anew; the last one holds">
      <ol className="space-y-0.5">
        {prepareCorrections([current, ...corrections]).map(({ row, changes }) => {
          const verdict = prepareVerdict(row);
          return (
            <li key={row.id}>
              <button
                type="button"
                onClick={() => onOpen(row.id)}
                aria-current={row.id === current.id ? 'true' : undefined}
                className={cx('w-full rounded-sm px-2 py-1.5 text-left text-sm transition-colors', row.id === current.id ? 'bg-accent-soft' : 'hover:bg-surface-2')}
              >
                <span className="flex items-center gap-2.5">
                  <Badge tone={row.valid ? 'positive' : verdict.tone} title={row.valid ? 'This is what holds' : verdict.title}>
                    {row.valid ? 'holds' : verdict.text}
                  </Badge>
                  <span className="min-w-0 flex-1 truncate text-xs text-ink-3">
                    {row.revision === 0 ? 'original' : `revision ${row.revision}`}, <RelativeTime at={row.recordedAt} />
                  </span>
                  <Money pico={row.costPico} form="row" missing="Unpriced" className={row.valid ? 'text-ink' : 'text-ink-3'} />
                </span>
                {changes.map((change) => (
                  <span key={change.label} className="mt-1 block text-xs text-ink-2">
                    {change.label}: <span className="text-ink-3 line-through">{change.before}</span> <span className="text-ink">{change.after}</span>
                  </span>
                ))}
              </button>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}
