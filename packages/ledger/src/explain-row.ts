/**
 * How a stored row came to its cost, line by line, derived again from what is stored: the raw usage (or the stated quantities) and the
 * price version that priced it. Pure.
 */
import { formatPico, TOKEN_CLASSES } from '@outlay/kernel';
import { createPriceBook, explainLines, NORMALISER_VERSION, priceByVersion, priceUsage, type PricedUsage, type PriceVersion } from '@outlay/pricing';
import { factsOf, partOf } from './build-correction';
import type { EventRow } from './columns';
import { priceEvent, type PriceUsageOf } from './price-event';

interface ExplainedLine {
  readonly class: string;
  /** Decimals as text; negative in a reversal. Prices and amounts in dollars. */
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amount: string;
  readonly words: string;
}

export interface RowExplanation {
  readonly lines: readonly ExplainedLine[];
  /** Why the row is unpriced, as a sentence; null for every other basis. */
  readonly unpricedReason: string | null;
}

const NO_PRICES = createPriceBook([]);

/** `version` is the one that `price_version_id` names. `price` is today's rule: it tells why an unpriced row has no price. */
export function explainRow(row: EventRow, version: PriceVersion | null, price: PriceUsageOf): RowExplanation {
  if (row.subject === 'outcome') return { lines: [], unpricedReason: null };
  if (row.cost_basis === 'unpriced') return { lines: [], unpricedReason: reasonOf(row, price).sentence };
  if (row.cost_basis === 'provider_reported') return { lines: [reportedLine(row)], unpricedReason: null };
  const answers: PricedUsage[] = [];
  const parts = priceEvent(statedFacts(row), Date.parse(row.occurred_at), (_tenantId, input) => {
    const asked = { ...input, isRequest: input.isRequest === true && row.part === 0 };
    const answer = (version === null ? null : priceByVersion(version, asked)) ?? priceUsage(NO_PRICES, asked);
    answers.push(answer);
    return answer;
  }, row.tenant_id);
  const part = partOf(parts, usesRaw(row) ? row : { ...row, raw_usage: null });
  const { lines } = (part && answers[parts.indexOf(part)]) ?? { lines: [] };
  const words = explainLines(lines);
  return {
    lines: lines.map(({ class: name, quantity, unitPrice, amount }, i) => ({
      class: name, quantity: signed(quantity, row.sign), unitPrice, amount: signed(amount, row.sign), words: row.sign === 1 ? words[i]! : `Taken back: ${words[i]!}`,
    })),
    unpricedReason: null,
  };
}

/** Under an older normaliser the same raw usage gave other classes: then the stored ones are what was priced. */
function usesRaw(row: EventRow): boolean {
  return row.raw_usage !== null && row.normaliser_version === NORMALISER_VERSION;
}

/** A reversal carries its row's quantities negated: what is explained is what it takes back. */
function statedFacts(row: EventRow): ReturnType<typeof factsOf> {
  const quantities = Object.fromEntries(TOKEN_CLASSES.map((name) => [name, Math.abs(row[name])]));
  return factsOf({ ...row, ...quantities, ...(usesRaw(row) ? {} : { raw_usage: null }) });
}

/** Why an unpriced row has no price by today's rule, and whether it has one by now. */
export function reasonOf(row: EventRow, price: PriceUsageOf): { readonly sentence: string; readonly priceable: boolean } {
  const unsigned = { ...row, ...Object.fromEntries(TOKEN_CLASSES.map((name) => [name, Math.abs(row[name])])) };
  const part = partOf(priceEvent(factsOf(unsigned), Date.parse(row.occurred_at), price, row.tenant_id), row);
  if (part?.unpricedReason) return { sentence: part.unpricedReason, priceable: false };
  return { sentence: 'There was no price for it when it was recorded. The price book has one by now: post a correction with "reprice": true.', priceable: true };
}

function reportedLine(row: EventRow): ExplainedLine {
  const amount = formatPico(row.cost_pico ?? 0n);
  return { class: 'provider_reported', quantity: String(row.sign), unitPrice: signed(amount, row.sign), amount, words: `No price of ours applied; the provider itself stated $${signed(amount, row.sign)}.` };
}

/** Turns the sign of a decimal text round for a reversal. */
function signed(decimal: string, sign: number): string {
  if (sign === 1 || /^0(\.0*)?$/.test(decimal)) return decimal;
  return decimal.startsWith('-') ? decimal.slice(1) : `-${decimal}`;
}
