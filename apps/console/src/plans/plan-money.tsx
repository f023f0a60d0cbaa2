import { formatPico } from '@outlay/kernel';
import { readPico } from '../ui/format-money';
import { Missing, Money } from '../ui/money';
import { moneyText } from './describe-plan';

interface PlanMoneyProps {
  /** A decimal string of pico of the currency. */
  readonly pico: string | null | undefined;
  readonly currency: string;
  readonly missing?: string;
  readonly signed?: boolean;
  readonly className?: string;
}

const CENT_PICO = 10_000_000_000n;

/** An amount in a plan's own currency, exact on hover. */
export function PlanMoney({ pico, currency, missing = 'No value', signed = false, className }: PlanMoneyProps) {
  const value = readPico(pico);
  if (value === null) return <Missing reason={missing} className={className} />;
  const plus = signed && value > 0n ? '+' : '';
  if (currency === 'USD') {
    return (
      <span className={className}>
        {plus}
        <Money pico={pico} />
      </span>
    );
  }
  const cents = (value + (value < 0n ? -CENT_PICO / 2n : CENT_PICO / 2n)) / CENT_PICO;
  return (
    <span className={className} title={`${moneyText(formatPico(value), currency)} exactly`}>
      {plus}
      <span className="tabular-nums">{moneyText(formatPico(cents * CENT_PICO), currency)}</span>
    </span>
  );
}
