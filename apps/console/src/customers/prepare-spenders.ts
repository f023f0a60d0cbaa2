import type { Outputs } from '../api/trpc';
import { prepareRelativeChange, type Change } from '../overview/prepare-change';
import { readPico } from '../ui/format-money';

export type SpenderList = Outputs['customers']['list'];
export type Spender = SpenderList['rows'][number];
export type NamedOutlier = SpenderList['outliers'][number];

export interface SpenderRow {
  readonly key: string;
  readonly spender: Spender;
  /** Of everything that was spent in the range; null where nothing was. */
  readonly share: number | null;
  readonly change: Change | null;
  /** Spent now, and nothing in the span before. */
  readonly isNew: boolean;
  readonly isOutlier: boolean;
}

export function spenderKey({ customerId, userId }: { readonly customerId: string; readonly userId: string | null }): string {
  return JSON.stringify([customerId, userId]);
}

/** The rows as the server sorted them, with what the screen adds: their share, their change, and whether they stand out. */
export function prepareSpenders(list: SpenderList, compares: boolean): SpenderRow[] {
  const all = readPico(list.costPico) ?? 0n;
  const outliers = new Set(list.outliers.map(spenderKey));
  return list.rows.map((spender) => {
    const [cost, before] = [readPico(spender.costPico) ?? 0n, readPico(spender.previousCostPico) ?? 0n];
    return {
      key: spenderKey(spender), spender, share: all > 0n ? Number((cost * 1_000_000n) / all) / 1_000_000 : null,
      change: compares ? prepareRelativeChange(cost, before, 'neither') : null, isNew: compares && cost > 0n && before === 0n,
      isOutlier: outliers.has(spenderKey(spender)),
    };
  });
}

export interface Pager {
  readonly page: number;
  readonly pages: number;
  /** `51–100 of 12,345` */
  readonly first: number;
  readonly last: number;
}

/** Null where one page holds them all. */
export function preparePager(matched: number, page: number, pageRows: number): Pager | null {
  const pages = Math.ceil(matched / pageRows);
  if (pages <= 1 && page <= 1) return null;
  return { page, pages, first: Math.min((page - 1) * pageRows + 1, matched), last: Math.min(page * pageRows, matched) };
}
