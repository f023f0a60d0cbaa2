/** The caller's own caps: checked when the run starts, enforced when the size is known, watched in the ledger's answers. */
import { compareDecimals, type Decimal, parseDecimal } from './decimal.js';
import { invalidOption, OutlayError } from './errors.js';
import type { Caps, OutlayWarning } from './types.js';

const COSTS = ['softDailyCost', 'hardDailyCost', 'maxRunCost'] as const;
const CAPS = new Set<string>(['maxContextTokens', ...COSTS]);

/** Throws `invalid_option` for a cap that could not be honoured; an unknown name would be a cap ignored silently. */
export function checkCaps(caps: Caps | undefined): void {
  if (caps === undefined || caps === null) return;
  if (typeof caps !== 'object') throw invalidOption('caps', 'must be an object.');
  for (const name of Object.keys(caps)) {
    if (!CAPS.has(name)) throw invalidOption(`caps.${name}`, `is not a cap. Caps are ${[...CAPS].join(', ')}.`);
  }
  const { maxContextTokens } = caps;
  if (maxContextTokens !== undefined && !(Number.isSafeInteger(maxContextTokens) && maxContextTokens > 0)) {
    throw invalidOption('caps.maxContextTokens', 'must be a whole number of tokens above 0.');
  }
  for (const name of COSTS) {
    if (caps[name] !== undefined && parseDecimal(caps[name]) === null) throw invalidOption(`caps.${name}`, 'must be dollars: a number or decimal string such as "4.00", not negative.');
  }
}

/** Throws `context_too_large` before the call. `inputTokens` is the caller's own count, never an estimate. */
export function enforceContext(inputTokens: unknown, maxContextTokens: number | undefined): void {
  if (typeof inputTokens !== 'number' || !Number.isFinite(inputTokens) || inputTokens < 0) {
    throw invalidOption('inputTokens', 'must be a number of tokens, not negative.');
  }
  if (maxContextTokens === undefined || inputTokens <= maxContextTokens) return;
  throw new OutlayError('context_too_large', {
    field: 'inputTokens',
    message: `The input has ${inputTokens} tokens; caps.maxContextTokens allows ${maxContextTokens}. Shorten the context or raise the cap. No call was made.`,
  });
}

/** Watches one run's customer. Shared by all events of the run, so that the run warns once. */
export interface DailyCostWatch {
  readonly customerId: string;
  readonly runId: string;
  readonly workflow: string | undefined;
  readonly limit: Decimal;
  readonly limitUsd: string;
  readonly warn: (warning: OutlayWarning) => void;
  warned: boolean;
  checked: boolean;
}

/** Compares today's total of a customer, exact decimal dollars as the ledger answers, with the run's soft cap. */
export function checkDailyCost(watch: DailyCostWatch, todayUsd: string | undefined): void {
  const total = parseDecimal(todayUsd);
  if (total === null) return warnUnchecked(watch, 'the ledger did not answer with today\'s total');
  watch.checked = true;
  if (watch.warned || compareDecimals(total, watch.limit) < 0) return;
  watch.warned = true;
  watch.warn({
    code: 'soft_cap_reached',
    message: `Customer "${watch.customerId}" has cost $${todayUsd} today; caps.softDailyCost is $${watch.limitUsd}.`,
    runId: watch.runId,
    customerId: watch.customerId,
    workflow: watch.workflow,
    todayUsd,
    limitUsd: watch.limitUsd,
  });
}

/** The cap could not be compared: said once a run, never ignored silently. */
export function warnUnchecked(watch: Pick<DailyCostWatch, 'customerId' | 'runId' | 'workflow' | 'warn' | 'warned' | 'checked'>, why: string): void {
  if (watch.warned || watch.checked) return;
  watch.warned = true;
  watch.warn({
    code: 'soft_cap_unchecked',
    message: `caps.softDailyCost of run ${watch.runId} was not checked: ${why}.`,
    runId: watch.runId,
    customerId: watch.customerId,
    workflow: watch.workflow,
  });
}
