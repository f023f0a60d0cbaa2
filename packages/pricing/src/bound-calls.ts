/**
 * The most that calls can cost before they are made. Pure. Which provider will serve a model, and how its tokens split into classes, is not known yet: each token counts at the
 * dearest class that the model has a price for, at the dearest provider that serves it, now or at the end of the run. The service tier is `standard` unless another is named.
 */
import { addRational, compareRational, INPUT_CLASSES, multiplyRational, OUTPUT_CLASSES, type Rational, TOKEN_CLASSES, ZERO } from '@outlay/kernel';
import { type CompiledVersion, compileVersion, findPrice, knowsModel, type PriceBook } from './price-book';

export interface CallBound {
  /** Served names, or `provider/model` for one provider's. */
  readonly models: readonly string[];
  /** Tokens that one call sends and gets at most. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly calls: number;
  /** Absent: standard. */
  readonly tier?: string | null;
  /** Billed tools by kind (`web_search`): how many times at most, over all calls; null: nobody said how often. */
  readonly tools?: Readonly<Record<string, number | null>>;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Dollars, exact; null where no bound is known: a model without a price, or a billed tool that is called nobody knows how often. */
export function boundCalls(book: PriceBook, bound: CallBound): Rational | null {
  let most: Rational | null = null;
  for (const model of bound.models) {
    const cost = boundModel(book, model, bound);
    if (cost === null) return null;
    if (most === null || compareRational(cost, most) > 0) most = cost;
  }
  return most;
}

function boundModel(book: PriceBook, model: string, bound: CallBound): Rational | null {
  const rows = rowsOf(book, model, bound);
  if (rows.length === 0) return null;
  const times = (count: number, rate: Rational): Rational => multiplyRational({ num: BigInt(count), den: 1n }, rate);
  let most = ZERO;
  for (const row of rows) {
    const { input, output, request } = dearestOf(row);
    let cost = times(bound.calls, addRational(addRational(times(bound.inputTokens, input), times(bound.outputTokens, output)), request));
    for (const [kind, count] of Object.entries(bound.tools ?? {})) {
      const rate = row.rates.get(kind);
      if (rate === undefined) continue;
      if (count === null) return null;
      cost = addRational(cost, times(count, rate.usd));
    }
    if (compareRational(cost, most) > 0) most = cost;
  }
  return most;
}

/** Every row that may price a call of the model within the span: each provider, the bracket of the asked context and the one of a short one. */
function rowsOf(book: PriceBook, model: string, { tier, inputTokens, fromMs, untilMs }: CallBound): CompiledVersion[] {
  const rows = new Set<CompiledVersion>();
  for (const { provider, name } of providersOf(book, model)) {
    for (const at of fromMs === untilMs ? [fromMs] : [fromMs, untilMs]) {
      for (const contextTokens of [inputTokens, 0]) {
        const row = findPrice(book, { provider, model: name, tier: tier ?? null, contextTokens, at });
        if (row !== null) rows.add(compileVersion(book, row));
      }
    }
  }
  return [...rows];
}

interface ServedName {
  readonly provider: string;
  readonly name: string;
}

/** Names come from callers: a cache of them must not grow without end. */
const CACHED_NAMES_MAX = 5_000;
const served = new WeakMap<PriceBook, Map<string, readonly ServedName[]>>();

/** The providers that have the model in their list, under the name that each knows it by. */
export function providersOf(book: PriceBook, model: string): readonly ServedName[] {
  let known = served.get(book);
  if (known === undefined) served.set(book, (known = new Map()));
  let names = known.get(model);
  if (names === undefined) {
    if (known.size >= CACHED_NAMES_MAX) known.clear();
    known.set(model, (names = findProviders(book, model)));
  }
  return names;
}

function findProviders(book: PriceBook, model: string): ServedName[] {
  const providers = new Set<string>();
  for (let each: PriceBook | null = book; each !== null; each = each.parent) for (const provider of each.byProvider.keys()) providers.add(provider);
  const slash = model.indexOf('/');
  const [prefix, rest] = [model.slice(0, Math.max(slash, 0)).toLowerCase(), model.slice(slash + 1)];
  // "openai/gpt-4o" is a model of OpenRouter too: whoever knows the name may be meant.
  return [...providers].flatMap((provider) => [
    ...(slash > 0 && prefix === provider && knowsModel(book, provider, rest) ? [{ provider, name: rest }] : []),
    ...(knowsModel(book, provider, model) ? [{ provider, name: model }] : []),
  ]);
}

interface Dearest {
  readonly input: Rational;
  readonly output: Rational;
  readonly request: Rational;
}

const dearest = new WeakMap<CompiledVersion, Dearest>();

function dearestOf(row: CompiledVersion): Dearest {
  let found = dearest.get(row);
  if (found === undefined) {
    const highest = (classes: readonly string[]): Rational => row.tokenRates.reduce<Rational>((most, rate, i) =>
      (rate !== undefined && classes.includes(TOKEN_CLASSES[i]!) && compareRational(rate.usd, most) > 0 ? rate.usd : most), ZERO);
    dearest.set(row, (found = { input: highest(INPUT_CLASSES), output: highest(OUTPUT_CLASSES), request: row.rates.get('request')?.usd ?? ZERO }));
  }
  return found;
}
