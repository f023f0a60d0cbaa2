import { Meter } from '../charts/meter';
import type { Outputs } from '../api/trpc';
import { formatPlural, formatShare } from '../ui/format-number';
import { countText, pluralOf, unitsText } from './describe-plan';
import { PlanMoney } from './plan-money';
import { formatMargin } from './plan-preview';
import { marginShare } from './prepare-preview';

type Figures = Outputs['plans']['figures'];

interface VersionFiguresProps {
  readonly figures: Figures['versions'][number];
  readonly days: number;
}

/** What a version brought in over the last days, and how far its allowances are used. */
export function VersionFigures({ figures, days }: VersionFiguresProps) {
  const { currency } = figures;
  if (figures.customers === 0) return <p className="text-sm text-ink-3">Nobody is on it now.</p>;
  const share = currency === 'USD' ? marginShare(figures.chargePico, figures.costPico) : null;
  return (
    <div className="mt-4 border-t border-line pt-4" data-testid={`figures-${figures.number}`}>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 text-sm sm:grid-cols-4">
        <Fact name="Customers now">{formatPlural(figures.customers, 'customer')}</Fact>
        <Fact name={`Charge in ${days} days`}>
          <PlanMoney pico={figures.chargePico} currency={currency} />
        </Fact>
        <Fact name="Cost">
          <PlanMoney pico={figures.costPico} currency="USD" />
        </Fact>
        <Fact name="Margin">
          <PlanMoney pico={figures.marginPico} currency={currency} missing={`It charges ${currency}, and costs are in dollars`} />
          {share === null ? null : <span className={share < 0 ? 'ml-1.5 text-xs text-danger' : 'ml-1.5 text-xs text-ink-3'}>{formatMargin(share)}</span>}
        </Fact>
      </dl>
      {figures.allowances.map((allowance) => (
        <Use key={allowance.allowanceId} allowance={allowance} days={days} />
      ))}
    </div>
  );
}

function Use({ allowance, days }: { readonly allowance: Figures['versions'][number]['allowances'][number]; readonly days: number }) {
  const { unit, usedP50, usedP95, included, shareOver } = allowance;
  return (
    <div className="mt-3 text-sm">
      <p className="text-ink">
        Half of the customers used {unitsText(usedP50, unit)} or fewer in {days} days, one in twenty more than {countText(usedP95)}.
      </p>
      <div className="mt-1 flex items-center gap-3">
        <Meter share={shareOver} tone={shareOver >= 0.2 ? 'warning' : 'accent'} className="w-32 shrink-0" />
        <p className="text-xs text-ink-3">
          {formatShare(shareOver)} of them used up {included === '0' ? 'nothing included' : `the ${countText(included)} included ${pluralOf(unit)}`} in a {allowance.window === 'period' ? 'billing period' : allowance.window}
        </p>
      </div>
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="mt-0.5 font-medium text-ink tabular-nums">{children}</dd>
    </div>
  );
}
