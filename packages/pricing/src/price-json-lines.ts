/** The rule behind `outlay price`: one JSON line in, one JSON line out. Pure; the CLI streams and keeps the order. */
import { err, formatPico, ok, type Result } from '@outlay/kernel';
import { normaliseUsage } from './normalise-usage';
import type { PriceBook } from './price-book';
import { priceUsage, type PricedUsage } from './price-usage';
import type { JsonObject, NormalisedUsage, UsageError } from './usage';
import { addQuantities, isJsonObject } from './usage-reader';

/** What a line may say. Anything else is named in the answer, so that a typo shows. */
const LINE_KEYS = new Set(['provider', 'api', 'model', 'usage', 'body', 'at', 'service_tier', 'region']);

/** Decimals are exact strings in dollars. */
export interface PricedLineOutput {
  /** Disjoint token classes; absent is 0. */
  readonly classes: Readonly<Record<string, number>>;
  /** Null when unpriced. Without a price of ours, the provider's own figure, where the usage carries one. */
  readonly cost_usd: string | null;
  readonly price_version: string | null;
  readonly basis: 'priced' | 'provider_reported' | 'unpriced';
  readonly lines: readonly { readonly class: string; readonly quantity: string; readonly unit_price: string; readonly amount: string }[];
  /** Only without a price of ours: why; and, when unpriced, what caps would count meanwhile. */
  readonly reason?: string;
  readonly ceiling_usd?: string;
  /** Only when the usage states it: the provider's own figure, beside ours. */
  readonly provider_cost_usd?: string;
  /** Only when there are any: keys of the usage that we do not know. */
  readonly unknown_keys?: readonly string[];
  /** Only when there are any: keys of the line that mean nothing. */
  readonly ignored_keys?: readonly string[];
}

export interface BadLineOutput {
  readonly error: string;
  /** Path of the field at fault. */
  readonly field: string;
  /** Number of the line, from 1. */
  readonly line: number;
}

/**
 * Prices one line `{"provider","api"?,"model","usage"|"body","at"?}`; also `service_tier` and `region` where the usage itself does not
 * tell them. Null for an empty line. `now` (Unix ms) prices a line without `at`.
 */
export function priceJsonLine(book: PriceBook, text: string, line: number, now: number): PricedLineOutput | BadLineOutput | null {
  if (text.trim() === '') return null;
  const answer = priceLine(book, text, now);
  return answer.ok ? answer.value : { error: `${answer.error.field}: ${answer.error.reason}`, field: answer.error.field, line };
}

/** The same, as the text of one line. */
export function priceJsonLineText(book: PriceBook, text: string, line: number, now: number): string | null {
  const answer = priceJsonLine(book, text, line, now);
  return answer === null ? null : JSON.stringify(answer);
}

function priceLine(book: PriceBook, text: string, now: number): Result<PricedLineOutput, UsageError> {
  const input = parseLine(text);
  if (!input.ok) return input;
  const fields = readFields(input.value, now);
  if (!fields.ok) return fields;
  const { provider, api, model, at, tier, region } = fields.value;
  const usage = normaliseUsage({ provider, api, model, ...('body' in input.value ? { body: input.value['body'] } : {}), ...('usage' in input.value ? { usage: input.value['usage'] } : {}) });
  if (!usage.ok) return usage;
  if (usage.value.parts.some((part) => part.model === null)) return err({ field: 'model', reason: 'is required: neither the line nor the body names a model' });
  const { served } = usage.value;
  const priced = usage.value.parts.map((part, index) =>
    priceUsage(book, { provider, tier: served.tier ?? tier, region: served.region ?? region, at, isRequest: index === 0, ...part }));
  const ignored = Object.keys(input.value).filter((key) => !LINE_KEYS.has(key));
  return ok({ ...output(usage.value, priced), ...(ignored.length > 0 ? { ignored_keys: ignored } : {}) });
}

function parseLine(text: string): Result<JsonObject, UsageError> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err({ field: 'line', reason: 'is not valid JSON' });
  }
  return isJsonObject(value) ? ok(value) : err({ field: 'line', reason: 'must be a JSON object' });
}

interface LineFields {
  readonly provider: string;
  readonly api: string | null;
  readonly model: string | null;
  readonly tier: string | null;
  readonly region: string | null;
  readonly at: number;
}

function readFields(input: JsonObject, now: number): Result<LineFields, UsageError> {
  for (const key of ['provider', 'api', 'model', 'service_tier', 'region', 'at']) {
    const value = input[key];
    if (value !== undefined && value !== null && (typeof value !== 'string' || value.trim() === '')) return err({ field: key, reason: 'must be a text that is not empty' });
  }
  const text = (key: string): string | null => (typeof input[key] === 'string' ? input[key] : null);
  const provider = text('provider');
  if (provider === null) return err({ field: 'provider', reason: 'is required: the catalogue\'s provider id, such as openai, anthropic, google' });
  const at = text('at');
  const time = at === null ? now : parseTime(at);
  if (time === null) return err({ field: 'at', reason: `"${at}" is no ISO 8601 time with an offset, such as 2026-08-20T00:00:00Z` });
  return ok({ provider, api: text('api'), model: text('model'), tier: text('service_tier'), region: text('region'), at: time });
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/i;

function parseTime(text: string): number | null {
  const time = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

function output(usage: NormalisedUsage, priced: readonly PricedUsage[]): PricedLineOutput {
  const unpriced = priced.find((part) => part.costPico === null);
  const sum = (pick: (part: PricedUsage) => bigint): string => formatPico(priced.reduce((total, part) => total + pick(part), 0n));
  const versions = [...new Set(priced.map((part) => part.priceVersion))].filter((version) => version !== null);
  const reported = usage.providerCostUsd;
  return {
    classes: usage.parts.reduce((classes, part) => addQuantities(classes, part.quantities), {}),
    cost_usd: unpriced ? reported : sum((part) => part.costPico ?? 0n),
    price_version: unpriced || versions.length === 0 ? null : versions.join(', '),
    basis: !unpriced ? 'priced' : reported === null ? 'unpriced' : 'provider_reported',
    lines: unpriced ? [] : priced.flatMap((part) => part.lines.map(({ class: name, quantity, unitPrice, amount }) => ({ class: name, quantity, unit_price: unitPrice, amount }))),
    ...(unpriced ? { reason: unpriced.reason ?? '' } : {}),
    ...(unpriced && reported === null ? { ceiling_usd: sum((part) => part.ceilingPico) } : {}),
    ...(reported === null ? {} : { provider_cost_usd: reported }),
    ...(usage.unknownKeys.length > 0 ? { unknown_keys: usage.unknownKeys.map(({ key }) => key) } : {}),
  };
}
