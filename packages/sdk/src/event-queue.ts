/** First in, first out, bounded in events and bytes. What is on its way to the ledger still counts as waiting. */
import type { DailyCostWatch } from './caps.js';

export interface Entry {
  readonly seq: number;
  /** The event as JSON: it can no longer change, and its size is known. */
  readonly text: string;
  readonly bytes: number;
  readonly id: string | undefined;
  readonly kind: 'usage' | 'outcome';
  readonly runId: string | undefined;
  readonly watch: DailyCostWatch | undefined;
}

export interface EventQueue {
  /** Returns what had to make room: the oldest that wait, never what is on its way. */
  readonly push: (entry: Entry) => readonly Entry[];
  /** The next batch; it is on its way until `settle`. At least one entry, if any waits. */
  readonly take: (eventsMax: number, bytesMax: number) => readonly Entry[];
  /** The batch came back; what of it is not settled goes to the front again. */
  readonly settle: (left: readonly Entry[]) => void;
  readonly waiting: () => number;
  /** Waiting and on the way. */
  readonly pending: () => number;
  readonly pendingBytes: () => number;
  /** Sequence number of the oldest pending entry; Infinity when there is none. */
  readonly oldest: () => number;
}

export function createEventQueue(eventsMax: number, bytesMax: number): EventQueue {
  let queue: Entry[] = [];
  let inFlight: readonly Entry[] = [];
  let bytes = 0;

  function push(entry: Entry): readonly Entry[] {
    queue.push(entry);
    bytes += entry.bytes;
    if (queue.length + inFlight.length <= eventsMax && bytes <= bytesMax) return [];
    let count = 0;
    while (count < queue.length && (queue.length - count + inFlight.length > eventsMax || bytes > bytesMax)) bytes -= queue[count++]!.bytes;
    return queue.splice(0, count);
  }

  function take(countMax: number, batchBytesMax: number): readonly Entry[] {
    let count = 0;
    let size = 0;
    while (count < Math.min(queue.length, countMax) && (count === 0 || size + queue[count]!.bytes <= batchBytesMax)) size += queue[count++]!.bytes;
    inFlight = queue.splice(0, count);
    return inFlight;
  }

  function settle(left: readonly Entry[]): void {
    for (const entry of inFlight) bytes -= entry.bytes;
    for (const entry of left) bytes += entry.bytes;
    inFlight = [];
    if (left.length > 0) queue = [...left, ...queue];
  }

  return {
    push,
    take,
    settle,
    waiting: () => queue.length,
    pending: () => queue.length + inFlight.length,
    pendingBytes: () => bytes,
    oldest: () => Math.min(inFlight[0]?.seq ?? Infinity, queue[0]?.seq ?? Infinity),
  };
}
