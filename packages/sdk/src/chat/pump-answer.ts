/** Pieces of an answer -> the stream that a browser reads: text at once, usage at least each second, one end. */
import { letExit } from '../send-batch.js';
import type { AnswerPiece } from './answer-piece.js';
import { type ChatFrame, encodeFrame } from './chat-frames.js';
import type { CustomerUsage } from './customer-usage.js';

export interface AnswerStream {
  readonly begin: ChatFrame;
  readonly pieces: AsyncIterable<AnswerPiece>;
  /** Warnings until now that the browser has not seen. */
  readonly takeWarnings: () => readonly string[];
  readonly usage: () => CustomerUsage | null;
  /** Asks the gate again; the next frame has what it says. */
  readonly refreshUsage: () => void;
  /** The last frame but usage, after the pieces have ended or thrown. */
  readonly end: (error: unknown) => ChatFrame;
  /** The run is over and settled: resolves with what the customer's usage is now. Never rejects. */
  readonly settle: () => Promise<CustomerUsage | null>;
  /** The browser has left. */
  readonly leave: () => void;
}

/** Usage "at least each second", with room for a busy event loop. */
const USAGE_MS = 900;
/** What other runs of the customer use meanwhile is worth a question now and then. */
const REFRESH_EVERY = 5;

export function pumpAnswer(answer: AnswerStream): ReadableStream<Uint8Array> {
  let timer: ReturnType<typeof setInterval> | undefined;
  let pieces: AsyncIterator<AnswerPiece>;
  let gone = false;
  let ticks = 0;
  let lastUsage: CustomerUsage | null = null;

  function send(controller: ReadableStreamDefaultController<Uint8Array>, frame: ChatFrame): void {
    if (!gone) controller.enqueue(encodeFrame(frame));
  }

  function sendUsage(controller: ReadableStreamDefaultController<Uint8Array>, usage: CustomerUsage | null): void {
    if (usage) send(controller, { type: 'usage', usage });
    lastUsage = usage;
  }

  function tick(controller: ReadableStreamDefaultController<Uint8Array>): void {
    ticks += 1;
    if (ticks % REFRESH_EVERY === 0) answer.refreshUsage();
    sendUsage(controller, answer.usage());
  }

  async function finish(controller: ReadableStreamDefaultController<Uint8Array>, error: unknown): Promise<void> {
    clearInterval(timer);
    if (gone) return;
    for (const message of answer.takeWarnings()) send(controller, { type: 'warning', message });
    send(controller, answer.end(error));
    // The person may write again; what the answer has cost arrives behind it.
    const usage = await answer.settle();
    sendUsage(controller, usage ?? lastUsage);
    if (!gone) controller.close();
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        pieces = answer.pieces[Symbol.asyncIterator]();
        send(controller, answer.begin);
        timer = setInterval(() => tick(controller), USAGE_MS);
        letExit(timer);
      },
      async pull(controller) {
        // Each pull must put something in, or it is not called again.
        for (;;) {
          let next: IteratorResult<AnswerPiece, unknown>;
          try {
            next = await pieces.next();
          } catch (error) {
            return finish(controller, error);
          }
          for (const message of answer.takeWarnings()) send(controller, { type: 'warning', message });
          if (lastUsage === null) sendUsage(controller, answer.usage());
          if (next.done) return finish(controller, undefined);
          const { value } = next;
          if (value.kind === 'text') return send(controller, { type: 'text', text: value.text });
          if (value.kind === 'tool') return send(controller, { type: 'tool', id: value.id, name: value.name, arguments: value.arguments });
        }
      },
      async cancel() {
        gone = true;
        clearInterval(timer);
        answer.leave();
        // To its end, which is near now: so that the call is recorded before the run's outcome.
        try {
          while (!(await pieces.next()).done);
        } catch {
          // It was stopped; that is what was asked.
        }
        await answer.settle();
      },
    },
    { highWaterMark: 1 },
  );
}
