/**
 * What is read from a provider's answer: numbers, names and ids, never a word of it. Text is counted and let go.
 */
import { isClassName } from './errors.js';
import type { ExtraCost } from './types.js';

export interface CallFacts {
  usage: object | undefined;
  /** Token classes, where the answer counts without a usage object. */
  quantities: Readonly<Record<string, number>> | undefined;
  /** What is billed beside tokens: searches, pictures. */
  extras: readonly ExtraCost[] | undefined;
  modelServed: string | undefined;
  serviceTierServed: string | undefined;
  /** The id in the body; the header's request id is preferred. */
  responseId: string | undefined;
  errorClass: string | undefined;
  /** UTF-8 bytes of generated text, thinking and tool arguments seen so far. */
  outputBytes: number;
  firstOutputMs: number | undefined;
  /** The model has finished: what still comes is bookkeeping, so reading on costs nothing. */
  generated: boolean;
  /** The stream said that it is complete. */
  complete: boolean;
  failed: boolean;
}

export function createFacts(): CallFacts {
  return {
    usage: undefined,
    quantities: undefined,
    extras: undefined,
    modelServed: undefined,
    serviceTierServed: undefined,
    responseId: undefined,
    errorClass: undefined,
    outputBytes: 0,
    firstOutputMs: undefined,
    generated: false,
    complete: false,
    failed: false,
  };
}

/** A parsed JSON object, read with care: providers add fields and proxies leave some out. */
export type Json = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function parseJson(text: string): Json | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function countOutput(facts: CallFacts, ...texts: readonly unknown[]): void {
  for (const text of texts) {
    if (typeof text !== 'string' || text === '') continue;
    facts.outputBytes += utf8Length(text);
    facts.firstOutputMs ??= Date.now();
  }
}

export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // A surrogate pair is two units and four bytes, so each half adds one.
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

/** The provider's short name of an error. Its message is never read: it may quote the prompt. */
export function errorClassIn(error: Json | undefined, fallback: string): string {
  for (const name of [error?.['code'], error?.['type'], error?.['status']]) if (isClassName(name)) return name;
  return fallback;
}

export function defined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
