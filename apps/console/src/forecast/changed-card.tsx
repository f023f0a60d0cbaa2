import { Link } from '@tanstack/react-router';
import { Card } from '../ui/card';
import { differenceText } from '../spend/prepare-spend';
import { Money } from '../ui/money';
import { dayText } from './prepare-forecast';

interface Changed {
  readonly sinceDay: string | null;
  readonly sinceYesterdayPico: string | null;
  readonly why: readonly { readonly kind: string; readonly words: string; readonly changePico: string }[];
  readonly movers: readonly { readonly by: string; readonly restPico: string; readonly rows: readonly { readonly name: string; readonly yesterdayPico: string; readonly usualPico: string; readonly changePico: string }[] }[];
}

const TITLES: Readonly<Record<string, string>> = { workflow: 'Workflows', customer: 'Customers', model: 'Models', provider: 'Providers' };

/** Why the month ends elsewhere than was said before, and who made yesterday other than usual. */
export function ChangedCard({ changed }: { readonly changed: Changed }) {
  const movers = changed.movers.filter(({ rows }) => rows.length > 0);
  return (
    <Card
      title="What changed"
      description={changed.sinceDay === null || changed.sinceYesterdayPico === null ? 'An earlier forecast of this month is needed to compare with: come back tomorrow.' : `Against the forecast of ${dayText(changed.sinceDay)}: ${differenceText(changed.sinceYesterdayPico)}`}
    >
      {changed.why.length > 0 ? (
        <ul className="divide-y divide-line" data-testid="forecast-why">
          {changed.why.map(({ kind, words, changePico }) => (
            <li key={kind} className="flex items-baseline justify-between gap-4 py-2 text-sm first:pt-0">
              <span className="text-ink-2">{words}</span>
              <span className="shrink-0 font-medium text-ink tabular-nums">{differenceText(changePico)}</span>
            </li>
          ))}
        </ul>
      ) : changed.sinceDay === null ? null : <p className="text-sm text-ink-3">Nothing: the month ends where it was said to.</p>}
      {movers.length > 0 ? (
        <>
          <h3 className="mt-5 text-sm font-medium text-ink">Yesterday against the usual weekday</h3>
          <div className="mt-3 grid gap-x-6 gap-y-5 sm:grid-cols-2 lg:grid-cols-3">
            {movers.map(({ by, rows, restPico }) => (
              <div key={by} className="min-w-0">
                <p className="text-2xs font-medium text-ink-3">{TITLES[by] ?? by}</p>
                <ul className="mt-1.5 space-y-1.5">
                  {rows.map(({ name, yesterdayPico, usualPico, changePico }) => (
                    <li key={name} className="flex items-baseline justify-between gap-3 text-sm">
                      <span className="min-w-0 truncate"><Mover by={by} name={name} /></span>
                      <span className="shrink-0 text-ink tabular-nums" title={`Yesterday ${differenceText(yesterdayPico).replace('+', '')}, as a rule ${differenceText(usualPico).replace('+', '')}`}>{differenceText(changePico)}</span>
                    </li>
                  ))}
                  {restPico === '0' ? null : <li className="flex justify-between text-xs text-ink-3"><span>All others</span><Money pico={restPico} /></li>}
                </ul>
              </div>
            ))}
          </div>
        </>
      ) : null}
    </Card>
  );
}

const LINK = 'rounded-xs text-ink underline-offset-4 hover:underline';

function Mover({ by, name }: { readonly by: string; readonly name: string }) {
  if (name === '') return <span className="text-ink-3">None</span>;
  if (by === 'workflow') return <Link to="/workflows/$workflow" params={{ workflow: name }} className={LINK}>{name}</Link>;
  if (by === 'customer') return <Link to="/customers/$customerId" params={{ customerId: name }} className={LINK}>{name}</Link>;
  return name;
}
