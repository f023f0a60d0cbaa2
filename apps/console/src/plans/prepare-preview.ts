/** What another version would have charged over the last days: totals, and who pays more or less. Pure; every amount comes from the server. */
import { formatPico } from '@outlay/kernel';
import { readPico } from '../ui/format-money';
import type { Sorting } from '../ui/sort-header';
import { csvText } from './prepare-plans';

export interface PreviewCustomer {
  readonly customerId: string;
  readonly name: string;
  /** Pico of the plan's currency. Null: it cannot be rated. */
  readonly chargeNow: string | null;
  readonly chargeThen: string | null;
  readonly costPico: string;
  readonly marginNow: string | null;
  readonly marginThen: string | null;
}

export type PreviewKey = 'name' | 'now' | 'then' | 'change' | 'cost' | 'margin';

export interface PreviewRow extends PreviewCustomer {
  readonly changePico: string | null;
  readonly direction: 'more' | 'less' | 'same' | null;
  /** Of the largest change of all rows, between -1 and 1: what the bar shows. */
  readonly share: number;
  /** The customer costs more than it would pay. */
  readonly losing: boolean;
}

export function preparePreview(customers: readonly PreviewCustomer[], sorting: Sorting<PreviewKey>): PreviewRow[] {
  const changes = customers.map(changeOf);
  const largest = changes.reduce<bigint>((most, change) => (change !== null && size(change) > most ? size(change) : most), 0n);
  const rows = customers.map((customer, i): PreviewRow => {
    const change = changes[i]!;
    const margin = readPico(customer.marginThen);
    return {
      ...customer, changePico: change === null ? null : String(change), direction: change === null ? null : change > 0n ? 'more' : change < 0n ? 'less' : 'same',
      share: change === null || largest === 0n ? 0 : Number((change * 10_000n) / largest) / 10_000, losing: margin !== null && margin < 0n,
    };
  });
  return rows.sort((a, b) => compare(valueOf(a, sorting.key), valueOf(b, sorting.key), sorting.descending) || a.customerId.localeCompare(b.customerId));
}

/** Null where it cannot be divided: no charge, no margin. Between -infinity and 1. */
export function marginShare(chargePico: string | null, costPico: string | null): number | null {
  const [charge, cost] = [readPico(chargePico), readPico(costPico)];
  return charge === null || cost === null || charge <= 0n ? null : Number(((charge - cost) * 10_000n) / charge) / 10_000;
}

function changeOf({ chargeNow, chargeThen }: PreviewCustomer): bigint | null {
  const [now, then] = [readPico(chargeNow), readPico(chargeThen)];
  return now === null || then === null ? null : then - now;
}

function valueOf(row: PreviewRow, key: PreviewKey): string | bigint | null {
  switch (key) {
    case 'name': return row.name || row.customerId;
    case 'now': return readPico(row.chargeNow);
    case 'then': return readPico(row.chargeThen);
    // What moves most stands first, whichever way it goes.
    case 'change': { const change = readPico(row.changePico); return change === null ? null : size(change); }
    case 'cost': return readPico(row.costPico);
    case 'margin': return readPico(row.marginThen);
  }
}

function compare(a: string | bigint | null, b: string | bigint | null, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const order = typeof a === 'string' && typeof b === 'string' ? a.localeCompare(b) : a < b ? -1 : a > b ? 1 : 0;
  return descending ? -order : order;
}

function size(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** The rows as a file, exact. */
export function previewCsv(rows: readonly PreviewRow[]): string {
  const amount = (pico: string | null): string => {
    const value = readPico(pico);
    return value === null ? '' : formatPico(value);
  };
  return csvText(['customer_id', 'name', 'charge_now', 'charge_then', 'change', 'cost_usd', 'margin_now', 'margin_then'],
    rows.map((row) => [row.customerId, row.name, amount(row.chargeNow), amount(row.chargeThen), amount(row.changePico), amount(row.costPico), amount(row.marginNow), amount(row.marginThen)]));
}
