/**
 * Why spend changed: the difference between two spans, split into causes that sum to it exactly. Pure.
 *
 * Spend is a product: first calls x calls per first call (retries) x share of each model (mix) x tokens per call (context length) x what of the input was cached x unit price.
 * Each cause gets its Shapley value: its contribution averaged over every order in which the causes could have changed, so no order is preferred and nothing is left over.
 */

export const CAUSES = ['volume', 'retries', 'model_mix', 'context_length', 'cache_hits', 'unit_price'] as const;
export type Cause = (typeof CAUSES)[number];

/** What one model did in a span; both spans must be of one length, or be scaled to it. */
export interface ModelFacts {
  readonly model: string;
  readonly calls: number;
  /** Of these, neither retries nor fallbacks. */
  readonly firstCalls: number;
  /** By token class, on the input side: uncached, cache reads, cache writes, ... */
  readonly input: Readonly<Record<string, number>>;
  readonly output: Readonly<Record<string, number>>;
  readonly costPico: bigint;
}

/** Pico-dollars a token, from the price book; the same for both spans. A class without a price counts as the dearest of the model. */
export type ListPrices = (model: string) => Readonly<Record<string, number>>;

interface CausePart {
  readonly cause: Cause;
  readonly amountPico: bigint;
  /** Of the change; may be below 0 or above 1 where causes work against each other. 0 without a change. */
  readonly share: number;
}

export interface ExplainedChange {
  readonly beforePico: bigint;
  readonly afterPico: bigint;
  readonly changePico: bigint;
  /** The greatest first, by size. Sums to `changePico`. */
  readonly parts: readonly CausePart[];
}

interface Shape {
  readonly inputPerCall: number;
  readonly outputPerCall: number;
  /** List price of an average input token: moved by the cache alone, as list prices are the same on both sides. */
  readonly inputPrice: number;
  readonly outputPrice: number;
  /** What was paid, against list prices; 1 where nothing is known. */
  readonly paid: number;
  /** Cost a call of a model that has no tokens: searches, images, tools. */
  readonly plainPerCall: number;
}

interface Side {
  readonly first: number;
  readonly perFirst: number;
  readonly shares: ReadonlyMap<string, number>;
  readonly shapes: ReadonlyMap<string, Shape>;
}

export function explainChange(before: readonly ModelFacts[], after: readonly ModelFacts[], prices: ListPrices): ExplainedChange {
  const [beforePico, afterPico] = [before, after].map((side) => side.reduce((sum, { costPico }) => sum + costPico, 0n)) as [bigint, bigint];
  const changePico = afterPico - beforePico;
  const [a, b] = [sideOf(before, prices), sideOf(after, prices)];
  const models = [...new Set([...a.shapes.keys(), ...b.shapes.keys()])];
  // Without any call on one side only the volume can have changed: nothing is known of the rest.
  const value = (changed: ReadonlySet<Cause>): number => valueOf(a, b, models, changed);
  const raw = CAUSES.map((cause) => shapleyOf(cause, value));
  const amounts = roundToSum(raw, changePico);
  const parts = CAUSES.map((cause, i): CausePart => ({ cause, amountPico: amounts[i]!, share: changePico === 0n ? 0 : Number(amounts[i]!) / Number(changePico) }))
    .sort((x, y) => Math.abs(Number(y.amountPico)) - Math.abs(Number(x.amountPico)));
  return { beforePico, afterPico, changePico, parts };
}

function sideOf(facts: readonly ModelFacts[], prices: ListPrices): Side {
  const calls = facts.reduce((sum, each) => sum + each.calls, 0);
  const first = facts.reduce((sum, each) => sum + each.firstCalls, 0);
  const shapes = new Map(facts.filter((each) => each.calls > 0).map((each) => [each.model, shapeOf(each, prices(each.model))]));
  return {
    // Where every call is a retry of something before the span, calls stand for first calls.
    first: first > 0 ? first : calls, perFirst: first > 0 ? calls / first : calls > 0 ? 1 : 0,
    shares: new Map(facts.map((each) => [each.model, calls === 0 ? 0 : each.calls / calls])), shapes,
  };
}

function shapeOf({ calls, input, output, costPico }: ModelFacts, prices: Readonly<Record<string, number>>): Shape {
  const dearest = Math.max(0, ...Object.values(prices));
  const total = (classes: Readonly<Record<string, number>>): number => Object.values(classes).reduce((sum, tokens) => sum + tokens, 0);
  const listed = (classes: Readonly<Record<string, number>>): number => Object.entries(classes).reduce((sum, [name, tokens]) => sum + tokens * (prices[name] ?? dearest), 0);
  const [inputTokens, outputTokens, inputCost, outputCost] = [total(input), total(output), listed(input), listed(output)];
  const list = inputCost + outputCost;
  const cost = Number(costPico);
  return {
    inputPerCall: inputTokens / calls, outputPerCall: outputTokens / calls,
    inputPrice: inputTokens > 0 ? inputCost / inputTokens : 0, outputPrice: outputTokens > 0 ? outputCost / outputTokens : 0,
    paid: list > 0 ? cost / list : 1, plainPerCall: list > 0 ? 0 : cost / calls,
  };
}

/** Cost if the causes of `changed` were as after and all others as before. */
function valueOf(a: Side, b: Side, models: readonly string[], changed: ReadonlySet<Cause>): number {
  const pick = (cause: Cause): Side => (changed.has(cause) ? b : a);
  // A side without calls has no shares and no shapes: those of the other are taken, so that all of it is volume.
  const known = (side: Side): Side => (side.shapes.size > 0 ? side : side === a ? b : a);
  const mix = known(pick('model_mix'));
  const retries = known(pick('retries'));
  let perCall = 0;
  for (const model of models) {
    const share = mix.shares.get(model) ?? 0;
    if (share === 0) continue;
    // A model that one side did not use has its shape from the other: its appearance is a change of mix alone.
    const shape = (cause: Cause): Shape => pick(cause).shapes.get(model) ?? a.shapes.get(model) ?? b.shapes.get(model)!;
    const [length, cache, price] = [shape('context_length'), shape('cache_hits'), shape('unit_price')];
    perCall += share * ((length.inputPerCall * cache.inputPrice + length.outputPerCall * length.outputPrice) * price.paid + price.plainPerCall);
  }
  return pick('volume').first * retries.perFirst * perCall;
}

function shapleyOf(cause: Cause, value: (changed: ReadonlySet<Cause>) => number): number {
  const others = CAUSES.filter((each) => each !== cause);
  let sum = 0;
  for (let mask = 0; mask < 1 << others.length; mask++) {
    const changed = new Set(others.filter((_, i) => mask & (1 << i)));
    // How many orders have exactly these before it.
    const weight = (factorial(changed.size) * factorial(others.length - changed.size)) / factorial(CAUSES.length);
    sum += weight * (value(new Set([...changed, cause])) - value(changed));
  }
  return sum;
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

/** Whole pico-dollars that sum to the total: what floating point and rounding leave goes to the greatest part. */
function roundToSum(raw: readonly number[], total: bigint): bigint[] {
  const rounded = raw.map((amount) => BigInt(Math.round(amount)));
  const rest = total - rounded.reduce((sum, amount) => sum + amount, 0n);
  const greatest = raw.reduce((best, amount, i) => (Math.abs(amount) > Math.abs(raw[best]!) ? i : best), 0);
  rounded[greatest]! += rest;
  return rounded;
}
