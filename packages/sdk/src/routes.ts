/** What the tap has to know of an API. */
import type { CallFacts, Json } from './facts.js';
import type { OutputLimit } from './limit-output.js';
import type { SseEvent } from './sse.js';
import type { ModelUsage } from './types.js';

/**
 * Reads one event of a stream into the facts. `json` is its data, parsed once, if it is a JSON object. True for an event
 * that only exists because `askForUsage` asked for it.
 */
export type StreamReader = (raw: SseEvent, json: Json | undefined) => boolean;

export interface ApiRoute {
  /** Of the URL, without query. Only POST requests are calls. */
  readonly path: RegExp;
  /** Flavour of the API as the ledger's normalisers name it. */
  readonly api: string;
  /** What path and headers say about the call, where the body does not. */
  readonly describe?: (path: string, request: Json | undefined, headers: Headers) => Partial<ModelUsage>;
  /** `request` is what was asked for, as far as it is JSON or a form. */
  readonly readBody: (facts: CallFacts, body: Json, request: Json | undefined) => void;
  readonly readStream: (facts: CallFacts, request: Json | undefined) => StreamReader;
  /** The request with usage asked for; undefined when nothing has to be changed. */
  readonly askForUsage?: (request: Json) => Json | undefined;
  /** Where the API has one. */
  readonly output?: OutputLimit;
}
