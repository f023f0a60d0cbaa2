/**
 * Reads usage out of a provider's event stream while it passes. Each chunk goes on in the same step in which it came; the
 * only bytes ever held back are those of the usage chunk that the caller did not ask for.
 */
import { type CallFacts, parseJson } from './facts.js';
import type { StreamReader } from './routes.js';
import { type FollowedSignals, onAbort } from './signals.js';
import { createSseSplitter, type SsePiece } from './sse.js';

/** `cancelled` by the caller, `broken` by the network. */
export type StreamHow = 'ended' | 'cancelled' | 'broken';

export interface StreamTap {
  readonly facts: CallFacts;
  readonly read: StreamReader;
  /** Leave out the events for which `read` answers true. */
  readonly hide: boolean;
  /** Read on for the exact usage even when the caller leaves early. */
  readonly drain: boolean;
  readonly signals: FollowedSignals;
  /** Nobody will want the numbers any more. */
  readonly ended: AbortSignal;
  readonly later: (work: Promise<void>) => void;
  /** Called once. */
  readonly onEnd: (how: StreamHow, error?: unknown) => void;
}

/** What follows the last word is a few hundred bytes; a host that keeps us waiting longer has nothing more to tell. */
const BOOKKEEPING_MS_MAX = 5_000;
/** A drained answer may take as long as answers take. */
const DRAIN_MS_MAX = 10 * 60_000;

export function tapStream(source: ReadableStream<Uint8Array>, tap: StreamTap): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  const filter = createFilter(tap);
  let reading: ReturnType<typeof reader.read> | undefined;
  let left = false;
  let output: ReadableStreamDefaultController<Uint8Array>;

  const worthReadingOn = (): boolean => tap.drain || (tap.facts.generated && !tap.facts.complete);
  // The clients abort their request when a caller leaves a stream: that must not cut off what is worth reading on.
  tap.signals.setGate(
    () => left || !worthReadingOn(),
    (reason) => {
      output.error(reason);
      leave();
    },
  );

  function end(how: StreamHow, error?: unknown): void {
    tap.signals.release();
    tap.onEnd(how, error);
  }

  function leave(): void {
    left = true;
    tap.later(readOn());
  }

  /** The caller has left; reads what the provider still says, for its numbers only. */
  async function readOn(): Promise<void> {
    const timer: unknown = setTimeout(() => tap.signals.abort(), tap.drain ? DRAIN_MS_MAX : BOOKKEEPING_MS_MAX);
    const stop = onAbort(tap.ended, tap.signals.abort);
    tap.signals.release();
    try {
      for (let step = await (reading ?? reader.read()); !step.done && !tap.facts.complete; step = await reader.read()) filter.pass(step.value);
    } catch {
      // What was read so far is what there is.
    }
    clearTimeout(timer as number);
    stop();
    filter.passRest();
    end('cancelled');
    tap.signals.abort();
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        output = controller;
      },
      async pull(controller) {
        try {
          for (;;) {
            reading = reader.read();
            const { done, value } = await reading;
            if (left) return;
            reading = undefined;
            const bytes = done ? filter.passRest() : filter.pass(value);
            if (bytes) controller.enqueue(bytes);
            if (done) {
              controller.close();
              return end('ended');
            }
            if (bytes) return;
          }
        } catch (error) {
          if (left) return;
          controller.error(error);
          end(tap.signals.signal.aborted ? 'cancelled' : 'broken', error);
        }
      },
      cancel(reason) {
        if (worthReadingOn()) return leave();
        left = true;
        end('cancelled');
        return reader.cancel(reason);
      },
    },
    // Nothing is read ahead: the provider sees the same demand as without us.
    { highWaterMark: 0 },
  );
}

interface Filter {
  /** The bytes to hand on for a chunk: the chunk itself, unless something in it is hidden or not complete yet. */
  readonly pass: (chunk: Uint8Array) => Uint8Array | null;
  /** The last event of a stream may come without its blank line. */
  readonly passRest: () => Uint8Array | null;
}

function createFilter(tap: Pick<StreamTap, 'read' | 'hide'>): Filter {
  const splitter = createSseSplitter();
  const encoder = new TextEncoder();

  /** Reads the events and returns the text that may go on. */
  function readPieces(pieces: readonly SsePiece[]): string {
    let text = '';
    for (const piece of pieces) {
      if (!(isExtra(piece) && tap.hide)) text += piece.text;
    }
    return text;
  }

  /** What a provider invents tomorrow may cost us its numbers, never the caller its stream. */
  function isExtra({ event }: SsePiece): boolean {
    try {
      return event !== null && tap.read(event, parseJson(event.data));
    } catch {
      return false;
    }
  }

  return {
    pass(chunk) {
      const whole = splitter.atBoundary();
      const pieces = splitter.push(chunk);
      const text = readPieces(pieces);
      if (!tap.hide) return chunk;
      const length = pieces.reduce((sum, piece) => sum + piece.text.length, 0);
      if (whole && splitter.atBoundary() && text.length === length) return chunk;
      return text === '' ? null : encoder.encode(text);
    },
    passRest() {
      const rest = splitter.rest();
      const text = rest ? readPieces([rest]) : '';
      return tap.hide && text !== '' ? encoder.encode(text) : null;
    },
  };
}
