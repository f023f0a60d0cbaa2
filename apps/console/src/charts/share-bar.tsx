import { formatShare } from '../ui/format-number';

export interface SharePart {
  readonly name: string;
  /** Between 0 and 1; the parts of a bar sum to at most 1. */
  readonly share: number;
  readonly color: string;
}

/** One bar cut into parts, for "how is it split". Parts below half a percent keep a hairline, so that they are seen. */
export function ShareBar({ parts, label }: { readonly parts: readonly SharePart[]; readonly label: string }) {
  const shown = parts.filter((part) => part.share > 0);
  return (
    <div
      role="img"
      aria-label={`${label}: ${shown.map((part) => `${part.name} ${formatShare(part.share)}`).join(', ')}`}
      className="flex h-2.5 w-full gap-0.5 overflow-hidden rounded-full bg-surface-3"
    >
      {shown.map((part) => (
        <span key={part.name} title={`${part.name} ${formatShare(part.share)}`} className="h-full min-w-0.5" style={{ width: `${part.share * 100}%`, background: part.color }} />
      ))}
    </div>
  );
}
