/** Sends a decided answer at its pace, and reports at every step what the caller has been given. */
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Answer } from './answer';
import type { Latency, Steer } from './contract';
import type { JsonObject } from './json';
import type { Random } from './random';

export interface SendContext {
  readonly response: ServerResponse;
  readonly headers: Record<string, string>;
  readonly steer: Steer;
  readonly random: Random;
  readonly latency: Latency | undefined;
  /** The answer exists from now on, even if its caller is gone. */
  onStart(): void;
  /** What has been generated, and whether the caller was sent the final usage. Called before the bytes leave. */
  onProgress(usage: JsonObject, usageSent: boolean): void;
  onAborted(): void;
  onBroken(errorType: string | null): void;
}

type Sender = SendContext & { readonly gone: AbortSignal; readonly firstMs: number; cut(): void };

export async function sendAnswer(answer: Answer, context: SendContext): Promise<void> {
  const { response, steer, latency, random } = context;
  const gone = new AbortController();
  let cutByFake = false;
  response.once('close', () => {
    if (response.writableFinished || cutByFake) return;
    gone.abort();
    context.onAborted();
  });
  const cut = (): void => {
    cutByFake = true;
    response.destroy();
  };
  const firstMs = steer.delayMs ?? (latency ? latency.firstMs * (0.5 + random.next()) : 0);
  const sender: Sender = { ...context, gone: gone.signal, firstMs, cut };
  if (answer.kind === 'json') return sendJson(answer, sender);
  if (answer.kind === 'stream') return sendStream(answer, sender);
  await pause(firstMs, gone.signal);
  context.onStart();
  cut();
}

async function sendJson(answer: Answer & { kind: 'json' }, sender: Sender): Promise<void> {
  const { response, headers, latency, steer, gone } = sender;
  const thinkMs = latency && steer.delayMs === undefined ? latency.perTokenMs * (answer.billing?.outputTokens ?? 0) : 0;
  await pause(sender.firstMs + thinkMs, gone);
  sender.onStart();
  // A caller that has left is billed all the same: the provider finishes what does not stream.
  if (answer.billing) sender.onProgress(answer.billing.usage, !gone.aborted);
  if (gone.aborted) return;
  const body = JSON.stringify(answer.body);
  response.writeHead(answer.status, { ...headers, ...answer.headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

async function sendStream(answer: Answer & { kind: 'stream' }, sender: Sender): Promise<void> {
  const { response, headers, steer, latency, gone } = sender;
  const { billing, frames } = answer;
  const contentFrames = frames.filter((frame) => frame.content).length;
  const chunkMs = steer.chunkDelayMs ?? (latency ? (latency.perTokenMs * billing.outputTokens) / Math.max(1, contentFrames) : 0);
  const endAfter = steer.breakAfterChunks ?? steer.errorAfterChunks ?? Number.POSITIVE_INFINITY;
  await pause(sender.firstMs, gone);
  sender.onStart();
  sender.onProgress(billing.usageAt(0), false);
  if (gone.aborted) return;
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.flushHeaders();
  let sent = 0;
  let usageSent = false;
  for (const frame of frames) {
    if (frame.content) {
      if (sent >= endAfter) break;
      if (sent > 0) await pause(chunkMs, gone);
      sent += 1;
    }
    if (gone.aborted) return;
    usageSent ||= frame.usage;
    sender.onProgress(frame === frames.at(-1) ? billing.usage : billing.usageAt(frame.outputTokens), usageSent);
    await new Promise<void>((resolve) => { response.write(frame.text, () => resolve()); });
    if (frame.content && sent >= endAfter) break;
  }
  if (gone.aborted) return;
  if (sent < endAfter) {
    response.end();
  } else if (steer.breakAfterChunks !== undefined) {
    sender.onBroken(null);
    sender.cut();
  } else {
    sender.onBroken('stream_error');
    response.end(answer.errorFrame);
  }
}

async function pause(ms: number, gone: AbortSignal): Promise<void> {
  if (ms <= 0 || gone.aborted) return;
  await wait(ms, undefined, { signal: gone }).catch(() => undefined);
}
