/** Each cause of a change in a sentence, from what was counted before and after. Pure. */
import { INPUT_CLASSES } from '@outlay/kernel';
import type { Cause, ListPrices, ModelFacts } from './explain-change';

const CACHED: ReadonlySet<string> = new Set(['cache_read', 'cache_read_audio', 'cache_read_image']);
const INPUT: ReadonlySet<string> = new Set(INPUT_CLASSES);

interface Totals {
  readonly calls: number;
  readonly first: number;
  readonly tokens: number;
  readonly input: number;
  readonly cached: number;
  /** Paid, against list prices. */
  readonly paid: number;
  readonly shares: ReadonlyMap<string, number>;
}

export function changeWords(before: readonly ModelFacts[], after: readonly ModelFacts[], prices: ListPrices): Readonly<Record<Cause, string>> {
  const [a, b] = [totalsOf(before, prices), totalsOf(after, prices)];
  const per = (sum: number, by: number): number => (by > 0 ? sum / by : 0);
  return {
    volume: changed(b.first, a.first, `${count(b.first)} first calls`, count(a.first)),
    retries: changed(per(b.calls, b.first), per(a.calls, a.first), `${ratio(per(b.calls, b.first))} calls for each first one`, ratio(per(a.calls, a.first))),
    model_mix: mixWords(a.shares, b.shares),
    context_length: changed(per(b.tokens, b.calls), per(a.tokens, a.calls), `${count(per(b.tokens, b.calls))} tokens a call`, count(per(a.tokens, a.calls))),
    cache_hits: changed(per(b.cached, b.input), per(a.cached, a.input), `${percent(per(b.cached, b.input))} of the input came from the cache`, percent(per(a.cached, a.input))),
    unit_price: a.paid > 0 && b.paid > 0 ? `A token costs ${ratio(b.paid / a.paid)} times what it did.` : 'The price of a token cannot be compared.',
  };
}

function totalsOf(facts: readonly ModelFacts[], prices: ListPrices): Totals {
  let [calls, first, tokens, input, cached, cost, list] = [0, 0, 0, 0, 0, 0, 0];
  for (const each of facts) {
    calls += each.calls;
    first += each.firstCalls;
    const rates = prices(each.model);
    let listed = 0;
    for (const [name, amount] of [...Object.entries(each.input), ...Object.entries(each.output)]) {
      tokens += amount;
      if (INPUT.has(name)) input += amount;
      if (CACHED.has(name)) cached += amount;
      listed += amount * (rates[name] ?? 0);
    }
    if (listed > 0) {
      list += listed;
      cost += Number(each.costPico);
    }
  }
  return { calls, first, tokens, input, cached, paid: list > 0 ? cost / list : 0, shares: new Map(facts.map((each) => [each.model, calls > 0 ? each.calls / calls : 0])) };
}

function mixWords(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): string {
  const gains = [...b].map(([model, share]) => ({ model, share, before: a.get(model) ?? 0 })).sort((x, y) => y.share - y.before - (x.share - x.before));
  const [most] = gains;
  if (a.size === 0 || most === undefined || most.share - most.before < 0.005) return 'The models are those of before.';
  return `${most.model.replace(/^[^/]*\//, '')} took ${percent(most.share)} of the calls instead of ${percent(most.before)}.`;
}

function changed(after: number, before: number, now: string, then: string): string {
  return Math.abs(after - before) <= Math.max(before, after) * 0.005 ? `${now}, as before.` : `${now} instead of ${then}.`;
}

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const SMALL = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const RATIO = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 2 });

function count(value: number): string {
  return (value < 10 ? SMALL : WHOLE).format(value);
}

function ratio(value: number): string {
  return RATIO.format(value);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
