import { formatMoney, readPico } from '../ui/format-money';
import { formatCount, formatPlural } from '../ui/format-number';
import type { SharePart } from '../charts/share-bar';
import { shareOf, type Totals } from './prepare-stats';

export interface SpendPart extends SharePart {
  readonly cost: string;
  readonly note: string;
}

/**
 * Where the money of a range went: into runs that ended usable, runs that ended unusable, and the rest, which has no
 * outcome yet. The costs of runs stand where their outcome is, so a run that began before the range may make the
 * parts larger than the whole: then the rest is nothing and the shares are those of the parts.
 */
export function prepareSpendSplit(totals: Totals): SpendPart[] {
  const cost = readPico(totals.costPico) ?? 0n;
  const usable = readPico(totals.costUsablePico) ?? 0n;
  const unusable = readPico(totals.costUnusablePico) ?? 0n;
  const known = usable + unusable;
  const rest = cost > known ? cost - known : 0n;
  const whole = known + rest;
  const part = (name: string, pico: bigint, color: string, note: string): SpendPart => ({ name, share: shareOf(pico, whole) ?? 0, color, cost: formatMoney(pico), note });
  return [
    part('Usable outcomes', usable, 'var(--series-6)', `${formatCount(totals.usable)} ended usable`),
    part('Unusable outcomes', unusable, 'var(--series-4)', `${formatCount(totals.unusable)} ended unusable`),
    part('No outcome yet', rest, 'var(--series-rest)', 'still running, or never stated'),
  ];
}

export interface Loss {
  readonly name: string;
  readonly cost: string;
  readonly note: string;
}

/** What was lost on the way, whatever the runs ended in; and what is not in the figures yet because no price is known. */
export function prepareLosses(totals: Totals): Loss[] {
  const pico = (text: string) => readPico(text) ?? 0n;
  const ceiling = pico(totals.ceilingPico) - pico(totals.costPico);
  return [
    { name: 'Retries', cost: formatMoney(pico(totals.retryCostPico)), note: formatPlural(totals.retries, 'call') },
    { name: 'Fallbacks', cost: formatMoney(pico(totals.fallbackCostPico)), note: formatPlural(totals.fallbacks, 'call') },
    { name: 'Failed calls', cost: formatMoney(pico(totals.failedCostPico)), note: formatPlural(totals.failed, 'call') },
    ...(totals.unpriced > 0 ? [{ name: 'Not priced yet', cost: `≤ ${formatMoney(ceiling)}`, note: `${formatPlural(totals.unpriced, 'call')}, at the highest rates` }] : []),
  ];
}
