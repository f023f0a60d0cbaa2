import { ArrowRight } from 'lucide-react';
import { useMemo } from 'react';
import { describeChanges, type PlanChange } from './describe-changes';
import type { PlanDefinition } from './plan-shape';

interface PlanDiffProps {
  readonly changes: readonly PlanChange[];
  readonly live: PlanDefinition | null;
  readonly draft: PlanDefinition;
}

/** What would change for its customers, a line each. */
export function PlanDiff({ changes, live, draft }: PlanDiffProps) {
  const lines = useMemo(() => describeChanges(changes, live, draft), [changes, live, draft]);
  if (lines.length === 0) return <p className="text-sm text-ink-2">Nothing differs from the live version.</p>;
  return (
    <dl className="divide-y divide-line" data-testid="plan-diff">
      {lines.map(({ key, what, before, after }) => (
        <div key={key} className="py-2 text-sm first:pt-0 last:pb-0">
          <dt className="font-medium text-ink">{what}</dt>
          <dd className="mt-0.5 flex flex-wrap items-baseline gap-x-2 break-words text-ink-2 *:min-w-0">
            {before === null ? <span className="text-ink-3">new</span> : <del className="text-ink-3 decoration-1">{before}</del>}
            <ArrowRight className="size-3 shrink-0 self-center text-ink-3" aria-label="becomes" />
            {after === null ? <span className="text-danger">removed</span> : <ins className="text-ink no-underline">{after}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
