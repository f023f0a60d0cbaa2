import { CircleAlert, Loader2, ShieldCheck, TriangleAlert, type LucideIcon } from 'lucide-react';
import { Meter } from '../charts/meter';
import { cx } from '../ui/cx';
import { formatShare } from '../ui/format-number';
import { RelativeTime } from '../ui/time';
import { prepareFacts, prepareVerdict, type Proof, type Verdict } from './prepare-balance';

const LOOKS: Record<Verdict['tone'], { readonly icon: LucideIcon; readonly box: string }> = {
  positive: { icon: ShieldCheck, box: 'bg-positive-soft text-positive' },
  danger: { icon: CircleAlert, box: 'bg-danger-soft text-danger' },
  warning: { icon: TriangleAlert, box: 'bg-warning-soft text-warning' },
  accent: { icon: Loader2, box: 'bg-accent-soft text-accent' },
};

/** What the proof says as a whole: the first thing a person wants to know. */
export function VerdictCard({ proof, isLatest }: { readonly proof: Proof; readonly isLatest: boolean }) {
  const verdict = prepareVerdict(proof);
  const { icon: Icon, box } = LOOKS[verdict.tone];
  return (
    <section data-testid="verdict" aria-live="polite" className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-lg border border-line bg-surface px-4 py-4 sm:px-5">
      <span className={cx('flex size-11 shrink-0 items-center justify-center rounded-lg', box)}>
        <Icon className={cx('size-5', verdict.tone === 'accent' && 'motion-safe:animate-spin')} strokeWidth={1.75} aria-hidden />
      </span>
      <div className="min-w-0 flex-1">
        <h2 className="text-lg font-semibold text-ink">{verdict.headline}</h2>
        <p className="mt-0.5 text-sm text-ink-3">
          {isLatest ? null : 'An earlier proof: '}
          <RelativeTime at={proof.finishedAt ?? proof.startedAt ?? proof.requestedAt} />
          {prepareFacts(proof).map((fact) => (
            <span key={fact}> · {fact}</span>
          ))}
        </p>
        {proof.failure ? <p className="mt-1 text-sm text-ink-2">{proof.failure}</p> : null}
      </div>
      {verdict.moves ? (
        <p className="flex w-full items-center gap-3 text-xs text-ink-3 tabular-nums sm:w-56">
          <Meter share={verdict.share ?? 0} tone={verdict.tone} className="flex-1" /> {verdict.share === null ? (proof.state === 'waiting' ? 'waiting' : 'sums') : formatShare(verdict.share)}
        </p>
      ) : null}
    </section>
  );
}
