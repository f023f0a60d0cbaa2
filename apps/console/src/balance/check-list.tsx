import { Link } from '@tanstack/react-router';
import { ArrowRight, Check, CircleAlert, Loader2, Minus } from 'lucide-react';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { Missing } from '../ui/money';
import { faultLink, faultSearch, prepareChecks, type CheckLine, type Law, type Proof } from './prepare-balance';

/** Each law with what it says, what was read for it, how long that took, and the first that differs. */
export function CheckList({ proof, laws }: { readonly proof: Proof; readonly laws: readonly Law[] }) {
  return (
    <Card title="What was checked" description="Against every event of the team, as it stands in the ledger." flush className="overflow-hidden">
      <ul className="divide-y divide-line border-t border-line">
        {prepareChecks(proof, laws).map((line) => (
          <CheckItem key={line.name} line={line} />
        ))}
      </ul>
    </Card>
  );
}

function CheckItem({ line }: { readonly line: CheckLine }) {
  return (
    <li data-testid="check" data-state={line.state} className="px-4 py-3 sm:px-5">
      <div className="flex items-start gap-3">
        <StateMark line={line} />
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-baseline gap-x-2 text-sm">
            <span className="font-medium text-ink">{line.title}</span>
            <span className="text-xs text-ink-3">law {line.law}</span>
          </p>
          <p className="mt-0.5 text-sm text-ink-2">{line.says}</p>
          {line.note ? <p className="mt-0.5 text-xs text-ink-3">{line.note}</p> : null}
          <p className="mt-1 text-xs text-ink-3 tabular-nums sm:hidden">{[line.checked, line.took].filter(Boolean).join(' · ')}</p>
        </div>
        <dl className="hidden shrink-0 text-right text-sm tabular-nums sm:block">
          <dt className="sr-only">Checked</dt>
          <dd className="text-ink-2">{line.checked ?? <Missing reason={line.badge} />}</dd>
          <dt className="sr-only">Took</dt>
          <dd className="text-xs text-ink-3">{line.took}</dd>
        </dl>
      </div>
      {line.fault ? (
        <div className="mt-2.5 ml-8 rounded-md bg-danger-soft px-3 py-2.5 text-sm text-ink">
          <p className="break-words">{line.fault.message}</p>
          {line.fault.place ? (
            <Link
              to="/ledger"
              search={faultSearch(line.fault.place)}
              className="mt-1.5 inline-flex items-center gap-1 rounded-xs font-medium text-danger underline-offset-4 hover:underline"
            >
              {faultLink(line.fault.place)} <ArrowRight className="size-3.5" aria-hidden />
            </Link>
          ) : null}
        </div>
      ) : null}
    </li>
  );
}

const MARKS = { passed: Check, failed: CircleAlert, skipped: Minus, waiting: Minus, running: Loader2 };
const COLORS = { passed: 'bg-positive-soft text-positive', failed: 'bg-danger-soft text-danger', skipped: 'bg-surface-3 text-ink-3', waiting: 'bg-surface-3 text-ink-3', running: 'bg-accent-soft text-accent' };

function StateMark({ line }: { readonly line: CheckLine }) {
  const Mark = MARKS[line.state];
  return (
    <span className={cx('mt-0.5 flex size-5 shrink-0 items-center justify-center rounded-full', COLORS[line.state])} title={line.badge}>
      <Mark className={cx('size-3.5', line.state === 'running' && 'motion-safe:animate-spin')} strokeWidth={2.5} aria-hidden />
      <span className="sr-only">{line.badge}</span>
    </span>
  );
}
