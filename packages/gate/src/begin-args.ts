/** What the script of begin, check and extend is given, and what it says it saw. Pure; the layout is that of `redis-lua-state.ts`. */
import { type BeginRequest, type Counter, type Metric, METRICS } from './decide';
import type { OpenHold, SeenState, SlotCut } from './gate-store';
import { shapeNumber } from './hold-amounts';
import type { RateState } from './rate-limit';

export const MODES = { begin: 0, check: 1, extend: 2 } as const;

export interface ScriptInput {
  readonly counterKeys: readonly string[];
  readonly rateKeys: readonly string[];
  /** Doubles, little-endian: reading them as text or as fifty arguments would cost Redis more than the rule does. */
  readonly numbers: Buffer;
  /** Metric of each counter, a digit each. */
  readonly metrics: string;
  /** What is reserved when no model is left out. */
  readonly reserves: string;
}

/** Where the server's number stands in `numbers`: it is known when they are sent. */
export const SERVER_AT = 16;
const HEAD = 12;

const NUMBERS = Object.fromEntries(METRICS.map((metric, i) => [metric, i + 1])) as Readonly<Record<Metric, number>>;
const metricNumber = (metric: Metric): number => NUMBERS[metric];

/** `expiresMs` and what is reserved mean nothing to a check. On the way of every begin: loops, and no list that is thrown away. */
export function toScriptInput(mode: keyof typeof MODES, request: BeginRequest, expiresMs: number): ScriptInput {
  const { limits, rates, route, reservation: { amounts } } = request;
  const counterKeys: string[] = [];
  const numberOf = new Map<string, number>();
  let [metrics, reserves] = ['', ''];
  const models: string[] = [];
  let [checks, holds] = [0, 0];
  for (const { mode: how, metric, model, windows } of limits) {
    const isReserved = (amounts[metric] ?? 0) > 0;
    if (how === 'hard') {
      checks += Math.max(windows.length, 1);
      if (model !== undefined && !models.includes(model)) models.push(model);
    }
    if (mode === 'extend' || (mode === 'begin' && isReserved)) holds += windows.length;
    for (const { key } of windows) {
      if (numberOf.has(key)) continue;
      numberOf.set(key, counterKeys.push(key));
      metrics += String(metricNumber(metric) - 1);
      if (mode === 'begin' && isReserved) reserves += `${metricNumber(metric)}${key}\n`;
    }
  }
  const modelNumber = (model: string | undefined): number => (model === undefined ? 0 : models.indexOf(model) + 1);
  let [permitted, unlimited] = [0, 0];
  for (const { allowed, model } of route) {
    if (!allowed) continue;
    permitted += 1;
    if (!models.includes(model)) unlimited += 1;
  }

  const numbers = Buffer.allocUnsafe(8 * (HEAD + 3 * checks + models.length + 4 * rates.length + 3 * holds + METRICS.length));
  let at = 8 * HEAD;
  const push = (value: number): void => {
    at = numbers.writeDoubleLE(value, at);
  };
  let isDenied = !request.environmentMatches || request.suspended || (route.length > 0 && permitted === 0)
    || request.missingFeatures.length > 0 || request.sizes.some(({ asked, limit }) => asked > limit);
  for (const { mode: how, metric, limit, windows, model } of limits) {
    if (how !== 'hard') continue;
    const asked = amounts[metric] ?? 0;
    // What asks for nothing of a metric passes a limit of it only when it is passed already.
    const most = asked > 0 ? limit - asked : limit;
    if (windows.length > 0) {
      for (const { key } of windows) {
        push(numberOf.get(key)!);
        push(most);
        push(modelNumber(model));
      }
    } else if (most < 0 && model === undefined) isDenied = true;
    else if (most < 0) {
      push(0);
      push(-1);
      push(modelNumber(model));
    }
  }
  const checksMade = (at / 8 - HEAD) / 3;
  for (const model of models) push(route.filter((entry) => entry.allowed && entry.model === model).length);
  for (const rate of rates) {
    push(rate.kind === 'sliding_window' ? 1 : 2);
    push(rate.limit);
    push(rate.windowMs);
    push(rate.kind === 'token_bucket' ? rate.burst : 0);
  }
  if (holds > 0) {
    for (const { metric, windows, model } of limits) {
      if (mode === 'begin' && !((amounts[metric] ?? 0) > 0)) continue;
      for (const { key } of windows) {
        push(numberOf.get(key)!);
        push(metricNumber(metric));
        push(modelNumber(model));
      }
    }
  }
  for (const metric of METRICS) push(amounts[metric] ?? 0);
  const used = at;
  at = 0;
  for (const value of [request.nowMs, expiresMs, 0, MODES[mode], isDenied ? 1 : 0, counterKeys.length, rates.length, checksMade, holds, models.length, unlimited, shapeNumber(counterKeys, rates)]) push(value);
  return { counterKeys, rateKeys: rates.map(({ key }) => key), numbers: numbers.subarray(0, used), metrics, reserves };
}

export function fromSeen(bytes: Buffer, at: number, counterKeys: readonly string[], rateKeys: readonly string[]): SeenState {
  const counters: Record<string, Counter> = {};
  for (const key of counterKeys) {
    counters[key] = { used: bytes.readDoubleLE(at), held: bytes.readDoubleLE(at + 8) };
    at += 16;
  }
  const rates: Record<string, RateState> = {};
  for (const key of rateKeys) {
    const length = bytes.readUInt16LE(at);
    if (length > 0) rates[key] = fromRate(bytes, at + 2);
    at += 2 + length;
  }
  return { counters, rates };
}

function fromRate(bytes: Buffer, at: number): RateState {
  if (bytes[at] === 2) return { kind: 'token_bucket', level: bytes.readDoubleLE(at + 5), atMs: bytes.readDoubleLE(at + 13) };
  const length = bytes[at + 13]!;
  return { kind: 'sliding_window', slot: bytes.readDoubleLE(at + 5), counts: Array.from({ length }, (_, i) => bytes.readUInt32LE(at + 14 + i * 4)) };
}

/** The numbers of the counters that nobody has set. */
export function fromMissing(bytes: Buffer, counterKeys: readonly string[]): string[] {
  return Array.from({ length: (bytes.length - 1) / 2 }, (_, i) => counterKeys[bytes.readUInt16LE(1 + i * 2)]!);
}

export function fromCut(bytes: Buffer, at = 0): { readonly cut: SlotCut; readonly at: number } {
  const length = bytes[at]!;
  const cut = new Map(Array.from({ length }, (_, i) => [bytes[at + 1 + i * 9]!, bytes.readDoubleLE(at + 2 + i * 9)]));
  return { cut, at: at + 1 + length * 9 };
}

export function fromHold(runId: string, bytes: Buffer): OpenHold {
  const figures = (from: number): number[] => METRICS.map((_, i) => bytes.readDoubleLE(from + i * 8));
  const [amounts, spent] = [figures(12), figures(60)];
  const { at } = fromCut(bytes, 108);
  const text = bytes.toString('utf8', at + 4, at + 4 + bytes.readUInt32LE(at));
  const reserves = text.split('\n').slice(0, -1).map((line) => {
    const metric = Number(line[0]) - 1;
    return { key: line.slice(1), metric: METRICS[metric]!, amount: amounts[metric]! };
  });
  return { runId, expiresMs: bytes.readDoubleLE(4), reserves, spent: Object.fromEntries(METRICS.flatMap((metric, i) => (spent[i]! > 0 ? [[metric, spent[i]!]] : []))) };
}

/** A row of `holds` as the script of a restore reads it. */
export function toHoldRow({ runId, expiresMs, reserves, spent }: OpenHold): object {
  return {
    r: runId, e: expiresMs, k: reserves.map(({ key, metric }) => [metricNumber(metric), key]),
    a: METRICS.map((metric) => Math.max(0, ...reserves.filter((each) => each.metric === metric).map(({ amount }) => amount))), s: METRICS.map((metric) => spent[metric] ?? 0),
  };
}

export const toMetricNumber = metricNumber;
