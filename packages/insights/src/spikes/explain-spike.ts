/** Why an alert fired: the span since it began against the same span of the days before, split into causes; who stands behind it; and what the day will cost if nothing is done. */
import { addDays, DAY_MS, dayStartMs, INPUT_CLASSES, localDay, MINUTE_MS, OUTPUT_CLASSES, TOKEN_CLASSES, type TokenClass } from '@outlay/kernel';
import { type DearRun, type ModelSpend, readDearestRuns, readSpendFacts, type SpendFacts, type SpendScope } from '@outlay/ledger';
import { type BilledUsage, readUsageBuckets } from '@outlay/providers';
import type { PricingInput, PricedCost } from '@outlay/pricing';
import type { PoolClient } from 'pg';
import { changeWords } from './change-words';
import type { Spike } from './judge-series';
import { explainChange, type ListPrices, type ModelFacts } from './explain-change';
import type { SpikeScope } from './spike-settings';

interface ExplainedSpender {
  readonly name: string;
  readonly costPico: string;
  /** Against the usual. */
  readonly changePico: string;
}

export interface SpikeExplanation {
  readonly from: string;
  readonly to: string;
  /** What the usual is made of: `days` = the same span of so many days before, `hours` = what came right before, `none` = nothing is known. */
  readonly basis: 'days' | 'hours' | 'none';
  readonly days: number;
  readonly fromPico: string;
  readonly toPico: string;
  readonly changePico: string;
  readonly parts: readonly { readonly cause: string; readonly amountPico: string; readonly share: number; readonly words: string }[];
  readonly top: {
    readonly customers: readonly ExplainedSpender[];
    readonly workflows: readonly ExplainedSpender[];
    readonly models: readonly ExplainedSpender[];
    /** The provider's keys, where the spend was polled. */
    readonly keys: readonly ExplainedSpender[];
    readonly runs: readonly (Omit<DearRun, 'costPico'> & { readonly costPico: string })[];
  };
  readonly spentTodayPico: string;
  /** Of the whole day, if the last quarter of an hour goes on until midnight. */
  readonly projectedPico: string;
}

export interface ExplainInput {
  readonly timeZone: string;
  /** Since when anything is known of the team. */
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly price: (input: PricingInput) => PricedCost;
}

const SPAN_MAX_MS = 6 * 60 * MINUTE_MS;
const SPAN_MIN_MS = 5 * MINUTE_MS;
const RATE_MS = 15 * MINUTE_MS;
const TOP = 5;

type Asked = Pick<Spike, 'scope' | 'subject' | 'startMs'>;
type Span = { readonly fromMs: number; readonly toMs: number };
type Facts = SpendFacts & { readonly keys: ReadonlyMap<string, bigint> };

/** Run in the transaction that opens the alert, so that its first message has it. */
export async function explainSpike(tx: PoolClient, asked: Asked & { readonly polled: boolean }, input: ExplainInput): Promise<SpikeExplanation> {
  const { nowMs, timeZone, sinceMs } = input;
  const span: Span = { fromMs: Math.max(Math.min(asked.startMs, nowMs - SPAN_MIN_MS), nowMs - SPAN_MAX_MS), toMs: nowMs + 1 };
  const read = (of: Span): Promise<Facts> => (asked.polled ? readPolledFacts(tx, of, asked) : readLedgerFacts(tx, of, asked));
  const after = await read(span);
  const usual = await readUsual(span, sinceMs, read);
  const prices = listPrices([...usual.facts.models, ...after.models], span.fromMs, input.price);
  const [before, now] = [usual.facts, after].map(({ models }) => models.map(toModelFacts)) as [ModelFacts[], ModelFacts[]];
  const { beforePico, afterPico, changePico, parts } = explainChange(before, now, prices);
  const words = changeWords(before, now, prices);
  const dayStart = dayStartMs(localDay(nowMs, timeZone), timeZone);
  const dayEnd = dayStartMs(addDays(localDay(nowMs, timeZone), 1), timeZone);
  const [today, lately] = [costOf(await read({ fromMs: dayStart, toMs: nowMs + 1 })), costOf(await read({ fromMs: Math.max(nowMs - RATE_MS, span.fromMs), toMs: nowMs + 1 }))];
  const lateMs = Math.min(RATE_MS, nowMs - span.fromMs);
  return {
    from: new Date(span.fromMs).toISOString(), to: new Date(nowMs).toISOString(), basis: usual.basis, days: usual.days, fromPico: String(beforePico), toPico: String(afterPico), changePico: String(changePico),
    parts: parts.map(({ cause, amountPico, share }) => ({ cause, amountPico: String(amountPico), share, words: words[cause] })),
    top: {
      customers: topOf(after.customers, usual.facts.customers), workflows: topOf(after.workflows, usual.facts.workflows), keys: topOf(after.keys, usual.facts.keys),
      models: topOf(byModel(after.models), byModel(usual.facts.models)),
      runs: asked.polled ? [] : (await readDearestRuns(tx, span, ledgerSpender(asked), TOP)).map((run) => ({ ...run, costPico: String(run.costPico) })),
    },
    spentTodayPico: String(today), projectedPico: String(today + (lately * BigInt(Math.max(dayEnd - nowMs, 0))) / BigInt(Math.max(lateMs, 1))),
  };
}

async function readLedgerFacts(tx: PoolClient, span: Span, asked: Asked): Promise<Facts> {
  return { ...(await readSpendFacts(tx, span, ledgerSpender(asked))), keys: new Map() };
}

function ledgerSpender({ scope, subject }: Asked): { scope: SpendScope; subject: string } {
  // A connection is nobody in the ledger.
  return scope === 'provider' ? { scope: 'tenant', subject: '' } : { scope, subject };
}

async function readPolledFacts(tx: PoolClient, span: Span, asked: Asked): Promise<Facts> {
  const rows = (await readUsageBuckets(tx, { fromMs: Math.floor(span.fromMs / MINUTE_MS) * MINUTE_MS, toMs: span.toMs, width: '1m' })).filter((row) => isAbout(asked.scope, asked.subject, row));
  const models = new Map<string, ModelSpend>();
  const keys = new Map<string, bigint>();
  for (const row of rows) {
    const name = `${row.provider}/${row.model ?? ''}`;
    const known = models.get(name);
    const costPico = row.pricedPico ?? 0n;
    const tokens = Object.fromEntries(TOKEN_CLASSES.map((each) => [each, (known?.tokens[each] ?? 0) + (row.quantities[each] ?? 0)])) as Record<TokenClass, number>;
    const calls = (known?.calls ?? 0) + row.requests;
    models.set(name, { provider: row.provider, model: row.model ?? '', calls, firstCalls: calls, tokens, costPico: (known?.costPico ?? 0n) + costPico });
    if (row.apiKey !== null) keys.set(row.apiKey, (keys.get(row.apiKey) ?? 0n) + costPico);
  }
  return { models: [...models.values()], customers: new Map(), workflows: new Map(), keys };
}

function isAbout(scope: SpikeScope, subject: string, row: BilledUsage): boolean {
  return scope === 'provider' ? row.connectionId === subject : scope === 'key' ? row.apiKey === subject : scope === 'model' ? row.model === subject : true;
}

/** The same span of up to seven days before, on average; of a team that is new, what came before it today, scaled to the same length. */
async function readUsual(span: Span, sinceMs: number, read: (span: Span) => Promise<Facts>): Promise<{ facts: Facts; basis: SpikeExplanation['basis']; days: number }> {
  const days: Facts[] = [];
  for (let back = 1; back <= 7 && span.fromMs - back * DAY_MS >= sinceMs; back++) days.push(await read({ fromMs: span.fromMs - back * DAY_MS, toMs: span.toMs - back * DAY_MS }));
  if (days.some(({ models }) => models.length > 0)) return { facts: scaleFacts(days, 1 / days.length), basis: 'days', days: days.length };
  const fromMs = Math.max(sinceMs, span.fromMs - DAY_MS);
  if (days.length > 0) return { facts: NOTHING, basis: 'none', days: days.length };
  const length = span.fromMs - fromMs;
  if (length < SPAN_MIN_MS) return { facts: NOTHING, basis: 'none', days: 0 };
  return { facts: scaleFacts([await read({ fromMs, toMs: span.fromMs })], (span.toMs - span.fromMs) / length), basis: 'hours', days: 0 };
}

const NOTHING: Facts = { models: [], customers: new Map(), workflows: new Map(), keys: new Map() };

function scaleFacts(all: readonly Facts[], by: number): Facts {
  const models = new Map<string, ModelSpend>();
  for (const each of all.flatMap((facts) => facts.models)) {
    const known = models.get(nameOf(each));
    const sum = (of: (model: ModelSpend) => number): number => (known === undefined ? 0 : of(known)) + of(each) * by;
    models.set(nameOf(each), {
      provider: each.provider, model: each.model, calls: sum(({ calls }) => calls), firstCalls: sum(({ firstCalls }) => firstCalls), costPico: (known?.costPico ?? 0n) + scalePico(each.costPico, by),
      tokens: Object.fromEntries(TOKEN_CLASSES.map((name) => [name, sum(({ tokens }) => tokens[name])])) as Record<TokenClass, number>,
    });
  }
  const addUp = (of: (facts: Facts) => ReadonlyMap<string, bigint>): Map<string, bigint> => {
    const sums = new Map<string, bigint>();
    for (const facts of all) for (const [name, pico] of of(facts)) sums.set(name, (sums.get(name) ?? 0n) + scalePico(pico, by));
    return sums;
  };
  return { models: [...models.values()], customers: addUp(({ customers }) => customers), workflows: addUp(({ workflows }) => workflows), keys: addUp(({ keys }) => keys) };
}

function scalePico(pico: bigint, by: number): bigint {
  return BigInt(Math.round(Number(pico) * by));
}

function nameOf({ provider, model }: ModelSpend): string {
  return `${provider}/${model}`;
}

function toModelFacts(spend: ModelSpend): ModelFacts {
  const of = (names: readonly TokenClass[]): Record<string, number> => Object.fromEntries(names.flatMap((name) => (spend.tokens[name] > 0 ? [[name, spend.tokens[name]]] : [])));
  return { model: nameOf(spend), calls: spend.calls, firstCalls: Math.max(spend.firstCalls, 0), input: of(INPUT_CLASSES), output: of(OUTPUT_CLASSES), costPico: spend.costPico };
}

/** As the book says them before the span: what was paid otherwise since is a change of price. */
function listPrices(models: readonly ModelSpend[], atMs: number, price: ExplainInput['price']): ListPrices {
  const byName = new Map<string, Record<string, number>>();
  for (const { provider, model } of models) {
    const name = `${provider}/${model}`;
    if (byName.has(name)) continue;
    const rates: Record<string, number> = {};
    for (const each of TOKEN_CLASSES) {
      const { costPico } = price({ provider, model, at: atMs - DAY_MS, quantities: { [each]: MILLION }, contextTokens: 1_000, isRequest: false });
      if (costPico !== null) rates[each] = Number(costPico) / MILLION;
    }
    byName.set(name, rates);
  }
  return (name) => byName.get(name) ?? {};
}

const MILLION = 1_000_000;

function byModel(models: readonly ModelSpend[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { model, costPico } of models) sums.set(model, (sums.get(model) ?? 0n) + costPico);
  return sums;
}

function costOf({ models }: Facts): bigint {
  return models.reduce((sum, { costPico }) => sum + costPico, 0n);
}

/** Whoever changed most. */
function topOf(after: ReadonlyMap<string, bigint>, before: ReadonlyMap<string, bigint>): ExplainedSpender[] {
  return [...new Set([...after.keys(), ...before.keys()])]
    .map((name) => ({ name, cost: after.get(name) ?? 0n, change: (after.get(name) ?? 0n) - (before.get(name) ?? 0n) }))
    .filter(({ change }) => change !== 0n)
    .sort((a, b) => Number(abs(b.change) - abs(a.change)))
    .slice(0, TOP).map(({ name, cost, change }) => ({ name, costPico: String(cost), changePico: String(change) }));
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
