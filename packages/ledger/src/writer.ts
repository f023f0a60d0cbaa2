/**
 * The ledger's writer: group commit. While a statement is in flight the queue grows, and the next group takes what waits, at most 1,000
 * rows; no timer lingers. A caller is answered after the commit, so an accepted event is durable.
 */
import { DomainError } from '@outlay/kernel';
import { idTimeMs, isKeyId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import type { EventRow } from './columns';
import { type Failure, failureOf, missingMonths, retryDelayMs } from './write-failure';
import { openWriterSlot, rowKey, type StoredRow, type WriterSlot } from './writer-slot';

/** What is written or not written as a whole: one event's rows (a part a model), or a correction's pair. */
export interface WriteUnit {
  readonly rows: readonly EventRow[];
}

export type WriteVerdict =
  | { readonly verdict: 'accepted' }
  | { readonly verdict: 'duplicate' }
  | { readonly verdict: 'conflict'; readonly inputHash: string; readonly storedHash: string }
  | { readonly verdict: 'rejected'; readonly reason: string; readonly message: string };

export interface Committed {
  readonly slot: number;
  readonly batch: bigint;
  readonly rows: readonly EventRow[];
}

export interface WriterOptions {
  readonly connections?: number;
  readonly rowsPerGroup?: number;
  /** Back-pressure: more waiting rows than this and a submission is refused before memory grows. */
  readonly rowsWaitingMax?: number;
  /** How long a submission may wait for a database that is away before it is refused. */
  readonly patienceMs?: number;
  /** Told of every batch, right after its submitters were answered; `rows` are those that were new, perhaps none. A batch whose commit was not answered is never told. */
  readonly onCommitted?: (committed: Committed) => void;
  /** Told how large each group was and how long its transaction took, for metrics. */
  readonly onGroup?: (group: { readonly rows: number; readonly seconds: number }) => void;
  readonly log?: (sentence: string, error: unknown) => void;
  /** Only for the bench. */
  readonly insertOnly?: boolean;
}

export interface LedgerWriter {
  /** Answers one verdict a unit, in order, after the commit. Errors: `overloaded` (429), `unavailable` (503); then nothing is known to be recorded. */
  submit(units: readonly WriteUnit[]): Promise<WriteVerdict[]>;
  readonly waitingRows: number;
  /** True while at least one connection holds a slot. */
  readonly ready: boolean;
  /** Writes what waits, then gives the slots back. */
  close(): Promise<void>;
}

interface Submission {
  readonly verdicts: WriteVerdict[];
  open: number;
  readonly deadlineMs: number;
  resolve(verdicts: WriteVerdict[]): void;
  reject(error: Error): void;
  failed: boolean;
}

interface Waiting {
  readonly unit: WriteUnit;
  readonly submission: Submission;
  readonly index: number;
}

export async function createLedgerWriter(db: Database, options: WriterOptions = {}): Promise<LedgerWriter> {
  const rowsPerGroup = options.rowsPerGroup ?? 1_000;
  const rowsWaitingMax = options.rowsWaitingMax ?? 50_000;
  const patienceMs = options.patienceMs ?? 15_000;
  let queue: Waiting[] = [];
  let head = 0;
  let waitingRows = 0;
  let closing = false;
  let ready = 0;
  const wakers: (() => void)[] = [];

  function takeGroup(): Waiting[] {
    const group: Waiting[] = [];
    let rows = 0;
    while (head < queue.length) {
      const next = queue[head]!;
      if (rows > 0 && rows + next.unit.rows.length > rowsPerGroup) break;
      head += 1;
      rows += next.unit.rows.length;
      if (!next.submission.failed) group.push(next);
    }
    waitingRows -= rows;
    if (head === queue.length) {
      queue = [];
      head = 0;
    } else if (head > 16_384) {
      queue = queue.slice(head);
      head = 0;
    }
    return group;
  }

  function settle(waiting: Waiting, verdict: WriteVerdict): void {
    const { submission } = waiting;
    submission.verdicts[waiting.index] = verdict;
    submission.open -= 1;
    if (submission.open === 0 && !submission.failed) submission.resolve(submission.verdicts);
  }

  function refuse(group: readonly Waiting[], error: Error): void {
    for (const { submission } of group) {
      if (submission.failed) continue;
      submission.failed = true;
      submission.reject(error);
    }
  }

  /** Writes one group to its end: retries what can be retried, halves what the database refuses, so that one bad event stands alone. */
  async function writeGroup(slot: WriterSlot, group: readonly Waiting[]): Promise<Failure | null> {
    const { firsts, rows, wholes } = collapse(group);
    for (let attempt = 1; ; attempt++) {
      try {
        const startedMs = performance.now();
        const written = await slot.write(rows, wholes);
        options.onGroup?.({ rows: rows.length, seconds: (performance.now() - startedMs) / 1_000 });
        for (const waiting of group) settle(waiting, verdictOf(waiting.unit, firsts, written.stored));
        if (options.onCommitted) {
          const inserted = written.stored === null ? rows : rows.filter((row) => written.stored?.get(rowKey(row))?.mine);
          options.onCommitted({ slot: written.slot, batch: written.batch, rows: inserted });
        }
        return null;
      } catch (error) {
        const failure = failureOf(error);
        // When even that fails the group is tried again, and then refused: a writer must not end by it.
        if (failure === 'partition') await ensurePartitions(db, rows).catch((cause: unknown) => options.log?.('A partition of the ledger could not be made.', cause));
        else if (failure === 'archived') return await writeWithoutArchived(slot, group, error);
        else if (failure === 'data') return await writeHalves(slot, group, error);
        else if (failure === 'lost') return failure;
        if (attempt >= 8) {
          options.log?.('A group of events could not be written.', error);
          refuse(group, new DomainError('unavailable', { cause: error }));
          return null;
        }
        await delay(retryDelayMs(attempt));
      }
    }
  }

  /** Whether an event of an archived month is new nobody can tell any more: it is refused, and its neighbours are written. */
  async function writeWithoutArchived(slot: WriterSlot, group: readonly Waiting[], error: unknown): Promise<Failure | null> {
    const { rows } = await db.app.query<{ month: string }>(`SELECT to_char(month, 'YYYY-MM') AS month FROM archived_months`);
    const archived = new Set(rows.map(({ month }) => month));
    const isArchived = ({ unit }: Waiting): boolean => unit.rows.some(({ id }) => !isKeyId(id) && archived.has(new Date(idTimeMs(id)).toISOString().slice(0, 7)));
    const rest = group.filter((waiting) => !isArchived(waiting));
    // None: it was thawed meanwhile, or is told by halves.
    if (rest.length === group.length) return await writeHalves(slot, group, error);
    for (const waiting of group) {
      if (isArchived(waiting)) settle(waiting, { verdict: 'rejected', reason: 'month_archived', message: 'The month of this id is archived and takes no events any more. Whether it is new cannot be told: ask whoever runs Outlay to restore the month.' });
    }
    return rest.length === 0 ? null : await writeGroup(slot, rest);
  }

  async function writeHalves(slot: WriterSlot, group: readonly Waiting[], error: unknown): Promise<Failure | null> {
    if (group.length === 1) {
      options.log?.('An event cannot be stored.', error);
      settle(group[0]!, { verdict: 'rejected', reason: 'not_storable', message: 'The database cannot hold this event: look for characters such as \\u0000 in its texts.' });
      return null;
    }
    const middle = group.length >> 1;
    return (await writeGroup(slot, group.slice(0, middle))) ?? (await writeGroup(slot, group.slice(middle)));
  }

  /** Puts back what has no verdict yet. */
  function requeue(group: readonly Waiting[]): void {
    setQueue([...group, ...queue.slice(head)]);
  }

  function setQueue(waiting: readonly Waiting[]): void {
    queue = waiting.filter(({ submission, index }) => !submission.failed && submission.verdicts[index] === undefined);
    head = 0;
    waitingRows = queue.reduce((sum, { unit }) => sum + unit.rows.length, 0);
  }

  function isDone(): boolean {
    return closing && head === queue.length;
  }

  /** A connection's life: take a slot, write groups while there are any, start again after a loss. */
  async function runConnection(first: WriterSlot | null): Promise<void> {
    let slot = first;
    let losses = 0;
    while (!isDone()) {
      try {
        slot ??= await openWriterSlot(db, options);
      } catch (error) {
        options.log?.('The ledger writer cannot reach its database; it tries again.', error);
        losses += 1;
        refuseOverdue(error);
        await delay(retryDelayMs(losses));
        continue;
      }
      ready += 1;
      losses = 0;
      for (;;) {
        const group = takeGroup();
        if (group.length === 0) {
          if (closing) break;
          await new Promise<void>((resolve) => wakers.push(resolve));
          continue;
        }
        const failure = await writeGroup(slot, group);
        if (failure !== null) {
          requeue(group);
          break;
        }
      }
      ready -= 1;
      await slot.close().catch(() => undefined);
      slot = null;
    }
  }

  function refuseOverdue(cause: unknown): void {
    const now = Date.now();
    refuse(queue.slice(head).filter(({ submission }) => submission.deadlineMs < now), new DomainError('unavailable', { cause, retryAfterSeconds: 2 }));
    setQueue(queue.slice(head));
  }

  const opened: WriterSlot[] = [];
  for (let n = 0; n < (options.connections ?? 2); n++) {
    opened.push(await openWriterSlot(db, options));
  }
  const connections = opened.map((slot) => runConnection(slot));

  function wakeAll(): void {
    for (const wake of wakers.splice(0)) wake();
  }

  return {
    submit: (units) => {
      if (closing) return Promise.reject(new DomainError('unavailable', { retryAfterSeconds: 2 }));
      if (units.length === 0) return Promise.resolve([]);
      const rows = units.reduce((sum, unit) => sum + unit.rows.length, 0);
      if (waitingRows > 0 && waitingRows + rows > rowsWaitingMax) return Promise.reject(new DomainError('overloaded', { retryAfterSeconds: 1 }));
      return new Promise((resolve, reject) => {
        const submission: Submission = {
          verdicts: new Array<WriteVerdict>(units.length), open: units.length, deadlineMs: Date.now() + patienceMs, resolve, reject, failed: false,
        };
        for (let index = 0; index < units.length; index++) queue.push({ unit: units[index]!, submission, index });
        waitingRows += rows;
        wakers.shift()?.();
      });
    },
    get waitingRows() {
      return waitingRows;
    },
    get ready() {
      return ready > 0 && !closing;
    },
    close: async () => {
      closing = true;
      wakeAll();
      await Promise.all(connections);
    },
  };
}

/** Resolves duplicates inside the group in memory: of units with the same first id only the first goes to the database. */
function collapse(group: readonly Waiting[]): { firsts: Map<string, WriteUnit>; rows: EventRow[]; wholes: string[][] } {
  const firsts = new Map<string, WriteUnit>();
  const rows: EventRow[] = [];
  const wholes: string[][] = [];
  for (const { unit } of group) {
    const key = rowKey(unit.rows[0]!);
    if (firsts.has(key)) continue;
    firsts.set(key, unit);
    rows.push(...unit.rows);
    if (unit.rows.length > 1) wholes.push(unit.rows.map(rowKey));
  }
  rows.sort((a, b) => (a.tenant_id < b.tenant_id ? -1 : a.tenant_id > b.tenant_id ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return { firsts, rows, wholes };
}

function verdictOf(unit: WriteUnit, firsts: ReadonlyMap<string, WriteUnit>, stored: ReadonlyMap<string, StoredRow> | null): WriteVerdict {
  const row = unit.rows[0]!;
  const key = rowKey(row);
  const first = firsts.get(key)!;
  const found = stored?.get(key);
  const isNew = stored === null || found?.mine === true;
  if (isNew && first === unit) return { verdict: 'accepted' };
  const storedHash = isNew ? first.rows[0]!.input_hash : (found?.inputHash ?? '');
  return storedHash === row.input_hash ? { verdict: 'duplicate' } : { verdict: 'conflict', inputHash: row.input_hash, storedHash };
}

async function ensurePartitions(db: Database, rows: readonly EventRow[]): Promise<void> {
  for (const month of missingMonths(rows.map((row) => row.id))) await db.app.query('SELECT ensure_usage_partition($1)', [month]);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
