import { formatMoney, readPico } from '../ui/format-money';
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
    part('Usable outcomes', usable, 'var(--series-6)', `${totals.usable} ended usable`),
    part('Unusable outcomes', unusable, 'var(--series-4)', `${totals.unusable} ended unusable`),
    part('No outcome yet', rest, 'var(--series-rest)', 'still running, or never stated'),
  ];
}
