/** The parts of the rule about open holds that both stores share. Pure. */
import { type BeginRequest, type Counter, decide, type Decision, type GateState, type Metric } from './decide';
import type { SeenState } from './gate-store';

export type Amounts = Readonly<Partial<Record<Metric, number>>>;

/** What of a metric is still reserved. */
export function remainingOf(metric: Metric, amounts: Amounts, spent: Amounts): number {
  return Math.max((amounts[metric] ?? 0) - (spent[metric] ?? 0), 0);
}

/** Counters that a request looks at, each once. */
export function counterKeysOf({ limits }: BeginRequest): string[] {
  return [...new Set(limits.flatMap(({ windows }) => windows.map(({ key }) => key)))];
}

/** A counter of open runs needs no ledger: it begins at 0. */
export function runsKeysOf({ limits }: BeginRequest): Set<string> {
  return new Set(limits.flatMap(({ metric, windows }) => (metric === 'runs' ? windows.map(({ key }) => key) : [])));
}

/** The counter's metric, by the limits that look at it. */
export function metricsByKey({ limits }: BeginRequest): Map<string, Metric> {
  return new Map(limits.flatMap(({ metric, windows }) => windows.map(({ key }) => [key, metric] as const)));
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
