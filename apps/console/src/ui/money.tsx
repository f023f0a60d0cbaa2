import { cx } from './cx';
import { formatExactUsd, formatMoney, readPico, type MoneyForm } from './format-money';
import { Tooltip } from './tooltip';

interface MoneyProps {
  /** A decimal string of pico-dollars; null where there is no price. */
  readonly pico: string | null | undefined;
  readonly form?: MoneyForm;
  /** Where the value is missing, the reason: "Unpriced". */
  readonly missing?: string;
  /** A tooltip that the keyboard reaches; tables take the plain title, or each row would be a tab stop more. */
  readonly tooltip?: boolean;
  readonly className?: string;
}

/** An amount for people, exact on hover. A missing value is a dash, never a zero. */
export function Money({ pico, form = 'total', missing = 'No value', tooltip = false, className }: MoneyProps) {
  const value = readPico(pico);
  if (value === null) return <Missing reason={missing} className={className} />;
  const exact = `${formatExactUsd(value)} exactly`;
  const text = formatMoney(value, form);
  if (!tooltip) {
    return (
      <span className={cx('tabular-nums', className)} title={exact}>
        {text}
      </span>
    );
  }
  return (
    <Tooltip content={<span className="tabular-nums">{exact}</span>}>
      <span tabIndex={0} className={cx('rounded-xs tabular-nums', className)}>
        {text}
      </span>
    </Tooltip>
  );
}

export function Missing({ reason = 'No value', className }: { readonly reason?: string; readonly className?: string | undefined }) {
  return (
    <span className={cx('text-ink-3', className)} title={reason}>
      <span aria-hidden>–</span>
      <span className="sr-only">{reason}</span>
    </span>
  );
}
