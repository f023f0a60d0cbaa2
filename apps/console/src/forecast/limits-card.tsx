import { Link } from '@tanstack/react-router';
import { amountText, ownerText, type Metric, type Scope } from '../caps/prepare-caps';
import { Badge, type Tone } from '../ui/badge';
import { Card } from '../ui/card';
import { formatShare } from '../ui/format-number';
import { Missing } from '../ui/money';
import { whenText } from './prepare-forecast';

interface CapTime {
  readonly capId: string;
  readonly name: string;
  readonly scope: Scope;
  readonly subject: string | null;
  readonly metric: Metric;
  readonly mode: string;
  readonly limit: string;
  readonly projectedShare: number | null;
  readonly state: 'reached' | 'will' | 'may' | 'clear' | 'unknown';
  readonly reachedAt: string | null;
  readonly earliestAt: string | null;
  readonly latestAt: string | null;
}

interface CreditTime {
  readonly customerId: string;
  readonly available: string;
  readonly burnPerDay: string;
  readonly emptyAt: string | null;
  readonly earliestAt: string | null;
  readonly latestAt: string | null;
}

const STATES: Readonly<Record<CapTime['state'], { readonly word: string; readonly tone: Tone }>> = {
  reached: { word: 'reached', tone: 'danger' }, will: { word: 'will be reached', tone: 'danger' }, may: { word: 'may be reached', tone: 'warning' }, clear: { word: 'clear', tone: 'positive' }, unknown: { word: 'unknown', tone: 'neutral' },
};
/** What it is and how it stands; below, in small, the rest. */
const LINE = 'grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 gap-y-1 py-2.5 text-sm first:pt-0 last:pb-0';
const NOTE = 'col-span-2 text-xs text-ink-3 tabular-nums';
const LINK = 'truncate rounded-xs font-medium text-ink underline-offset-4 hover:underline';

/** When caps will stop somebody, and when prepaid credits run out. */
export function LimitsCards({ caps, credits, nowMs }: { readonly caps: readonly CapTime[]; readonly credits: readonly CreditTime[]; readonly nowMs: number }) {
  return (
    <div className="grid gap-4 *:min-w-0 sm:gap-5 lg:grid-cols-2">
      <Card title="Time to cap" description="Within its own window, if nothing changes">
        {caps.length === 0 ? (
          <p className="text-sm text-ink-3">
            No cap of one subject holds here. <Link to="/caps" className="underline underline-offset-4 hover:text-ink">Set one</Link> to know when it would be reached.
          </p>
        ) : null}
        <ul className="divide-y divide-line" data-testid="time-to-cap">
          {caps.map((cap) => (
            <li key={cap.capId} className={LINE}>
              <Link to="/caps" search={{ search: cap.name }} className={LINK}>{cap.name}</Link>
              <span className="shrink-0"><Badge tone={STATES[cap.state].tone} dot>{STATES[cap.state].word}</Badge></span>
              <span className={NOTE}>
                {ownerText(cap)}, {cap.mode}, {amountText(cap.metric, cap.limit)}
                <span className="block">
                  {cap.state === 'clear' || cap.state === 'unknown' ? (cap.projectedShare === null ? <Missing reason="No history of it" /> : `${formatShare(cap.projectedShare)} when the window ends`) : whenText(cap, nowMs)}
                </span>
              </span>
            </li>
          ))}
        </ul>
      </Card>
      <Card title="Time to empty credits" description="By what each customer burns a day">
        {credits.length === 0 ? <p className="text-sm text-ink-3">No customer burns prepaid credits.</p> : null}
        <ul className="divide-y divide-line" data-testid="time-to-empty">
          {credits.map((each) => (
            <li key={each.customerId} className={LINE}>
              <Link to="/customers/$customerId" params={{ customerId: each.customerId }} className={LINK}>{each.customerId}</Link>
              <span className="shrink-0 text-xs text-ink-3 tabular-nums">{each.available} left</span>
              <span className={NOTE}>
                {each.burnPerDay} a day
                <span className="block">{whenText({ reachedAt: each.emptyAt, earliestAt: each.earliestAt, latestAt: each.latestAt }, nowMs)}</span>
              </span>
            </li>
          ))}
        </ul>
      </Card>
    </div>
  );
}
