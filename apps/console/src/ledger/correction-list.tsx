import { Badge } from '../ui/badge';
import { cx } from '../ui/cx';
import { Money } from '../ui/money';
import { RelativeTime } from '../ui/time';
import { prepareVerdict, type LedgerRow } from './prepare-row';
import { Section } from './section';

interface CorrectionListProps {
  readonly corrections: readonly LedgerRow[];
  readonly currentId: string;
  readonly onOpen: (id: string) => void;
}

/** The pairs that corrected this event. Nothing is ever edited: each correction takes a row back and states it anew. */
export function CorrectionList({ corrections, currentId, onOpen }: CorrectionListProps) {
  return (
    <Section title="Corrections" note="The highest revision that is not a reversal is what holds">
      <ol className="space-y-0.5">
        {corrections.map((row) => {
          const verdict = prepareVerdict(row);
          return (
            <li key={row.id}>
              <button
                type="button"
                onClick={() => onOpen(row.id)}
                className={cx('flex w-full items-center gap-2.5 rounded-sm px-2 py-1.5 text-left text-sm transition-colors', row.id === currentId ? 'bg-accent-soft' : 'hover:bg-surface-2')}
              >
                <Badge tone={verdict.tone}>{verdict.text}</Badge>
                <span className="text-xs text-ink-3">revision {row.revision}</span>
                <RelativeTime at={row.recordedAt} className="min-w-0 flex-1 truncate text-xs text-ink-3" />
                <Money pico={row.costPico} form="row" missing="Unpriced" className="text-ink" />
              </button>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}
