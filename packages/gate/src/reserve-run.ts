/**
 * How much a run reserves: the most that it can use where input, output, models and calls are bounded, else an estimate that states its own bound. Pure.
 *
 * `bounded` is a promise: such a run cannot cost more, provided that its calls send the `maxOutputTokens` that stand here and ask for no dearer service tier than the standard one.
 */
import { multiplyRational } from '@outlay/kernel';
import { boundCalls, type PriceBook } from '@outlay/pricing';
import { decimalOf, millionthsOf, millionthsOfText, nanoOfPico, nanoOfUsd, nanoOfUsdLimit } from './amounts';
import type { Reservation } from './decide';
import type { RunAsk } from './run-ask';

/** What runs of the workflow cost lately; null when there were none. */
export interface RunHistory {
  readonly runs: number;
  readonly p95Pico: bigint;
  readonly mostPico: bigint;
  readonly p95Calls: number;
}

export interface ReservedRun {
  readonly reservation: Reservation;
  /** What each call may send as its limit of output; null where the caller bounds nothing. */
  readonly maxOutputTokens: number | null;
  /** The largest input of a call, as well as it is known; null when nothing was said. */
  readonly contextTokens: number | null;
}

export interface ReserveFacts {
  readonly book: PriceBook;
  /** Models that the run may use. */
  readonly models: readonly string[];
  readonly history: RunHistory | null;
  /** What one outcome burns of the plan's credits; null without credits. */
  readonly creditWeight: string | null;
  readonly nowMs: number;
  readonly expiresMs: number;
}

/** What every current model takes as a limit of its output. */
const MAX_OUTPUT_TOKENS = 4_096;
/** Of a workflow that nobody knows anything about: a cent, and a few thousand tokens. */
const UNKNOWN_RUN = { costNano: 10_000_000, tokens: 4_000, calls: 1 } as const;
/** Of ordinary text; the bound itself counts one token for each byte. */
const BYTES_PER_TOKEN = 4;

export function reserveRun(ask: RunAsk, facts: ReserveFacts): ReservedRun {
  const units = ask.units === null ? 1_000_000 : millionthsOfText(ask.units);
  const credits = facts.creditWeight === null ? 0 : millionthsOf(multiplyRational(decimalOf(ask.units ?? '1'), decimalOf(facts.creditWeight)));
  const contextTokens = ask.inputTokens ?? (ask.inputBytes === null ? null : Math.ceil(ask.inputBytes / BYTES_PER_TOKEN));
  const shared = { units, runs: 1, ...(credits > 0 ? { credits } : {}) };

  const bound = boundOf(ask, facts);
  if (bound !== null) {
    const { costNano, tokens, calls, maxOutputTokens } = bound;
    return { reservation: { amounts: { cost: costNano, tokens, calls, ...shared }, bounded: true, most: {} }, maxOutputTokens, contextTokens };
  }
  const { history } = facts;
  const stated = ask.estimateUsd === null ? null : nanoOfUsd(decimalOf(ask.estimateUsd));
  const limit = runLimit(ask);
  // A run may begin whatever others of its workflow cost: when it comes to its own limit, an extension is denied.
  const cost = Math.min(stated ?? (history === null ? UNKNOWN_RUN.costNano : nanoOfPico(history.p95Pico)), limit);
  const calls = ask.maxCalls ?? Math.max(history?.p95Calls ?? UNKNOWN_RUN.calls, 1);
  const input = ask.inputTokens ?? ask.inputBytes;
  const tokens = input === null && ask.maxOutputTokens === null ? UNKNOWN_RUN.tokens * calls : calls * ((input ?? 0) + (ask.maxOutputTokens ?? MAX_OUTPUT_TOKENS));
  const most = Math.max(cost, Math.min(limit, Math.max(stated ?? 0, history === null ? UNKNOWN_RUN.costNano : nanoOfPico(history.mostPico))));
  return { reservation: { amounts: { cost, tokens, calls, ...shared }, bounded: false, most: { cost: most } }, maxOutputTokens: ask.maxOutputTokens, contextTokens };
}

function runLimit({ caps: { maxRunCostUsd } }: RunAsk): number {
  return maxRunCostUsd === null || maxRunCostUsd === undefined ? Infinity : nanoOfUsdLimit(maxRunCostUsd);
}

interface Bound {
  readonly costNano: number;
  readonly tokens: number;
  readonly calls: number;
  readonly maxOutputTokens: number;
}

/** Null where input, models or calls are open, or a price is missing. A caller that names no output is told one. */
function boundOf(ask: RunAsk, facts: ReserveFacts): Bound | null {
  const inputTokens = ask.inputTokens ?? ask.inputBytes;
  const calls = ask.maxCalls;
  if (inputTokens === null || calls === null || facts.models.length === 0) return null;
  const tools = Object.fromEntries(ask.tools.map((tool) => [tool, ask.quantities[tool] ?? null]));
  const boundAt = (outputTokens: number): Bound | null => {
    const cost = boundCalls(facts.book, { models: facts.models, inputTokens, outputTokens, calls, tools, fromMs: facts.nowMs, untilMs: facts.expiresMs });
    return cost === null ? null : { costNano: nanoOfUsd(cost), tokens: calls * (inputTokens + outputTokens), calls, maxOutputTokens: outputTokens };
  };
  if (ask.maxOutputTokens !== null) return boundAt(ask.maxOutputTokens);
  const usual = boundAt(MAX_OUTPUT_TOKENS);
  const limit = runLimit(ask);
  return usual === null || usual.costNano <= limit ? usual : largestWithin(limit, boundAt) ?? usual;
}

/** The longest output that the run's own limit pays for; null when it pays for none. */
function largestWithin(limit: number, boundAt: (outputTokens: number) => Bound | null): Bound | null {
  let best: Bound | null = null;
  let [low, high] = [1, MAX_OUTPUT_TOKENS];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const bound = boundAt(middle);
    if (bound !== null && bound.costNano <= limit) {
      best = bound;
      low = middle + 1;
    } else high = middle - 1;
  }
  return best;
}
