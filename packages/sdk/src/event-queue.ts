/** First in, first out, bounded in events and bytes. What is on its way to the ledger still counts as waiting. */
import type { DailyCostWatch } from './caps.js';
import type { Place } from './spool-segment.js';

export interface Entry {
  readonly seq: number;
  /** The event as JSON: it can no longer change, and its size is known. */
  readonly text: string;
  readonly bytes: number;
  readonly id: string | undefined;
  readonly kind: 'usage' | 'outcome';
  readonly runId: string | undefined;
  readonly watch: DailyCostWatch | undefined;
  /** Left by a process that is gone. */
  readonly adopted?: boolean;
  /** Where it is on disk. */
  readonly place?: Place | null | undefined;
}

export interface EventQueue {
  /** Returns what had to make room: the oldest that wait, never what is on its way. */
  readonly push: (entry: Entry) => readonly Entry[];
  /** Takes it in whatever the bounds: it comes from a file that is read as a whole. */
  readonly load: (entry: Entry) => void;
  /** The next batch; it is on its way until `settle`. At least one entry, if any waits. */
  readonly take: (eventsMax: number, bytesMax: number) => readonly Entry[];
  /** The batch came back; what of it is not settled goes to the front again. */
  readonly settle: (left: readonly Entry[]) => void;
  readonly waiting: () => number;
  /** Whether so many bytes more would still be within the bounds. */
  readonly hasRoom: (bytes: number) => boolean;
  /** Whether less than half of the bounds is used. */
  readonly isSlack: () => boolean;
  /** Waiting and on the way. */
  readonly pending: () => number;
  readonly pendingBytes: () => number;
  /** Sequence number of the oldest pending entry; Infinity when there is none. */
  readonly oldest: () => number;
}

export function createEventQueue(eventsMax: number, bytesMax: number): EventQueue {
  let queue: (Entry | undefined)[] = [];
  /** Where the queue begins: moving all entries for each one that leaves costs more than all the rest when it is full. */
  let head = 0;
  let inFlight: readonly Entry[] = [];
  let bytes = 0;

  const waiting = (): number => queue.length - head;
  const first = (): Entry | undefined => queue[head];

  function shift(): Entry {
    const entry = queue[head]!;
    queue[head++] = undefined;
    if (head > 1_000 && head * 2 > queue.length) {
      queue = queue.slice(head);
      head = 0;
    }
    return entry;
  }

  function load(entry: Entry): void {
    queue.push(entry);
    bytes += entry.bytes;
  }

  function push(entry: Entry): readonly Entry[] {
    load(entry);
    const dropped: Entry[] = [];
    while (waiting() > 0 && (waiting() + inFlight.length > eventsMax || bytes > bytesMax)) {
      const oldest = shift();
      bytes -= oldest.bytes;
      dropped.push(oldest);
    }
    return dropped;
  }

  function take(countMax: number, batchBytesMax: number): readonly Entry[] {
    const batch: Entry[] = [];
    let size = 0;
    for (let next = first(); next && batch.length < countMax && (batch.length === 0 || size + next.bytes <= batchBytesMax); next = first()) {
      size += next.bytes;
      batch.push(shift());
    }
    inFlight = batch;
    return batch;
  }

  function settle(left: readonly Entry[]): void {
    for (const entry of inFlight) bytes -= entry.bytes;
    for (const entry of left) bytes += entry.bytes;
    inFlight = [];
    if (left.length === 0) return;
    queue = [...left, ...queue.slice(head)];
    head = 0;
  }

  return {
    push,
    load,
    take,
    settle,
    waiting,
    hasRoom: (more) => waiting() + inFlight.length < eventsMax && bytes + more <= bytesMax,
    isSlack: () => waiting() + inFlight.length < eventsMax / 2 && bytes < bytesMax / 2,
    pending: () => waiting() + inFlight.length,
    pendingBytes: () => bytes,
    oldest: () => Math.min(inFlight[0]?.seq ?? Infinity, first()?.seq ?? Infinity),
  };
}
