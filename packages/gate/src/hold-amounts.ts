/** The parts of the rule about open holds that both stores share. Pure. */
import { type BeginRequest, type Counter, decide, type Decision, type GateState, type Metric } from './decide';
import type { SeenState } from './gate-store';

export type Amounts = Readonly<Partial<Record<Metric, number>>>;

/** What of a metric is still reserved. */
export function remainingOf(metric: Metric, amounts: Amounts, spent: Amounts): number {
  return Math.max((amounts[metric] ?? 0) - (spent[metric] ?? 0), 0);
}

/** Counters that a request looks at, each once. */
export function counterKeysOf(request: BeginRequest): string[] {
  return [...metricsByKey(request).keys()];
}

/** Which counters and rates a request looks at, as a number: what one request saw tells another something only where these are the same. */
export function shapeNumber(counterKeys: readonly string[], rates: BeginRequest['rates']): number {
  let hash = 0x811c9dc5;
  const mix = (text: string): void => {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 10, 0x01000193);
  };
  counterKeys.forEach(mix);
  for (const { key } of rates) mix(key);
  return hash >>> 0;
}

/** A counter of open runs needs no ledger: it begins at 0. */
export function runsKeysOf({ limits }: BeginRequest): Set<string> {
  return new Set(limits.flatMap(({ metric, windows }) => (metric === 'runs' ? windows.map(({ key }) => key) : [])));
}

/** The counter's metric, by the limits that look at it. */
export function metricsByKey({ limits }: BeginRequest): Map<string, Metric> {
  const metrics = new Map<string, Metric>();
  for (const { metric, windows } of limits) for (const { key } of windows) metrics.set(key, metric);
  return metrics;
}

/** The same decision from what was seen then: as the store takes it, and as a replay does. */
export function decideAsSeen(seen: SeenState, request: BeginRequest): Decision {
  return decide(stateOf(seen), request);
}

function stateOf({ counters, rates }: SeenState): GateState {
  const nothing: Counter = { used: 0, held: 0 };
  return { counter: (key) => counters[key] ?? nothing, rate: (key) => rates[key] };
}

/** The counters in which an extended run counts from now on, all it may still spend: windows that only its longer life touches are among them. */
export function extendedKeys(request: BeginRequest, decision: Decision, amounts: Amounts): [string, Metric][] {
  const capped = new Set(request.limits.filter(({ mode, model }, i) => model !== undefined && mode === 'hard' && decision.limits[i]!.passed).map(({ model }) => model));
  return request.limits.flatMap(({ metric, model, windows }) =>
    ((amounts[metric] ?? 0) > 0 && !(model !== undefined && capped.has(model)) ? windows.map(({ key }) => [key, metric] as [string, Metric]) : []));
}
