/**
 * One file of the spool. A line is an event as it would be sent; `+` before it says that its call had not ended; a line that
 * begins with `-` lists lines that are settled. Appends are synchronous: what was appended survives the death of the process.
 */
import { parseJson } from './facts.js';
import type { FileSystem } from './node-parts.js';

export interface Segment {
  readonly path: string;
  fd: number | undefined;
  bytes: number;
  /** Events so far. */
  lines: number;
  /** Of these, not settled yet. */
  left: number;
  /** Sequence number of the first event that is on disk only; undefined when all are in memory. */
  behindFrom: number | undefined;
  /** Events that are on disk only. */
  behind: number;
  /** The disk does not give it back; the next process may have better luck. */
  stuck: boolean;
}

/** Where an event is on disk. */
export interface Place {
  readonly segment: Segment;
  readonly line: number;
}

interface SpooledLine {
  readonly text: string;
  readonly line: number;
  readonly id: string | undefined;
  readonly kind: 'usage' | 'outcome';
  readonly runId: string | undefined;
}

const MODE = 0o600;
const encoder = new TextEncoder();

export function openSegment(fs: FileSystem, path: string): Segment {
  return { path, fd: fs.openSync(path, 'a', MODE), bytes: 0, lines: 0, left: 0, behindFrom: undefined, behind: 0, stuck: false };
}

/** Throws what the disk says. A line of which only a part was written is no line. */
export function appendLine(fs: FileSystem, segment: Segment, bytes: Uint8Array): Place {
  const fd = (segment.fd ??= fs.openSync(segment.path, 'a', MODE));
  const written = fs.writeSync(fd, bytes);
  segment.bytes += written;
  if (written < bytes.length) {
    segment.bytes += fs.writeSync(fd, encoder.encode('\n'));
    throw new Error('the disk took only a part');
  }
  segment.left += 1;
  return { segment, line: segment.lines++ };
}

/** Notes lines as settled. Throws what the disk says. */
export function markLines(fs: FileSystem, segment: Segment, lines: readonly number[]): void {
  const fd = (segment.fd ??= fs.openSync(segment.path, 'a', MODE));
  segment.bytes += fs.writeSync(fd, encoder.encode(`-${toRanges(lines)}\n`));
}

function toRanges(lines: readonly number[]): string {
  const ranges: string[] = [];
  let from = lines[0]!;
  lines.forEach((line, index) => {
    if (lines[index + 1] === line + 1) return;
    ranges.push(from === line ? String(line) : `${from}-${line}`);
    from = lines[index + 1] ?? 0;
  });
  return ranges.join(',');
}

export interface SegmentText {
  /** Events that are not settled, in order. */
  readonly left: readonly SpooledLine[];
  /** Every line that is an event, settled or not. */
  readonly lines: number;
}

/** `open`: also calls that had not ended, for their process is gone. One that has ended all the same stands there with its end. */
export function readSegment(text: string, open: boolean): SegmentText {
  const events: SpooledLine[] = [];
  const opened = new Set<SpooledLine>();
  const settled = new Set<number>();
  let lines = 0;
  for (const row of text.split('\n')) {
    if (row.startsWith('-')) addRanges(settled, row.slice(1));
    const isOpen = row.startsWith('+');
    if (!isOpen && !row.startsWith('{')) continue;
    const event = toLine(isOpen ? row.slice(1) : row, lines);
    // The last line may be torn; it counts only if it had been acknowledged, which takes all of it.
    if (!event) continue;
    lines += 1;
    events.push(event);
    if (isOpen) opened.add(event);
  }
  const ended = new Set(events.filter((event) => !opened.has(event)).map((event) => event.id));
  const left = events.filter((event) => !settled.has(event.line) && (!opened.has(event) || (open && !ended.has(event.id))));
  return { left, lines };
}

function addRanges(settled: Set<number>, text: string): void {
  for (const range of text.split(',')) {
    const [from = Number.NaN, to = from] = range.split('-').map(Number);
    for (let line = from; line <= to; line++) settled.add(line);
  }
}

function toLine(text: string, line: number): SpooledLine | undefined {
  const event = parseJson(text);
  if (typeof event?.['occurred_at'] !== 'string') return undefined;
  const word = (name: string): string | undefined => (typeof event[name] === 'string' ? event[name] : undefined);
  return { text, line, id: word('id') ?? word('idempotency_key'), kind: event['kind'] === 'outcome' ? 'outcome' : 'usage', runId: word('run_id') };
}
