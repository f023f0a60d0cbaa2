/** The spend page's figures: what was spent, against the span before, and who made the difference. Pure; money is pico-dollars as text. */
import { type Change, prepareRelativeChange } from '../overview/prepare-change';
import { formatMoney, readPico } from '../ui/format-money';
import { REST_NAME } from '../charts/prepare-cost-trend';
import type { Grouping } from './spend-search';

export interface SpendPoint {
  readonly at: string;
  readonly pico: string | null;
  readonly groups: Readonly<Record<string, string>>;
}

export interface SpendGroup {
  readonly name: string;
  readonly pico: string;
}

export interface SpendRow {
  readonly name: string;
  readonly label: string;
  /** False for what has no name of its own, and for the rest. */
  readonly narrows: boolean;
  readonly pico: string;
  readonly beforePico: string | null;
  /** Against the span before. */
  readonly change: Change | null;
  readonly differencePico: string | null;
  /** Of the whole, 0 to 1. */
  readonly share: number;
}

const UNNAMED: Readonly<Record<Grouping, string>> = { workflow: 'No workflow', provider: 'Other cost', model: 'Other cost', customer: 'No customer' };

/** Each group with what it was before; one that is gone stands with nothing spent. `before` null: nothing to compare with. */
export function prepareSpendRows(groups: readonly SpendGroup[], before: readonly SpendGroup[] | null, by: Grouping): SpendRow[] {
  const then = new Map((before ?? []).map(({ name, pico }) => [name, pico]));
  const known = new Set(groups.map(({ name }) => name));
  const gone = (before ?? []).filter(({ name, pico }) => !known.has(name) && readPico(pico) !== 0n && name !== REST_NAME).map(({ name }) => ({ name, pico: '0' }));
  const whole = groups.reduce((sum, { pico }) => sum + (readPico(pico) ?? 0n), 0n);
  return [...groups, ...gone].map(({ name, pico }): SpendRow => {
    const now = readPico(pico) ?? 0n;
    const was = before === null ? null : (readPico(then.get(name)) ?? 0n);
    return {
      name, pico, label: name === '' ? UNNAMED[by] : name, narrows: name !== '' && name !== REST_NAME,
      beforePico: was === null ? null : String(was), change: prepareRelativeChange(now, was, 'neither'), differencePico: was === null ? null : String(now - was),
      share: whole > 0n ? Number((now * 1_000_000n) / whole) / 1_000_000 : 0,
    };
  });
}

export interface Peak {
  readonly at: string;
  readonly pico: string;
}

/** The dearest step; null where nothing was spent. */
export function peakOf(points: readonly SpendPoint[]): Peak | null {
  return points.reduce<Peak | null>((most, { at, pico }) => (pico !== null && (readPico(pico) ?? 0n) > (most === null ? 0n : (readPico(most.pico) ?? 0n)) ? { at, pico } : most), null);
}

/** `+$4.10` */
export function differenceText(pico: string): string {
  const value = readPico(pico) ?? 0n;
  return value > 0n ? `+${formatMoney(value)}` : formatMoney(value);
}
