/** Reads usage out of an AI SDK stream while it passes. Parts go on in the same step in which they came. */
import { errorClassOf } from './attempts.js';
import { asObject, asText, type CallFacts, countOutput, errorClassIn } from './facts.js';
import type { StreamReader } from './routes.js';
import { letExit } from './send-batch.js';
import { onAbort } from './signals.js';
import type { StreamHow } from './stream-taps.js';

export interface PartsTap {
  readonly facts: CallFacts;
  /** Reads the provider's own chunks; undefined when nobody knows them. */
  readonly read: StreamReader | undefined;
  /** The caller asked for the provider's own chunks too. */
  readonly keepRaw: boolean;
  readonly drain: boolean;
  /** Nobody will want the numbers any more. */
  readonly ended: AbortSignal;
  /** Stops the provider. */
  readonly stop: () => void;
  readonly later: (work: Promise<void>) => void;
  /** Called once, with the usage of the part that ends the answer, if it came. */
  readonly onEnd: (how: StreamHow, usage: unknown, error?: unknown) => void;
}

/** What follows the last word is bookkeeping; a host that keeps us waiting longer has nothing more to tell. */
const BOOKKEEPING_MS_MAX = 5_000;
/** A drained answer may take as long as answers take. */
const DRAIN_MS_MAX = 10 * 60_000;
/** The AI SDK does not tell its source when a reader of one of its streams leaves: it just stops to pull. */
const IDLE_MS_MAX = 10 * 60_000;

export function tapParts(source: ReadableStream<unknown>, tap: PartsTap, idleMs: number = IDLE_MS_MAX): ReadableStream<unknown> {
  const reader = source.getReader();
  let usage: unknown;
  let left = false;
  let ended = false;
  let pulledMs = Date.now();
  let idle: unknown;
  let reading: ReturnType<typeof reader.read> | undefined;

  /** False for a part that is there only because we asked for it. */
  function pass(value: unknown): boolean {
    const part = asObject(value);
    try {
      switch (part?.['type']) {
        case 'raw':
          tap.read?.({ event: '', data: '' }, asObject(part['rawValue']));
          return tap.keepRaw;
        case 'response-metadata':
          tap.facts.modelServed ??= asText(part['modelId']);
          tap.facts.responseId ??= asText(part['id']);
          break;
        case 'text-delta':
        case 'reasoning-delta':
        case 'tool-input-delta':
          // Where the provider's own chunks are read, these words were counted already.
          if (!tap.read) countOutput(tap.facts, part['delta']);
          else tap.facts.firstOutputMs ??= Date.now();
          break;
        case 'error':
          tap.facts.failed = true;
          tap.facts.errorClass ??= errorClassIn(asObject(asObject(asObject(part['error'])?.['data'])?.['error']) ?? asObject(part['error']), errorClassOf(part['error']));
          break;
        case 'finish':
          usage = part['usage'];
          break;
        default:
      }
    } catch {
      // What a provider invents tomorrow may cost us its numbers, never the caller its stream.
    }
    return true;
  }

  function end(how: StreamHow, error?: unknown): void {
    if (ended) return;
    ended = true;
    clearTimeout(idle as number);
    tap.onEnd(how, usage, error);
  }

  /** Nobody has pulled for so long that nobody will. Should somebody come back after all, the stream goes on. */
  function watchIdle(ms: number): void {
    idle = setTimeout(() => {
      const leftMs = pulledMs + idleMs - Date.now();
      if (leftMs > 0 || reading) watchIdle(leftMs > 0 ? leftMs : idleMs);
      else end('cancelled');
    }, ms);
    letExit(idle);
  }
  watchIdle(idleMs);

  /** The caller has left; reads what still comes, for its numbers only. */
  async function readOn(): Promise<void> {
    const timer: unknown = setTimeout(tap.stop, tap.drain ? DRAIN_MS_MAX : BOOKKEEPING_MS_MAX);
    const stop = onAbort(tap.ended, tap.stop);
    try {
      for (let step = await (reading ?? reader.read()); !step.done; step = await reader.read()) pass(step.value);
    } catch {
      // What was read so far is what there is.
    }
    clearTimeout(timer as number);
    stop();
    end('cancelled');
  }

  return new ReadableStream<unknown>(
    {
      async pull(controller) {
        pulledMs = Date.now();
        try {
          for (;;) {
            reading = reader.read();
            const { done, value } = await reading;
            if (left) return;
            reading = undefined;
            if (done) {
              controller.close();
              return end('ended');
            }
            if (!pass(value)) continue;
            return controller.enqueue(value);
          }
        } catch (error) {
          if (left) return;
          controller.error(error);
          end('broken', error);
        }
      },
      cancel(reason) {
        left = true;
        if (tap.drain || (tap.facts.generated && usage === undefined)) return tap.later(readOn());
        end('cancelled');
        return reader.cancel(reason);
      },
    },
    // Nothing is read ahead: the provider sees the same demand as without us.
    { highWaterMark: 0 },
  );
}
