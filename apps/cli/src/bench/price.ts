/**
 * `npm run bench -- price`: goals P1 to P4. What exact pricing costs, in one process without a database: a line of JSON priced as
 * `outlay price` does it, and an event made into its ledger row, against reading the same JSON and multiplying floats.
 */
import { parseDecimal, toPico } from '@outlay/kernel';
import { parseEvent, prepareEvent } from '@outlay/ledger/bench';
import { cataloguePriceBook, priceFast, priceJsonLineText, type PriceBook } from '@outlay/pricing';
import { makeEvent } from './bench-events';
import type { BenchReport } from './goals';
import { runRounds, type Side } from './rounds';

export interface PriceOptions {
  /** Events a side and a round. */
  readonly events: number;
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

const TENANT = '01900000-0000-7000-8000-000000000001';
const MODELS = ['gpt-4o-mini', 'gpt-5-mini', 'gpt-4o'] as const;

interface FloatPrices {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

export async function benchPrice(options: PriceOptions): Promise<BenchReport> {
  const book = await cataloguePriceBook();
  const nowMs = Date.now();
  const events = Array.from({ length: options.events }, (_, n) => makeEvent(n, nowMs));
  const lines = events.map(({ provider, api, model_served: model, usage, occurred_at: at }) => JSON.stringify({ provider, api, model, usage, at }));
  const bodies = events.map((event) => JSON.stringify(event));
  const floats = floatPrices(book, nowMs);

  const side = (name: string, texts: readonly string[], work: (text: string) => bigint | number): Side => ({
    name,
    run: () => {
      const cpu = process.cpuUsage();
      const started = performance.now();
      let sum = 0;
      for (const text of texts) sum += Number(work(text));
      const seconds = (performance.now() - started) / 1_000;
      const { user, system } = process.cpuUsage(cpu);
      if (!(sum > 0)) throw new Error(`${name} found no cost.`);
      return Promise.resolve({ 'events/s': texts.length / seconds, 'CPU µs/event': (user + system) / texts.length });
    },
  });
  const exact = (text: string): bigint => {
    const answer = JSON.parse(priceJsonLineText(book, text, 1, nowMs)!) as { cost_usd: string };
    return toPico(parseDecimal(answer.cost_usd)!);
  };
  const byFloat = (text: string): number => multiply(floats, JSON.parse(text) as FloatLine);
  const sides = [
    // The answer is measured as text, as it leaves; its length stands for having used it.
    side('price a line', lines, (text) => priceJsonLineText(book, text, 1, nowMs)!.length),
    side('read and multiply floats', lines, byFloat),
    side('make a ledger row', bodies, (text) => rowOf(book, text, nowMs)),
    side('read an event and multiply floats', bodies, byFloat),
  ];
  const measured = await runRounds(sides, options.rounds, options.progress);
  const cpu = (name: string): number => measured.get(name)!.figures['CPU µs/event']!.median;
  const figures: Record<string, number> = {};
  for (const { name } of sides) for (const [figure, { median }] of Object.entries(measured.get(name)!.figures)) figures[`${name}, ${figure}`] = median;

  let [differing, exactSum, floatSum] = [0, 0n, 0];
  lines.forEach((line, n) => {
    const cost = exact(line);
    if (rowOf(book, bodies[n]!, nowMs) !== cost) differing += 1;
    exactSum += cost;
    floatSum += byFloat(line);
  });
  figures['pico-dollars by which the sum of floats is wrong'] = Number(BigInt(Math.round(floatSum * 1e12)) - exactSum);
  return {
    bench: 'price', figures,
    goals: [
      { id: 'P1', what: 'lines priced a second of CPU, JSON to JSON', value: 1e6 / cpu('price a line'), goal: 50_000, better: 'higher' },
      { id: 'P2', what: 'CPU of pricing a line / of reading it and multiplying floats', value: cpu('price a line') / cpu('read and multiply floats'), goal: 20, better: 'lower' },
      { id: 'P3', what: 'CPU of making a ledger row / of reading the event and multiplying floats', value: cpu('make a ledger row') / cpu('read an event and multiply floats'), goal: 10, better: 'lower' },
      { id: 'P4', what: 'events whose row and priced line differ in cost', value: differing, goal: 0, better: 'lower' },
    ],
  };
}

function rowOf(book: PriceBook, text: string, nowMs: number): bigint {
  const parsed = parseEvent(JSON.parse(text));
  if (!parsed.ok) throw new Error(parsed.error.message);
  const made = prepareEvent(parsed.value, { tenantId: TENANT, apiKeyId: null, environment: 'production', nowMs, lateWindowDays: 7, price: (_tenantId, input) => priceFast(book, input) });
  if (!made.ok || made.value.costPico === null) throw new Error('The bench sends priced events only.');
  return made.value.costPico;
}

interface FloatLine {
  readonly model?: string;
  readonly model_served?: string;
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly prompt_tokens_details: { readonly cached_tokens: number } };
}

function multiply(prices: Readonly<Record<string, FloatPrices>>, { model, model_served: served, usage }: FloatLine): number {
  const { input, cached, output } = prices[(model ?? served)!]!;
  const read = usage.prompt_tokens_details.cached_tokens;
  return (usage.prompt_tokens - read) * input + read * cached + usage.completion_tokens * output;
}

/** Dollars a token of the bench's models, asked of the product itself: the baseline must multiply by the same prices. */
function floatPrices(book: PriceBook, nowMs: number): Record<string, FloatPrices> {
  const million = 1_000_000;
  const cost = (model: string, prompt: number, cached: number, completion: number): number => {
    const usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion, prompt_tokens_details: { cached_tokens: cached } };
    const line = JSON.stringify({ provider: 'openai', api: 'chat', model, usage, at: new Date(nowMs).toISOString() });
    return Number((JSON.parse(priceJsonLineText(book, line, 1, nowMs)!) as { cost_usd: string }).cost_usd) / million;
  };
  return Object.fromEntries(MODELS.map((model) => [model, { input: cost(model, million, 0, 0), cached: cost(model, million, million, 0), output: cost(model, 0, 0, million) }]));
}
