/** Reads the `x-fake-*` headers of a request and lays them over what the scenario says. */
import type { FakeRequest, Scenario, Steer } from './contract';
import { isObject } from './json';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const NUMBERS = {
  'x-fake-error-times': 'errorTimes',
  'x-fake-delay-ms': 'delayMs',
  'x-fake-chunks': 'chunks',
  'x-fake-chunk-delay-ms': 'chunkDelayMs',
  'x-fake-break-after': 'breakAfterChunks',
  'x-fake-error-after': 'errorAfterChunks',
} as const;

const TEXTS = { 'x-fake-text': 'text', 'x-fake-tier': 'tier', 'x-fake-model': 'model', 'x-fake-label': 'label' } as const;

/** A header that cannot be read is a mistake in a test: the message says which, and the fake answers 400 with it. */
export class SteerError extends Error {}

export function readSteer(request: FakeRequest, scenario: Scenario | undefined): Steer {
  const steer: Mutable<Steer> = { ...scenario?.(request) };
  const { headers } = request;
  for (const [header, field] of Object.entries(NUMBERS)) {
    const text = headers[header];
    if (text === undefined) continue;
    if (!/^\d+$/.test(text)) throw new SteerError(`header ${header}: "${text}" is not a whole number`);
    steer[field] = Number(text);
  }
  for (const [header, field] of Object.entries(TEXTS)) {
    const text = headers[header];
    if (text !== undefined) steer[field] = text;
  }
  const usage = headers['x-fake-usage'];
  if (usage !== undefined) steer.usage = readUsage(usage);
  const error = headers['x-fake-error'];
  if (error !== undefined) steer.error = readError(error, headers['x-fake-retry-after-ms']);
  const tool = headers['x-fake-tool'];
  if (tool !== undefined) steer.toolCalls = tool === 'none' ? 'none' : tool.split(',').map((name) => ({ name: name.trim() }));
  return steer;
}

function readUsage(text: string): NonNullable<Steer['usage']> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SteerError(`header x-fake-usage: not JSON: ${text}`);
  }
  if (!isObject(value)) throw new SteerError('header x-fake-usage: must be a JSON object in the provider\'s own shape');
  return value;
}

function readError(text: string, retryAfterMs: string | undefined): NonNullable<Steer['error']> {
  if (text === 'reset') return 'reset';
  if (!/^[45]\d\d$/.test(text)) throw new SteerError(`header x-fake-error: "${text}" is neither a status from 400 to 599 nor "reset"`);
  return retryAfterMs === undefined ? Number(text) : { status: Number(text), retryAfterMs: Number(retryAfterMs) };
}

/** Whether this attempt gets the steered error. */
export function failsNow(steer: Steer, attempt: number): boolean {
  return steer.error !== undefined && (steer.errorTimes === undefined || attempt <= steer.errorTimes);
}
