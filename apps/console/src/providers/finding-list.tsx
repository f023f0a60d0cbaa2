import { Check, CircleAlert } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { cx } from '../ui/cx';

export interface Finding {
  readonly ok: boolean;
  readonly what: string;
  readonly message: string;
  readonly nextStep: string | null;
}

/** What the test tried: each with what came of it, and what to do where something is missing. */
export function FindingList({ findings }: { readonly findings: readonly Finding[] }) {
  const list = useRef<HTMLUListElement>(null);
  // It stands below a long form: whoever asked wants to see the answer.
  useEffect(() => {
    // Newer browsers answer with a promise, which is no clean-up.
    void list.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <ul ref={list} aria-label="What the test found" className="divide-y divide-line rounded-md border border-line">
      {findings.map((finding) => (
        <li key={`${finding.what} ${finding.message}`} data-testid="finding" data-ok={finding.ok} className="flex items-start gap-2.5 px-3 py-2.5 text-sm">
          <span className={cx('mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full', finding.ok ? 'bg-positive-soft text-positive' : 'bg-danger-soft text-danger')}>
            {finding.ok ? <Check className="size-3" strokeWidth={3} aria-hidden /> : <CircleAlert className="size-3" aria-hidden />}
            <span className="sr-only">{finding.ok ? 'Works:' : 'Missing:'}</span>
          </span>
          <div className="min-w-0">
            <p className="break-words text-ink">
              <span className="font-medium">{finding.what}.</span> <span className="text-ink-2">{finding.message}</span>
            </p>
            {finding.nextStep && !finding.ok ? <p className="mt-1 break-words text-ink">{finding.nextStep}</p> : null}
          </div>
        </li>
      ))}
    </ul>
  );
}
