/**
 * One rule prices a usage: the sum of quantity x rate over its lines, exact, rounded once half-even to a pico-dollar. `priceFast`
 * is the same sum in whole pico-dollars where every rate is one, and falls back to the exact one where not.
 */
import { addRational, formatRational, multiplyRational, parseDecimal, PICO_PER_USD, TOKEN_CLASSES, toPico, ZERO, type Rational, type TokenQuantities } from '@outlay/kernel';
import { ceilingRate, ceilingRates, unknownClassRate } from './ceiling';
import { compile, compileVersion, findPrice, knowsModel, knowsProvider, type CompiledRate, type CompiledVersion, type PriceBook } from './price-book';
import type { PriceVersion, RateClass } from './price-version';
import { canonicalProvider } from './provider-name';
import { canonicalTier } from './service-tier';
import type { UnknownKey, UsageExtra } from './usage';
import { sumInput } from './usage-reader';

/** A usage part (or quantities that a caller states himself) with what decides its price. */
export interface PricingInput {
  readonly provider: string;
  /** The served model; null when nothing but extras with a cost of their own is to be priced. */
  readonly model: string | null;
  readonly tier?: string | null;
  readonly region?: string | null;
  /** Unix ms of the call. */
  readonly at: number;
  /** Only prices known then. */
  readonly knownAt?: number;
  readonly quantities: TokenQuantities;
  /** Absent: the sum of the input classes. */
  readonly contextTokens?: number;
  readonly extras?: readonly UsageExtra[];
  readonly unknown?: readonly UnknownKey[];
  readonly problem?: string | null;
  /** False for further parts of a response, which were not requests of their own. */
  readonly isRequest?: boolean;
}

export interface PriceLine {
  readonly class: RateClass;
  /** Decimal string. */
  readonly quantity: string;
  /** Dollars per unit: exact when it ends, else to 30 digits. */
  readonly unitPrice: string;
  /** Dollars: exact when it ends, else to 30 digits. */
  readonly amount: string;
  /** The rate as the price book states it: dollars for `per` units; null when the sender stated the amount. */
  readonly price: string | null;
  readonly per: number;
}

export interface PricedCost {
  /** Null when unpriced. */
  readonly costPico: bigint | null;
  /** What caps count: the cost, or the ceiling while unpriced. */
  readonly ceilingPico: bigint;
  readonly basis: 'priced' | 'unpriced';
  readonly priceVersionId: string | null;
  readonly priceVersion: string | null;
  /** Why it is unpriced, as a sentence. */
  readonly reason: string | null;
}

export type PricedUsage = PricedCost & { readonly lines: readonly PriceLine[] };

/** Prices a usage with its arithmetic line by line. Unpriced: no cost, no lines, a ceiling. */
export function priceUsage(book: PriceBook, input: PricingInput): PricedUsage {
  const found = findCompiled(book, input);
  const lines = typeof found === 'string' ? found : linesOf(found, input);
  if (typeof lines === 'string' || typeof found === 'string') return { ...unpriced(book, input, String(lines)), lines: [] };
  return { ...priced(found, toPico(sumLines(lines))), lines: lines.map(formatLine) };
}

/** The same without lines, for the writer. */
export function priceFast(book: PriceBook, input: PricingInput): PricedCost {
  const found = findCompiled(book, input);
  if (typeof found === 'string') return unpriced(book, input, found);
  const whole = found !== null && (input.extras === undefined || input.extras.length === 0) ? sumWholePico(found, input) : -1;
  if (whole >= 0) return priced(found, BigInt(whole));
  const lines = linesOf(found, input);
  return typeof lines === 'string' ? unpriced(book, input, lines) : priced(found, toPico(sumLines(lines)));
}

/** Law 4: the same usage by a row that priced it before, whatever the book says now. Null when the row cannot price it. */
export function priceByVersion(version: PriceVersion, input: PricingInput): PricedUsage | null {
  const compiled = compile(version);
  const lines = blocked(input) ?? linesOf(compiled, input);
  return typeof lines === 'string' ? null : { ...priced(compiled, toPico(sumLines(lines))), lines: lines.map(formatLine) };
}

function priced(found: CompiledVersion | null, costPico: bigint): PricedCost {
  return { costPico, ceilingPico: costPico, basis: 'priced', priceVersionId: found?.version.id ?? null, priceVersion: found?.version.version ?? null, reason: null };
}

/** The row, null when nothing needs one, or the sentence that says why there is none. */
function findCompiled(book: PriceBook, input: PricingInput): CompiledVersion | null | string {
  const stop = blocked(input);
  if (stop !== null) return stop;
  const { provider, model } = input;
  if (model === null) return needsNoRate(input) ? null : 'No model is named, so no price applies.';
  const version = findPrice(book, {
    provider, model, tier: input.tier ?? null, region: input.region ?? null, at: input.at, knownAt: input.knownAt,
    contextTokens: Math.max(0, input.contextTokens ?? sumInput(input.quantities)),
  });
  if (version !== null) return compileVersion(book, version);
  if (!knowsProvider(book, provider)) return `Provider "${provider}" is not in the price book.`;
  if (!knowsModel(book, provider, model)) return `Model "${model}" of provider "${provider}" is not in the price book.`;
  return `Model "${model}" of provider "${provider}" has no ${canonicalTier(canonicalProvider(provider), input.tier)} price at the time of the call.`;
}

/** What no price can help against. */
function blocked(input: PricingInput): string | null {
  if (input.problem) return input.problem;
  if (input.unknown === undefined || input.unknown.length === 0) return null;
  return `Usage key ${input.unknown.map(({ key }) => key).join(', ')} is not known, so neither is its price.`;
}

function needsNoRate(input: PricingInput): boolean {
  return TOKEN_CLASSES.every((name) => !input.quantities[name]) && (input.extras ?? []).every((extra) => extra.costUsd !== undefined);
}

/** The sum in whole pico-dollars, or -1 where a rate is no whole number, is missing, or the sum would lose digits. */
function sumWholePico({ tokenRates, rates }: CompiledVersion, input: PricingInput): number {
  if (input.isRequest !== false && rates.has('request')) return -1;
  let sum = 0;
  for (let i = 0; i < TOKEN_CLASSES.length; i++) {
    const quantity = input.quantities[TOKEN_CLASSES[i]!];
    if (!quantity) continue;
    const rate = tokenRates[i];
    if (rate === undefined || rate.pico < 0 || quantity < 0) return -1;
    sum += quantity * rate.pico;
  }
  return sum <= Number.MAX_SAFE_INTEGER ? sum : -1;
}

interface ExactLine {
  readonly class: RateClass;
  readonly quantity: Rational;
  readonly amount: Rational;
  /** Null when the sender stated the amount. */
  readonly rate: CompiledRate | null;
}

/** Every billable quantity with its rate, or the sentence that names the first one without. */
function linesOf(found: CompiledVersion | null, input: PricingInput): readonly ExactLine[] | string {
  const lines: ExactLine[] = [];
  for (const [index, name] of TOKEN_CLASSES.entries()) {
    const quantity = input.quantities[name] ?? 0;
    if (quantity === 0) continue;
    if (quantity < 0) return `Quantity ${name} is negative.`;
    const rate = found?.tokenRates[index];
    if (rate === undefined) return `${described(found)} has no price for ${name} tokens.`;
    lines.push(lineOf(name, { num: BigInt(quantity), den: 1n }, rate));
  }
  for (const extra of input.extras ?? []) {
    const quantity = parseDecimal(extra.quantity);
    if (quantity === null || quantity.num < 0n) return `Quantity "${extra.quantity}" of ${extra.kind} is no decimal from 0.`;
    const line = extra.costUsd === undefined ? rateExtra(found, extra, quantity) : stateExtra(extra, quantity, extra.costUsd);
    if (typeof line === 'string') return line;
    lines.push(line);
  }
  const perRequest = input.isRequest === false ? undefined : found?.rates.get('request');
  if (perRequest !== undefined) lines.push(lineOf('request', { num: 1n, den: 1n }, perRequest));
  return lines;
}

function lineOf(name: RateClass, quantity: Rational, rate: CompiledRate): ExactLine {
  return { class: name, quantity, amount: multiplyRational(quantity, rate.usd), rate };
}

function rateExtra(found: CompiledVersion | null, extra: UsageExtra, quantity: Rational): ExactLine | string {
  const rate = found?.rates.get(extra.kind);
  return rate === undefined ? `${described(found)} has no price for ${extra.kind}.` : lineOf(extra.kind, quantity, rate);
}

function stateExtra(extra: UsageExtra, quantity: Rational, costUsd: string): ExactLine | string {
  const amount = parseDecimal(costUsd);
  return amount === null || amount.num < 0n ? `Cost "${costUsd}" of ${extra.kind} is no decimal from 0.` : { class: extra.kind, quantity, amount, rate: null };
}

function described(found: CompiledVersion | null): string {
  return found === null ? 'The price book' : `Price ${found.version.version}`;
}

function sumLines(lines: readonly ExactLine[]): Rational {
  return lines.reduce((sum, line) => addRational(sum, line.amount), ZERO);
}

function formatLine({ class: name, quantity, amount, rate }: ExactLine): PriceLine {
  const unit = rate?.usd ?? (quantity.num === 0n ? ZERO : { num: amount.num * quantity.den, den: amount.den * quantity.num });
  return { class: name, quantity: formatRational(quantity), unitPrice: formatRational(unit), amount: formatRational(amount), price: rate?.price ?? null, per: rate?.per ?? 1 };
}

/** No cost, and a ceiling: each class at the highest current rate of its provider, else of all; what is unknown at its dearest output rate. */
function unpriced(book: PriceBook, input: PricingInput, reason: string): PricedCost {
  const rates = ceilingRates(book, input.provider, input.at);
  let ceiling = ZERO;
  const add = (quantity: Rational, usd: Rational): void => {
    if (quantity.num > 0n) ceiling = addRational(ceiling, multiplyRational(quantity, usd));
  };
  for (const name of TOKEN_CLASSES) add({ num: BigInt(input.quantities[name] ?? 0), den: 1n }, ceilingRate(rates, name));
  for (const { quantity } of input.unknown ?? []) add(parseDecimal(quantity) ?? ZERO, unknownClassRate(rates));
  for (const extra of input.extras ?? []) {
    const stated = extra.costUsd === undefined ? null : parseDecimal(extra.costUsd);
    if (stated === null) add(parseDecimal(extra.quantity) ?? ZERO, ceilingRate(rates, extra.kind));
    else add(stated, { num: 1n, den: 1n });
  }
  const up = ceiling.num * PICO_PER_USD;
  return { costPico: null, ceilingPico: (up + ceiling.den - 1n) / ceiling.den, basis: 'unpriced', priceVersionId: null, priceVersion: null, reason };
}
