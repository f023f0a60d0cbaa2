import { Link } from '@tanstack/react-router';
import { Meter } from '../charts/meter';
import { formatShare } from '../ui/format-number';
import { amountText, type CapStanding, type ListedCap, shareUsed } from './prepare-caps';

interface FullestSubjectsProps {
  readonly cap: ListedCap;
  readonly subjects: CapStanding['fullest'];
}

const LINK = 'min-w-0 truncate text-ink underline-offset-4 hover:underline';

/** Of a cap that counts each one by itself: who is nearest to it. */
export function FullestSubjects({ cap, subjects }: FullestSubjectsProps) {
  return (
    <ul className="max-w-64 space-y-1" aria-label={`Who is nearest to ${cap.name}`} data-testid="fullest">
      {subjects.map(({ subject, used }) => {
        const share = shareUsed({ used, held: null, limit: cap.limit }) ?? 0;
        return (
          <li key={subject} className="text-xs">
            <span className="flex items-baseline justify-between gap-2">
              <Subject scope={cap.scope} subject={subject} />
              <span className="shrink-0 text-ink-3 tabular-nums">
                {amountText(cap.metric, used)}, {formatShare(share)}
              </span>
            </span>
            <Meter share={share} tone={share >= 1 && cap.mode === 'hard' ? 'danger' : share >= 0.8 ? 'warning' : 'accent'} className="mt-0.5 w-full" />
          </li>
        );
      })}
    </ul>
  );
}

/** With a link to where its spend is shown. */
function Subject({ scope, subject }: { readonly scope: ListedCap['scope']; readonly subject: string }) {
  switch (scope) {
    case 'customer':
      return <Link to="/customers/$customerId" params={{ customerId: subject }} className={LINK}>{subject}</Link>;
    case 'workflow':
      return <Link to="/workflows/$workflow" params={{ workflow: subject }} className={LINK}>{subject}</Link>;
    case 'user':
      return <Link to="/customers" search={{ tab: 'users', search: subject }} className={LINK}>{subject}</Link>;
    case 'model':
      return <Link to="/models" className={LINK}>{subject}</Link>;
    case 'environment':
      return <Link to="/ledger" search={{ environment: subject }} className={LINK}>{subject}</Link>;
    default:
      return <span className="min-w-0 truncate text-ink">{subject}</span>;
  }
}
