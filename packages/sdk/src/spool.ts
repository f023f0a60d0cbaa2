/**
 * The disk behind the queue. Every event is in a file before `record` returns, until the ledger has answered it; what does not
 * fit into memory waits there alone. When the process dies, the next one that sends to the same place takes the files over.
 */
import type { NodeParts } from './node-parts.js';
import { appendLine, markLines, openSegment, type Place, readSegment, type Segment, type SegmentText } from './spool-segment.js';
import type { SpoolFolder } from './spool-folder.js';
import type { OutlayWarning } from './types.js';

export interface LoadedEvent {
  /** Undefined for what another process recorded. */
  readonly seq: number | undefined;
  readonly text: string;
  readonly id: string | undefined;
  readonly kind: 'usage' | 'outcome';
  readonly runId: string | undefined;
  readonly place: Place;
}

export interface Spool {
  readonly dir: string;
  /** Appends an event. `behind`: it stays on disk only, until `load`. Null when the disk takes no more. */
  readonly append: (line: Uint8Array, seq: number, behind: boolean) => Place | null;
  /** Notes a call that has begun. */
  readonly begin: (line: Uint8Array) => Place | null;
  /** These events have their answer, or will never need one. */
  readonly settle: (places: readonly Place[]) => void;
  /** The next events that are on disk only: ours, then those of processes that are gone. Undefined when there are none. */
  readonly load: (nowMs: number) => readonly LoadedEvent[] | undefined;
  /** Whether `load` may have more at once. */
  readonly hasMore: () => boolean;
  /** Events of ours that are on disk only. */
  readonly behind: () => number;
  /** Sequence number of the oldest of them. */
  readonly oldestBehind: () => number;
  readonly bytes: () => number;
  /** Tells other machines that the files have an owner. */
  readonly touch: () => void;
  /** Nobody here sends any more: the next process may take what is left. */
  readonly release: () => void;
}

/** Small enough to be read at once; large enough to be few. */
const SEGMENT_BYTES = 1024 * 1024;
/** How often we look for files of processes that are gone. */
const LOOK_MS = 60_000;

export function createSpool({ fs }: NodeParts, folder: SpoolFolder, bytesMax: number, warn: (warning: OutlayWarning) => void): Spool {
  /** Ours, oldest first; events are appended to the last while it has room. */
  let segments: Segment[] = [];
  let writing: Segment | undefined;
  let usable: boolean | undefined;
  let left: string[] = [];
  let foreignBytes = 0;
  let lookAtMs = 0;
  let said = '';

  const bytes = (): number => segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const behind = (): number => segments.reduce((sum, segment) => sum + segment.behind, 0);

  /** Once, until something else goes wrong. */
  function fault(what: string, error: unknown): void {
    const why = `${what} (${error instanceof Error ? error.message : String(error)})`;
    if (why === said) return;
    said = why;
    warn({ code: 'spool_unavailable', message: `Events are kept in memory only: ${why}. Name another folder in delivery.spoolDir, or false to do without.` });
  }

  function isUsable(): boolean {
    if (usable !== undefined) return usable;
    try {
      folder.open();
      usable = true;
    } catch (error) {
      usable = false;
      fault(`${folder.dir} cannot be used`, error);
    }
    return usable;
  }

  function write(line: Uint8Array, fresh: boolean): Place | null {
    if (!isUsable()) return null;
    try {
      if (bytes() + foreignBytes + line.length > bytesMax) return null;
      if (!writing || fresh || writing.bytes + line.length > SEGMENT_BYTES) {
        closeWriting();
        writing = openSegment(fs, folder.newPath());
        segments.push(writing);
      }
      return appendLine(fs, writing, line);
    } catch (error) {
      closeWriting();
      usable = undefined;
      fault(`${folder.dir} takes no more`, error);
      return null;
    }
  }

  /** The next event goes into a new file. */
  function closeWriting(): void {
    const closed = writing;
    writing = undefined;
    if (!closed) return;
    if (closed.left === 0) remove(closed);
    else if (closed.behind > 0) closeFile(closed);
  }

  function append(line: Uint8Array, seq: number, stays: boolean): Place | null {
    // A file is either wholly in memory or wholly not.
    const place = write(line, stays && writing !== undefined && writing.behind === 0);
    if (place && stays) {
      place.segment.behindFrom ??= seq;
      place.segment.behind += 1;
    }
    return place;
  }

  function settle(places: readonly Place[]): void {
    const linesBySegment = new Map<Segment, number[]>();
    for (const { segment, line } of places) {
      // Released meanwhile: it may be another's by now.
      if (!segments.includes(segment)) continue;
      const lines = linesBySegment.get(segment);
      if (lines) lines.push(line);
      else linesBySegment.set(segment, [line]);
    }
    for (const [segment, lines] of linesBySegment) {
      segment.left -= lines.length;
      if (segment.left === 0) remove(segment);
      // Unmarked they would be sent once more some day, and their ids make them duplicates.
      else attempt(() => markLines(fs, segment, lines));
    }
  }

  function remove(segment: Segment): void {
    closeFile(segment);
    if (segment === writing) writing = undefined;
    segments = segments.filter((one) => one !== segment);
    attempt(() => fs.unlinkSync(segment.path));
  }

  function closeFile(segment: Segment): void {
    const { fd } = segment;
    segment.fd = undefined;
    if (fd !== undefined) attempt(() => fs.closeSync(fd));
  }

  function load(nowMs: number): readonly LoadedEvent[] | undefined {
    const segment = segments.find((one) => one.behind > 0 && !one.stuck);
    if (!segment) return adopt(nowMs);
    if (segment === writing) closeWriting();
    const text = read(segment.path);
    if (!text) {
      segment.stuck = true;
      return undefined;
    }
    const { behindFrom } = segment;
    segment.behind = 0;
    segment.behindFrom = undefined;
    return toLoaded(segment, text, behindFrom);
  }

  function read(path: string, open = false): SegmentText | undefined {
    try {
      return readSegment(fs.readFileSync(path, 'utf8'), open);
    } catch (error) {
      fault(`${path} cannot be read`, error);
      return undefined;
    }
  }

  function toLoaded(segment: Segment, text: SegmentText, from: number | undefined): readonly LoadedEvent[] {
    let seq = from;
    return text.left.map((line) => {
      const loaded = { ...line, seq, place: { segment, line: line.line } };
      if (seq !== undefined) seq += 1;
      return loaded;
    });
  }

  /** Takes over one file of a process that is gone. */
  function adopt(nowMs: number): readonly LoadedEvent[] | undefined {
    if (left.length === 0 && nowMs >= lookAtMs) look(nowMs);
    for (let path = left.shift(); path !== undefined; path = left.shift()) {
      const mine = folder.claim(path);
      if (mine === undefined) continue;
      const text = read(mine, true);
      if (!text) continue;
      const segment: Segment = { path: mine, fd: undefined, bytes: 0, lines: text.lines, left: text.left.length, behindFrom: undefined, behind: 0, stuck: false };
      segments.push(segment);
      attempt(() => {
        segment.bytes = fs.lstatSync(mine).size;
        foreignBytes = Math.max(0, foreignBytes - segment.bytes);
        // What comes behind a torn line must not become part of it.
        segment.fd = fs.openSync(mine, 'a');
        fs.writeSync(segment.fd, new Uint8Array([0x0a]));
      });
      if (segment.left === 0) remove(segment);
      else return toLoaded(segment, text, undefined);
    }
    return undefined;
  }

  function look(nowMs: number): void {
    const first = lookAtMs === 0;
    lookAtMs = nowMs + LOOK_MS;
    if (usable === false) return;
    try {
      // Nothing is made for a client that may never record anything.
      fs.lstatSync(folder.dir);
    } catch {
      return;
    }
    if (!isUsable()) return;
    attempt(() => {
      const found = folder.findLeft(nowMs);
      left = [...found.paths];
      foreignBytes = found.bytes;
      if (first && found.strays > 0) warn({ code: 'spool_left_behind', message: `${found.strays} files in ${folder.dir} hold events that were recorded with another API key. They wait for a process with that key, or with the same delivery.spoolName.` });
    });
  }

  return {
    dir: folder.dir,
    append,
    begin: (line) => write(line, false),
    settle,
    load,
    hasMore: () => left.length > 0 || segments.some((segment) => segment.behind > 0 && !segment.stuck),
    behind,
    oldestBehind: () => segments.find((segment) => segment.behind > 0)?.behindFrom ?? Infinity,
    bytes,
    touch() {
      const now = new Date();
      for (const segment of segments) attempt(() => fs.utimesSync(segment.path, now, now));
    },
    release() {
      closeWriting();
      for (const segment of segments) {
        closeFile(segment);
        attempt(() => fs.renameSync(segment.path, folder.freePath(segment.path)));
      }
      segments = [];
    },
  };
}

/** Tidying up: what fails here costs a file that is in the way, or a request, never an event. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // As it was.
  }
}
