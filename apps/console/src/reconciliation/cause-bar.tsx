import { ShareBar } from '../charts/share-bar';
import { Missing } from '../ui/money';
import { causeParts, type CauseTexts } from './prepare-reconciliation';

/** The causes of one difference as a thin bar, the largest in words below. */
export function CauseBar({ causes }: { readonly causes: CauseTexts }) {
  const parts = causeParts(causes);
  const [first] = parts;
  if (!first) return <Missing reason="Nothing differs" />;
  return (
    <span className="block min-w-28">
      <ShareBar label="Causes" parts={parts.map(({ label, share, color }) => ({ name: label, share, color }))} />
      <span className="mt-1 block truncate text-xs text-ink-3">
        {first.label} {first.amount}
        {parts.length > 1 ? ` and ${parts.length - 1} more` : null}
      </span>
    </span>
  );
}
