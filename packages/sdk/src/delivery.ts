/**
 * Takes events to the ledger in the background: batches, retries with the same ids, bounded memory. Recording is a push on
 * an array; nothing here ever waits in, slows or throws into the caller's model call.
 */
import { errorClassOf } from './attempts.js';
import { backoffMs } from './backoff.js';
import { checkDailyCost, type DailyCostWatch, warnUnchecked } from './caps.js';
import { createEventQueue, type Entry } from './event-queue.js';
import type { WireEvent } from './events.js';
import { type BatchResult, canGzip, letExit, sendBatch, type SendOutcome, type SendSettings } from './send-batch.js';
import type { LoadedEvent, Spool } from './spool.js';
import type { Place } from './spool-segment.js';
import type { DeliverySettings, FlushResult, OutlayStats, OutlayWarning, Verdict, VerdictKind } from './types.js';

/** Below the ledger's 4 MB, so that the frame around the events never tips it over. */
const BATCH_BYTES_MAX = 3_900_000;
const BATCH_EVENTS_MAX = 1_000;
/** A busy process may be late by this much; beyond it something is dead. */
const LATE_MS_MAX = 5_000;
/** After a refused key there is no hurry: only a restart or a repaired key helps. */
const REFUSED_DELAY_MS = 30_000;
/** Whoever asks for more patience than this is not the ledger. */
const ASKED_DELAY_MS_MAX = 5 * 60_000;

export interface DeliveryHooks {
  readonly onVerdict: (verdict: Verdict, entry: Entry) => void;
  readonly warn: (warning: OutlayWarning) => void;
  /** Events wait from now on. */
  readonly hold: () => void;
  /** Nothing waits any more. */
  readonly release: () => void;
  /** Runs what belongs to no run of the caller. */
  readonly outside: <R>(fn: () => R) => R;
}

export interface Delivery {
  readonly enqueue: (event: WireEvent, watch?: DailyCostWatch) => void;
  /** Notes on disk that a call has begun, as the event it becomes if its end is never heard. Returns the function that takes it back. */
  readonly begin: (event: () => WireEvent) => () => void;
  /** Where unsent events wait for the next process. */
  readonly spoolDir: string | undefined;
  /** `last`: there will be no other chance. Does not wait out a pause that the server asked for, and gives up for good at the end. */
  readonly flush: (timeoutMs: number, last?: boolean) => Promise<FlushResult>;
  /** Stops the background work; what is recorded afterwards is dropped and reported. */
  readonly close: () => void;
  readonly pending: () => number;
  readonly counters: () => DeliveryCounters;
}

type DeliveryCounters = Pick<
  OutlayStats,
  'recorded' | 'adopted' | 'pending' | 'pendingBytes' | 'spooledBytes' | 'verdicts' | 'dropped' | 'invalid' | 'batches' | 'failedDeliveries' | 'lastError'
>;

interface Waiter {
  readonly seq: number;
  readonly resolve: () => void;
}

export function createDelivery(to: Pick<SendSettings, 'url' | 'apiKey' | 'fetch'>, given: DeliverySettings, spool: Spool | undefined, hooks: DeliveryHooks): Delivery {
  const flushIntervalMs = given.flushIntervalMs ?? 100;
  const maxBatchEvents = Math.max(1, Math.min(given.maxBatchEvents ?? BATCH_EVENTS_MAX, BATCH_EVENTS_MAX));
  const sending: SendSettings = { ...to, timeoutMs: given.requestTimeoutMs ?? 10_000, gzip: given.gzip !== false && canGzip() };
  const queue = createEventQueue(given.maxQueueEvents ?? 50_000, given.maxQueueBytes ?? 16 * 1024 * 1024);
  const verdicts: Record<VerdictKind, number> = { accepted: 0, duplicate: 0, conflict: 0, unpriced: 0, rejected: 0 };
  const counts = { recorded: 0, adopted: 0, dropped: 0, invalid: 0, batches: 0, failedDeliveries: 0, lastError: undefined as string | undefined };
  const waiters = new Set<Waiter>();
  const encoder = new TextEncoder();

  let failuresInRow = 0;
  let batchLimit = maxBatchEvents;
  let running = false;
  let closed = false;
  /** The server asked not to be called before this time. */
  let notBeforeMs = 0;
  let sent: AbortController | undefined;
  let onTheWay: readonly Entry[] = [];
  /** Counts the loops, so that one that was given up does nothing more. */
  let loop = 0;
  /** When the loop, or the timer before it, must have moved on. */
  let aliveUntilMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wake: (() => void) | undefined;
  /** Answered, but not noted on disk yet. */
  let finished: Place[] = [];
  /** Left on disk at the end, for the next process. */
  let parted = 0;

  function enqueue(event: WireEvent, watch?: DailyCostWatch): void {
    let text: string;
    try {
      text = JSON.stringify(event);
    } catch (error) {
      counts.invalid += 1;
      hooks.warn({ code: 'invalid_record', message: `An event cannot be written as JSON and is not recorded (${errorClassOf(error)}).`, eventId: event.id, runId: event.run_id });
      return;
    }
    counts.recorded += 1;
    const line = encoder.encode(`${text}\n`);
    const seq = counts.recorded;
    const entry: Entry = { seq, text, bytes: line.length, id: event.id, kind: event.kind ?? 'usage', runId: event.run_id, watch };
    // Behind others that are on disk only, or the order would be lost.
    const behind = closed || (spool?.behind() ?? 0) > 0 || !queue.hasRoom(line.length);
    const place = spool?.append(line, seq, behind);
    if (place && behind && watch) warnUnchecked(watch, 'its events wait on disk');
    if (place && closed) return;
    if (closed) return drop(entry, 'the client was shut down');
    if (spool && !place && behind) return drop(entry, 'neither memory nor disk takes more');
    hooks.hold();
    if (!place || !behind) for (const oldest of queue.push({ ...entry, place })) drop(oldest, 'the queue is full');
    revive();
    if (!running && (queue.waiting() > 0 || spool?.hasMore())) schedule(queue.waiting() >= maxBatchEvents ? 0 : flushIntervalMs);
  }

  function begin(event: () => WireEvent): () => void {
    let place: Place | null = null;
    try {
      if (spool && !closed) place = spool.begin(encoder.encode(`+${JSON.stringify(event())}\n`));
    } catch {
      // What cannot be written is told when the call ends.
    }
    return () => {
      if (place) spool?.settle([place]);
    };
  }

  /** Takes what waits on disk only into memory, a batch at a time: our own, then what processes left that are gone. */
  function refill(): void {
    if (!spool || closed) return;
    while (queue.waiting() < maxBatchEvents && queue.isSlack()) {
      const loaded = spool.load(Date.now());
      if (!loaded) return;
      for (const event of loaded) queue.load(toEntry(event));
      if (loaded.length > 0) hooks.hold();
    }
  }

  function toEntry({ seq, text, id, kind, runId, place }: LoadedEvent): Entry {
    if (seq === undefined) {
      counts.recorded += 1;
      counts.adopted += 1;
    }
    return { seq: seq ?? counts.recorded, text, bytes: encoder.encode(text).length + 1, id, kind, runId, watch: undefined, adopted: seq === undefined, place };
  }

  function drop(entry: Entry, why: string): void {
    counts.dropped += 1;
    hooks.warn({ code: 'event_dropped', message: `Event ${entry.id ?? `of run ${entry.runId}`} was dropped: ${why}.`, eventId: entry.id, runId: entry.runId });
    if (entry.watch) warnUnchecked(entry.watch, 'its events were dropped');
    resolveWaiters();
  }

  function schedule(delayMs: number): void {
    if (timer !== undefined) {
      if (delayMs > 0 && Date.now() < aliveUntilMs) return;
      clearTimeout(timer);
    }
    expectBy(delayMs);
    timer = hooks.outside(() =>
      setTimeout(() => {
        timer = undefined;
        void drain();
      }, delayMs),
    );
    letExit(timer);
  }

  /** One loop at a time: batches go out one after another, so order and memory stay simple. */
  async function drain(): Promise<void> {
    if (running) return;
    running = true;
    const mine = (loop += 1);
    for (;;) {
      refill();
      if (closed || queue.waiting() === 0) break;
      const batch = (onTheWay = queue.take(batchLimit, BATCH_BYTES_MAX));
      const askToday = batch.some((entry) => entry.watch !== undefined);
      expectBy(sending.timeoutMs);
      const outcome = await sendBatch(sending, batch.map((entry) => entry.text), askToday, (sent = new AbortController()));
      if (mine !== loop) return;
      sent = undefined;
      onTheWay = [];
      counts.batches += 1;
      const pauseMs = settle(batch, outcome);
      noteFinished();
      if (pauseMs > 0 && !closed) {
        expectBy(pauseMs);
        await pause(pauseMs);
        if (mine !== loop) return;
      } else if (!urgent()) break;
    }
    running = false;
    if (queue.waiting() > 0 && !closed) schedule(flushIntervalMs);
  }

  function noteFinished(): void {
    if (finished.length > 0) spool?.settle(finished);
    finished = [];
    resolveWaiters();
  }

  function expectBy(ms: number): void {
    aliveUntilMs = Date.now() + ms + LATE_MS_MAX;
  }

  /**
   * Some edges end a request together with the timers and fetches it began, those of this loop too. A loop that should have
   * moved on long ago is given up, and its batch sent again: the ids make that harmless.
   */
  function revive(): void {
    if (!running || Date.now() < aliveUntilMs) return;
    loop += 1;
    running = false;
    sent?.abort();
    sent = undefined;
    queue.settle(onTheWay);
    onTheWay = [];
  }

  /** What came in meanwhile waits for others like any batch, unless it is one already, somebody waits, or halves are on their way. */
  function urgent(): boolean {
    return waiters.size > 0 || batchLimit < maxBatchEvents || (spool?.hasMore() ?? false) || queue.waiting() >= maxBatchEvents;
  }

  /** Books the answer; returns how long to wait before the next delivery. */
  function settle(batch: readonly Entry[], outcome: SendOutcome): number {
    switch (outcome.kind) {
      case 'answered': {
        const left = reportAnswered(batch, outcome);
        queue.settle(left);
        batchLimit = maxBatchEvents;
        if (left.length < batch.length) failuresInRow = 0;
        return left.length > 0 ? countFailure(`the ledger gave no verdict on ${left.length} events`, undefined) : 0;
      }
      case 'split': {
        // One event is at fault, or all together are too large: halves go through, and the one that never does is rejected.
        queue.settle(batch.length > 1 ? batch : []);
        batchLimit = batch.length > 1 ? Math.ceil(batch.length / 2) : maxBatchEvents;
        counts.lastError = outcome.error;
        if (batch.length === 1) report(batch[0]!, { index: 0, verdict: 'rejected', reason: outcome.reason, field: outcome.field, message: outcome.error }, undefined);
        return 0;
      }
      case 'refused': {
        queue.settle(batch);
        hooks.warn({ code: 'key_refused', message: `Outlay refuses the API key: ${outcome.error}. ${pending()} events wait.` });
        const pauseMs = Math.max(REFUSED_DELAY_MS, countFailure(outcome.error, undefined));
        for (const waiter of waiters) waiter.resolve();
        return pauseMs;
      }
      case 'retry':
        queue.settle(batch);
        return countFailure(outcome.error, outcome.waitMs);
    }
  }

  /** Returns the entries on which the answer says nothing. */
  function reportAnswered(batch: readonly Entry[], answer: SendOutcome & { kind: 'answered' }): readonly Entry[] {
    const resultsByIndex = new Map(answer.results.map((result) => [result.index, result]));
    const watches = new Set<DailyCostWatch>();
    const left = batch.filter((entry, index) => {
      const result = resultsByIndex.get(index);
      if (!result) return true;
      report(entry, result, answer.requestId);
      if (entry.watch) watches.add(entry.watch);
      return false;
    });
    for (const watch of watches) checkDailyCost(watch, answer.today[watch.customerId]);
    return left;
  }

  /** An event's one verdict. It never goes back into the queue, whatever the verdict is. */
  function report(entry: Entry, result: BatchResult, requestId: string | undefined): void {
    verdicts[result.verdict] += 1;
    if (entry.place) finished.push(entry.place);
    hooks.onVerdict({
      id: result.id ?? entry.id,
      kind: entry.kind,
      runId: entry.runId,
      verdict: result.verdict,
      costUsd: result.cost_usd,
      reason: result.reason,
      field: result.field,
      message: result.message,
      requestId,
    }, entry);
  }

  function countFailure(error: string, askedMs: number | undefined): number {
    counts.failedDeliveries += 1;
    spool?.touch();
    counts.lastError = error;
    failuresInRow += 1;
    hooks.warn({ code: 'delivery_failing', message: `Events cannot be delivered (${error}). ${pending()} wait and are sent again.` });
    // Later than asked by a share of chance: all clients were told the same time.
    const waitMs = Math.min(askedMs ?? 0, ASKED_DELAY_MS_MAX) * (1 + Math.random() / 5);
    notBeforeMs = Date.now() + waitMs;
    return Math.max(waitMs, backoffMs(failuresInRow, given.baseDelayMs ?? 250, given.maxDelayMs ?? 30_000, Math.random()));
  }

  /** Ends early when somebody flushes, unless the server asked for it. */
  async function pause(ms: number): Promise<void> {
    let end = (): void => undefined;
    await new Promise<void>((resolve) => {
      const pauseTimer = setTimeout(resolve, ms);
      letExit(pauseTimer);
      end = () => {
        clearTimeout(pauseTimer);
        resolve();
      };
      wake = end;
    });
    if (wake === end) wake = undefined;
  }

  /** A flush is done when everything recorded before it is settled. */
  function resolveWaiters(): void {
    const oldest = oldestPending();
    for (const waiter of waiters) if (waiter.seq < oldest) waiter.resolve();
    if (oldest === Infinity) hooks.release();
  }

  function oldestPending(): number {
    return parted > 0 ? 0 : Math.min(queue.oldest(), spool?.oldestBehind() ?? Infinity);
  }

  function pending(): number {
    return parted + queue.pending() + (spool?.behind() ?? 0);
  }

  async function flush(timeoutMs: number, last = false): Promise<FlushResult> {
    const deadlineMs = Date.now() + timeoutMs;
    refill();
    const upTo = counts.recorded;
    if (!closed && oldestPending() <= upTo) {
      await new Promise<void>((resolve) => {
        // This timer keeps the process alive: whoever flushes wants to wait.
        const deadline = setTimeout(() => {
          // A request that hangs would hold the process longer than it was given.
          if (last) sent?.abort();
          waiter.resolve();
        }, timeoutMs);
        const waiter: Waiter = {
          seq: upTo,
          resolve: () => {
            clearTimeout(deadline);
            waiters.delete(waiter);
            resolve();
          },
        };
        waiters.add(waiter);
        revive();
        if (!running) schedule(0);
        else if (last || Date.now() >= notBeforeMs) wake?.();
      });
    }
    const delivered = oldestPending() > upTo;
    // What other processes left comes file by file.
    if (delivered && !closed && spool?.hasMore() && Date.now() < deadlineMs) return flush(deadlineMs - Date.now(), last);
    return { delivered, pending: pending() };
  }

  function close(): void {
    if (closed) return;
    closed = true;
    if (timer !== undefined) clearTimeout(timer);
    wake?.();
    sent?.abort();
    for (const waiter of waiters) waiter.resolve();
    hooks.release();
    const unsent = pending();
    const where = whereUnsent();
    parted = spool?.behind() ?? 0;
    spool?.release();
    if (unsent > 0) hooks.warn({ code: 'events_unsent', message: `${unsent} events were not delivered before the end${counts.lastError ? ` (${counts.lastError})` : ''}.${where}` });
  }

  function whereUnsent(): string {
    return spool && spool.bytes() > 0 ? ` They wait in ${spool.dir} for the next process.` : '';
  }

  /** What processes left that are gone is sent without waiting for the first event of this one. */
  function sendLeft(): void {
    refill();
    if (!running && queue.waiting() > 0) schedule(0);
  }
  if (spool) letExit(hooks.outside(() => setTimeout(sendLeft, 0)));

  return {
    enqueue,
    begin,
    flush,
    close,
    pending,
    spoolDir: spool?.dir,
    counters: () => ({ ...counts, spooledBytes: spool?.bytes() ?? 0, pending: pending(), pendingBytes: queue.pendingBytes(), verdicts: { ...verdicts } }),
  };
}
