import { parseDecimal, toPico } from '@outlay/kernel';
import type { Outputs } from '../api/trpc';
import { prepareRelativeChange, type Change } from '../overview/prepare-change';
import { classLabel } from '../prices/prepare-price';
import { formatMoney, readPico } from '../ui/format-money';
import { formatCount, formatPlural, formatShare } from '../ui/format-number';

export type Comparison = Outputs['models']['whatIf'];
type Priced = NonNullable<Comparison['other']>;

interface WhatIfRow {
  readonly key: string;
  readonly label: string;
  /** Tokens, or requests. */
  readonly quantity: number;
  /** Null where the model has no rate for the class: that is no price, not a price of nothing. */
  readonly own: WhatIfAmount | null;
  readonly other: WhatIfAmount | null;
  /** What the other one would cost more; null unless both have a price. */
  readonly differencePico: bigint | null;
}

export interface WhatIfAmount {
  readonly pico: bigint;
  /** Dollars for a million tokens, or for one request: `$2.50 / 1M`. */
  readonly rate: string;
}

export interface WhatIfTable {
  readonly rows: readonly WhatIfRow[];
  readonly ownPico: bigint | null;
  readonly otherPico: bigint | null;
  readonly differencePico: bigint | null;
  readonly change: Change | null;
  /** What the figures take for granted, each as a sentence. */
  readonly assumptions: readonly string[];
}

const REQUEST = 'request';

export function prepareWhatIf(comparison: Comparison, names: { readonly own: string; readonly other: string | null }): WhatIfTable {
  const { own, other, quantities, calls, unpriced } = comparison;
  const classes = Object.entries(quantities).filter(([, quantity]) => quantity !== 0);
  const charged = [own, other].some((each) => each?.lines.some((line) => line.class === REQUEST));
  const rows = [...classes, ...(charged ? [[REQUEST, calls] as const] : [])].map(([name, quantity = 0]): WhatIfRow => {
    const amounts = { own: amountOf(own, name), other: other && amountOf(other, name) };
    const comparable = amounts.own !== null && amounts.other !== null;
    return { key: name, label: name === REQUEST ? 'Requests' : classLabel(name), quantity, ...amounts, differencePico: comparable ? amounts.other!.pico - amounts.own!.pico : null };
  });
  const [ownPico, otherPico] = [readPico(own.costPico), readPico(other?.costPico)];
  // Sums of different classes are no comparison.
  const isWhole = own.missing.length === 0 && other !== null && other.missing.length === 0 && ownPico !== null && otherPico !== null;
  return {
    rows, ownPico, otherPico, differencePico: isWhole ? otherPico - ownPico : null, change: isWhole ? prepareRelativeChange(otherPico, ownPico, 'less') : null,
    assumptions: [
      ...missingSentences(own, names.own), ...(other && names.other ? missingSentences(other, names.other) : []),
      ...bracketSentences(own, names.own), ...(other && names.other ? bracketSentences(other, names.other) : []),
      ...(unpriced > 0 ? [`${formatPlural(unpriced, 'call')} had no price when recorded; their tokens are counted here.`] : []),
      ...(other ? ['Another model may count the same text as more or fewer tokens, and keep another share of it in its cache.'] : []),
      ...recordedSentence(comparison, names.own),
    ],
  };
}

function amountOf(priced: Priced, name: string): WhatIfAmount | null {
  const line = priced.lines.find((each) => each.class === name);
  if (line === undefined) return null;
  const unit = parseDecimal(line.unitPrice)!;
  const isRequest = name === REQUEST;
  const rate = formatMoney(toPico({ num: unit.num * (isRequest ? 1n : 1_000_000n), den: unit.den }), 'unit');
  return { pico: toPico(parseDecimal(line.amountUsd)!), rate: `${rate} ${isRequest ? 'each' : '/ 1M'}` };
}

function missingSentences({ missing }: Priced, name: string): string[] {
  if (missing.length === 0) return [];
  return [`${name} has no price for ${list(missing.map((each) => classLabel(each).toLowerCase()))}: these tokens are in none of its sums, so the totals are not compared.`];
}

function bracketSentences({ bracketsFrom }: Priced, name: string): string[] {
  if (bracketsFrom.length === 0) return [];
  return [`${name} has other prices for calls of ${list(bracketsFrom.map((from) => formatCount(from)))} input tokens and more; all calls are priced here as smaller ones.`];
}

/** Why the ledger says another amount than the sum of today's standard prices. */
function recordedSentence({ recordedPico, own }: Comparison, name: string): string[] {
  const [recorded, computed] = [readPico(recordedPico) ?? 0n, readPico(own.costPico)];
  if (computed === null || recorded === computed) return [];
  const share = computed > 0n ? Number(((recorded - computed) * 10_000n) / computed) / 10_000 : 0;
  return [`The ledger recorded ${formatMoney(recorded)} for these calls${share === 0 ? '' : `, ${formatShare(Math.abs(share))} ${share > 0 ? 'more' : 'less'} than ${name} at standard prices`}: service tiers, larger contexts, tools and prices of the day are in it.`];
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`;
}
