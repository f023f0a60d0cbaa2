import type { Outputs } from '../api/trpc';
import { prepareCountChange, prepareRelativeChange, type Change } from '../overview/prepare-change';
import { formatExactUsd, formatMoney, readPico } from '../ui/format-money';
import { formatCount, formatPlural, formatShare } from '../ui/format-number';

export type Customer = Outputs['customers']['get'];

export interface CustomerFigure {
  readonly id: string;
  readonly label: string;
  /** Null where the figure has no value, which is not zero. */
  readonly value: string | null;
  /** Every digit; null for counts. */
  readonly exact: string | null;
  readonly note: string;
  readonly change: Change | null;
}

/** The six figures of a customer. Without comparison there is no change. */
export function prepareCustomer({ totals, previous, allCostPico, customers }: Pick<Customer, 'totals' | 'previous' | 'allCostPico' | 'customers'>, compares: boolean): CustomerFigure[] {
  const money = (id: string, label: string, text: string | null, before: string | null, note: string, wanted: 'less' | 'neither', form: 'total' | 'unit' = 'total'): CustomerFigure => {
    const [pico, was] = [readPico(text), readPico(before)];
    return { id, label, value: pico === null ? null : formatMoney(pico, form), exact: pico === null ? null : formatExactUsd(pico), note, change: compares ? prepareRelativeChange(pico, was, wanted) : null };
  };
  const [cost, all] = [readPico(totals.costPico) ?? 0n, readPico(allCostPico)];
  const share = all === null || all <= 0n ? null : Number((cost * 1_000_000n) / all) / 1_000_000;
  return [
    money('cost', 'Cost', totals.costPico, previous.costPico, `${share === null || customers === null ? formatPlural(totals.calls, 'call') : `${formatShare(share)} of all cost, ${formatPlural(customers, 'customer')}`}${totals.unpriced > 0 ? `; ${formatPlural(totals.unpriced, 'call')} unpriced` : ''}`, 'neither'),
    money('per-usable', 'Cost per usable outcome', totals.costPerUsablePico, previous.costPerUsablePico, totals.costPerUsablePico === null ? 'No usable outcome in this range' : 'all its cost over usable outcomes', 'less', 'unit'),
    {
      id: 'usable', label: 'Usable outcomes', value: formatCount(totals.usable), exact: null, note: `${formatCount(totals.unusable)} unusable`,
      change: compares ? neutral(prepareCountChange(totals.usable, previous.usable, 'neither')) : null,
    },
    money('unusable-spend', 'Unusable spend', totals.costUnusablePico, previous.costUnusablePico, 'runs that ended unusable', 'less'),
    money('failed-spend', 'Failed spend', totals.failedCostPico, previous.failedCostPico, formatPlural(totals.failed, 'failed call'), 'less'),
    money('retry-spend', 'Retry spend', totals.retryCostPico, previous.retryCostPico, formatPlural(totals.retries, 'retry', 'retries'), 'less'),
  ];
}

function neutral(change: Change | null): Change | null {
  return change && { ...change, tone: 'neutral' };
}
