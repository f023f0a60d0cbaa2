/** Reads a foreign object strictly: a count is a whole number, an unknown key is flagged, the first error is kept. */
import { formatRational, INPUT_CLASSES, parseDecimal, TOKEN_CLASSES, type TokenClass, type TokenQuantities } from '@outlay/kernel';
import type { JsonObject, UnknownKey, UsageError } from './usage';

export interface UsageReader {
  error: UsageError | null;
  /** Why the numbers contradict each other; the first one found. */
  problem: string | null;
  readonly unknown: UnknownKey[];
}

export function createUsageReader(): UsageReader {
  return { error: null, problem: null, unknown: [] };
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A count of tokens or requests: absent and null are 0, everything but a whole number from 0 is an error. */
export function readCount(reader: UsageReader, object: JsonObject | null, key: string, path: string): number {
  const value = object?.[key];
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  reader.error ??= { field: `${path}.${key}`, reason: `must be a whole number from 0, not ${JSON.stringify(value) ?? 'undefined'}` };
  return 0;
}

export function requireCount(reader: UsageReader, object: JsonObject, key: string, path: string): number {
  if (object[key] === undefined || object[key] === null) reader.error ??= { field: `${path}.${key}`, reason: 'is required' };
  return readCount(reader, object, key, path);
}

/** An amount that need not be whole, such as seconds, as a decimal text; absent and null are `0`. */
export function readAmount(reader: UsageReader, object: JsonObject, key: string, path: string): string {
  const value = object[key];
  if (value === undefined || value === null) return '0';
  const amount = typeof value === 'number' && value >= 0 ? parseDecimal(value) : null;
  if (amount !== null) return formatRational(amount);
  reader.error ??= { field: `${path}.${key}`, reason: `must be a number from 0, not ${JSON.stringify(value) ?? 'undefined'}` };
  return '0';
}

/** A nested object of counts; absent and null give null. */
export function readSection(reader: UsageReader, object: JsonObject, key: string, path: string): JsonObject | null {
  const value = object[key];
  if (value === undefined || value === null) return null;
  if (isJsonObject(value)) return value;
  reader.error ??= { field: `${path}.${key}`, reason: 'must be an object' };
  return null;
}

/** Flags every key outside `known`. A key that holds a quantity other than 0 is billable until someone teaches us otherwise. */
export function flagUnknown(reader: UsageReader, object: JsonObject | null, known: ReadonlySet<string>, path: string): void {
  if (object === null) return;
  for (const key in object) {
    if (known.has(key)) continue;
    const quantity = quantityIn(object[key]);
    reader.unknown.push({ key: `${path}.${key}`, quantity, billable: quantity > 0 });
  }
}

function quantityIn(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.abs(value) : 0;
  if (typeof value === 'string') return value.trim() === '' ? 0 : quantityIn(Number(value));
  if (typeof value !== 'object' || value === null) return 0;
  let sum = 0;
  for (const member of Object.values(value)) sum += quantityIn(member);
  return sum;
}

export interface InputSplit {
  readonly total: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly audio: number;
  readonly image: number;
  readonly video: number;
}

/**
 * Makes input quantities disjoint where a provider reports cached tokens and modalities as subsets of one total without
 * saying how they overlap. The overlap is taken as small as the numbers allow, which is the dearest reading.
 * Null when the subsets cannot fit into the total.
 */
export function splitInput(input: InputSplit): TokenQuantities | null {
  const text = input.total - input.audio - input.image - input.video;
  if (text < 0 || input.cacheWrite > text) return null;
  let overlap = Math.max(0, input.cacheRead - (text - input.cacheWrite));
  const audioOverlap = Math.min(overlap, input.audio);
  overlap -= audioOverlap;
  const imageOverlap = Math.min(overlap, input.image);
  overlap -= imageOverlap;
  if (overlap > input.video) return null;
  const cacheReadText = input.cacheRead - audioOverlap - imageOverlap;
  return {
    input_uncached: Math.max(0, text - input.cacheWrite - input.cacheRead),
    cache_read: cacheReadText,
    cache_read_audio: audioOverlap,
    cache_read_image: imageOverlap,
    input_audio: input.audio - audioOverlap,
    input_image: input.image - imageOverlap,
    input_video: input.video - overlap,
  };
}

/** Quantities without the classes that are 0, in the order of TOKEN_CLASSES: absent is 0 everywhere. */
export function withoutZeros(quantities: TokenQuantities): TokenQuantities {
  const kept: Partial<Record<TokenClass, number>> = {};
  for (const name of TOKEN_CLASSES) {
    const quantity = quantities[name];
    if (quantity) kept[name] = quantity;
  }
  return kept;
}

export function sumQuantities(quantities: TokenQuantities): number {
  let sum = 0;
  for (const name of TOKEN_CLASSES) sum += quantities[name] ?? 0;
  return sum;
}

export function sumInput(quantities: TokenQuantities): number {
  let sum = 0;
  for (const name of INPUT_CLASSES) sum += quantities[name] ?? 0;
  return sum;
}

export function addQuantities(a: TokenQuantities, b: TokenQuantities): TokenQuantities {
  const sum: Partial<Record<TokenClass, number>> = { ...a };
  for (const name of TOKEN_CLASSES) {
    const quantity = b[name];
    if (quantity) sum[name] = (sum[name] ?? 0) + quantity;
  }
  return sum;
}
