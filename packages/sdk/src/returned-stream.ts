/**
 * Watches what `action` returned until its stream ends, fails or is cancelled. Chunks pass through untouched and at once.
 * Objects keep their identity where possible (their private fields forbid a proxy): their iterator is replaced in place.
 */
import type { RunEnd } from './types.js';

export interface StreamHooks {
  /** Runs the producer's code inside the run, whoever pulls the chunk. */
  readonly within: <R>(fn: () => R) => R;
  /** The first end counts; others may follow it. */
  readonly onEnd: (end: RunEnd) => void;
}

/** The value to hand on and whether it streams; a value that does not stream has ended already. */
export function watchStream<T>(value: T, hooks: StreamHooks): { readonly value: T; readonly streaming: boolean } {
  if (typeof value !== 'object' || value === null) return { value, streaming: false };
  if (isResponse(value)) {
    if (value.body === null || value.bodyUsed || value.body.locked) return { value, streaming: false };
    return { value: copyResponse(value, watchReadable(value.body, hooks)) as T, streaming: true };
  }
  if (isReadable(value)) return value.locked ? { value, streaming: false } : { value: watchReadable(value, hooks) as T, streaming: true };
  if (isEventStream(value)) return { value, streaming: watchEventStream(value, hooks) };
  if (isNodeReadable(value)) return { value, streaming: watchNodeReadable(value, hooks) };
  if (isIterable(value)) return { value: watchIterable(value, hooks) as T, streaming: true };
  return { value, streaming: false };
}

function isResponse(value: object): value is Response {
  return 'status' in value && 'headers' in value && 'body' in value && 'arrayBuffer' in value && (value.body === null || isReadable(value.body));
}

function isReadable(value: unknown): value is ReadableStream<unknown> {
  return typeof value === 'object' && value !== null && 'getReader' in value && typeof value.getReader === 'function';
}

/** A new response with another body; `url` is kept, though the constructor cannot set it. */
export function copyResponse(response: Response, body: ReadableStream<unknown>): Response {
  const copy = new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>, { status: response.status, statusText: response.statusText, headers: response.headers });
  Object.defineProperty(copy, 'url', { value: response.url });
  return copy;
}

function watchReadable(source: ReadableStream<unknown>, hooks: StreamHooks): ReadableStream<unknown> {
  const reader = source.getReader();
  return new ReadableStream<unknown>(
    {
      async pull(controller) {
        try {
          const { done, value } = await hooks.within(() => reader.read());
          if (!done) return controller.enqueue(value);
          controller.close();
          hooks.onEnd({ how: 'stream_completed' });
        } catch (error) {
          controller.error(error);
          hooks.onEnd({ how: 'stream_failed', error });
        }
      },
      cancel(reason) {
        hooks.onEnd({ how: 'stream_cancelled' });
        return reader.cancel(reason);
      },
    },
    // Nothing is read ahead: the source sees the same demand as without us.
    { highWaterMark: 0 },
  );
}

/** The helpers of the official clients (`.stream()`): they run by themselves and tell their end, iterated or not. */
interface EventStreamLike {
  on(event: 'end', listener: () => void): unknown;
  readonly ended: boolean;
  readonly errored: boolean;
  readonly aborted: boolean;
}

function isEventStream(value: object): value is EventStreamLike {
  return 'on' in value && typeof value.on === 'function' && 'ended' in value && 'errored' in value && 'aborted' in value;
}

function watchEventStream(value: EventStreamLike, hooks: StreamHooks): boolean {
  const tell = (): void => hooks.onEnd({ how: value.aborted ? 'stream_cancelled' : value.errored ? 'stream_failed' : 'stream_completed' });
  // Not "error": a listener there would silence the client's own report of an unhandled error.
  value.on('end', tell);
  if (value.ended) tell();
  return true;
}

/** Node's `Readable`: it may be piped, read by events or iterated; its own events tell the end in each case. */
interface NodeReadableLike {
  on(event: 'end' | 'close', listener: () => void): unknown;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  readonly errored?: unknown;
}

function isNodeReadable(value: object): value is NodeReadableLike {
  return 'pipe' in value && typeof value.pipe === 'function' && 'on' in value && typeof value.on === 'function' && 'readableEnded' in value && 'destroyed' in value;
}

function watchNodeReadable(value: NodeReadableLike, hooks: StreamHooks): boolean {
  const tell = (): void => {
    if (value.errored) hooks.onEnd({ how: 'stream_failed', error: value.errored });
    else hooks.onEnd({ how: value.readableEnded ? 'stream_completed' : 'stream_cancelled' });
  };
  // Not "error": a listener there would silence an error that nobody handles.
  value.on('end', tell);
  value.on('close', tell);
  if (value.readableEnded || value.destroyed) tell();
  return true;
}

function isIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function';
}

function watchIterable(value: AsyncIterable<unknown>, hooks: StreamHooks): AsyncIterable<unknown> {
  const target = value as AsyncIterable<unknown> & Partial<AsyncIterator<unknown>> & { iterator?: unknown; controller?: { signal?: AbortSignal } };
  const wasAborted = (): boolean => target.controller?.signal?.aborted === true;
  if (!Object.isExtensible(target)) {
    return { [Symbol.asyncIterator]: () => watchIterator(value[Symbol.asyncIterator](), hooks, wasAborted) };
  }
  if (typeof target.iterator === 'function' && target.controller) {
    // The clients' `Stream`: iteration, tee() and toReadableStream() all start at its field `iterator`.
    const iterate = target.iterator.bind(target) as () => AsyncIterator<unknown>;
    target.iterator = () => watchIterator(iterate(), hooks, wasAborted);
    return value;
  }
  if (typeof target.next === 'function') {
    const watched = watchIterator({ next: target.next.bind(target), return: target.return?.bind(target), throw: target.throw?.bind(target) }, hooks, wasAborted);
    Object.assign(target, { next: watched.next, return: watched.return, throw: watched.throw });
    return value;
  }
  const iterate = value[Symbol.asyncIterator].bind(value);
  Object.defineProperty(value, Symbol.asyncIterator, { value: () => watchIterator(iterate(), hooks, wasAborted), configurable: true });
  return value;
}

function watchIterator(inner: AsyncIterator<unknown>, hooks: StreamHooks, wasAborted: () => boolean): AsyncIterableIterator<unknown> {
  const step = async (advance: () => Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> => {
    try {
      const result = await hooks.within(advance);
      // The clients' streams end without an error when their controller was aborted.
      if (result.done) hooks.onEnd({ how: wasAborted() ? 'stream_cancelled' : 'stream_completed' });
      return result;
    } catch (error) {
      hooks.onEnd({ how: 'stream_failed', error });
      throw error;
    }
  };
  const watched: AsyncIterableIterator<unknown> = {
    next: (...args) => step(() => inner.next(...args)),
    async return(value) {
      hooks.onEnd({ how: 'stream_cancelled' });
      return inner.return ? hooks.within(() => inner.return!(value)) : { done: true, value };
    },
    throw: (error) => step(() => (inner.throw ? inner.throw(error) : Promise.reject(error))),
    [Symbol.asyncIterator]: () => watched,
  };
  return watched;
}
