/** What the script of begin, check and extend is given, and what it says it saw. Pure; the layout is that of `redis-lua.ts`. */
import { type BeginRequest, type Counter, type Metric, METRICS } from './decide';
import type { OpenHold, SeenState, SlotCut } from './gate-store';
import { counterKeysOf, metricsByKey } from './hold-amounts';
import type { RateState } from './rate-limit';

export const MODES = { begin: 0, check: 1, extend: 2 } as const;

export interface ScriptInput {
  readonly counterKeys: readonly string[];
  readonly rateKeys: readonly string[];
  /** Numbers and short texts, sent as one JSON array: reading fifty arguments would cost Redis more than the rule does. */
  readonly args: (string | number)[];
  readonly request: string;
}

const metricNumber = (metric: Metric): number => METRICS.indexOf(metric) + 1;

/** `expiresMs` and what is reserved mean nothing to a check. */
export function toScriptInput(mode: keyof typeof MODES, request: BeginRequest, expiresMs: number, server: number): ScriptInput {
  const { limits, rates, route, reservation: { amounts } } = request;
  const counterKeys = counterKeysOf(request);
  const numberOf = new Map(counterKeys.map((key, i) => [key, i + 1]));
  const metrics = metricsByKey(request);
  const models = [...new Set(limits.flatMap(({ mode: how, model }) => (how === 'hard' && model !== undefined ? [model] : [])))];
  const permitted = route.filter(({ allowed }) => allowed);
  const modelNumber = (model: string | undefined): number => (model === undefined ? 0 : models.indexOf(model) + 1);

  let isDenied = !request.environmentMatches || request.suspended || (route.length > 0 && permitted.length === 0)
    || request.missingFeatures.length > 0 || request.sizes.some(({ asked, limit }) => asked > limit);
  const checks: number[] = [];
  for (const { mode: how, metric, limit, windows, model } of limits) {
    if (how !== 'hard') continue;
    const asked = amounts[metric] ?? 0;
    // What asks for nothing of a metric passes a limit of it only when it is passed already.
    const most = asked > 0 ? limit - asked : limit;
    if (windows.length > 0) for (const { key } of windows) checks.push(numberOf.get(key)!, most, modelNumber(model));
    else if (most < 0 && model === undefined) isDenied = true;
    else if (most < 0) checks.push(0, -1, modelNumber(model));
  }
  const holds = mode === 'check' ? [] : limits.flatMap(({ metric, windows, model }) =>
    (mode === 'extend' || (amounts[metric] ?? 0) > 0 ? windows.flatMap(({ key }) => [numberOf.get(key)!, metricNumber(metric), modelNumber(model)]) : []));
  const args: (string | number)[] = [
    request.nowMs, expiresMs, server, MODES[mode], isDenied ? 1 : 0, counterKeys.length, rates.length, checks.length / 3, holds.length / 3, models.length,
    permitted.filter(({ model }) => !models.includes(model)).length,
    counterKeys.map((key) => (metrics.get(key) === 'runs' ? '1' : '0')).join(''),
    counterKeys.map((key) => metricNumber(metrics.get(key)!) - 1).join(''),
    // What is reserved when no model is left out.
    mode === 'begin' ? counterKeys.filter((key) => (amounts[metrics.get(key)!] ?? 0) > 0).map((key) => `${metricNumber(metrics.get(key)!)}${key}\n`).join('') : '',
    ...checks, ...models.map((model) => permitted.filter((entry) => entry.model === model).length),
  ];
  for (const rate of rates) args.push(rate.kind === 'sliding_window' ? 1 : 2, rate.limit, rate.windowMs, rate.kind === 'token_bucket' ? rate.burst : 0);
  args.push(...holds);
  for (const metric of METRICS) args.push(amounts[metric] ?? 0);
  return { counterKeys, rateKeys: rates.map(({ key }) => key), args, request: mode === 'begin' ? JSON.stringify(request) : '' };
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
