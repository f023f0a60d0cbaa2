/**
 * Group commit of what the gate decided: while one transaction is in flight the queue grows, and the next takes what waits. It runs on one connection, which is that of the process's
 * sole lock where there is one: without the lock nothing is committed, and so nothing is acknowledged.
 *
 * `write` answers after the commit. `append` does not wait for it (Redis holds the truth meanwhile), but for room: at most `BEHIND_MAX` entries are behind.
 */
import { DomainError } from '@outlay/kernel';
import type { Client } from 'pg';
import { groupBy } from './group-by';
import { type DecisionRow, insertDecisions } from './store-decisions';
import { endHolds, extendHold, findAnswered, type HoldEnd, type HoldRow, insertHolds, type StoredHold } from './store-holds';

/** The connection that decides for this process. */
export interface GateConnection {
  /** Changes whenever somebody else may have decided meanwhile: what is in memory is then worth nothing. */
  readonly epoch: number;
  /** Null while the connection, and with it the right to decide, is lost. */
  client(): Promise<Client | null>;
  close(): Promise<void>;
}

export interface JournalEntry {
  readonly tenantId: string;
  /** Of the connection when the decision began; absent: now. */
  readonly epoch?: number;
  readonly hold?: HoldRow;
  readonly extension?: Pick<HoldRow, 'tenantId' | 'runId' | 'expiresMs' | 'bounded' | 'amounts' | 'reserves'>;
  readonly decision?: DecisionRow;
  readonly end?: { readonly runId: string; readonly reason: HoldEnd; readonly atMs: number };
}

/** `taken`: the run had begun before; its row stands as it was. */
type Written = { readonly kind: 'written' } | { readonly kind: 'taken'; readonly by: StoredHold };

export interface Journal {
  /** After the commit. Errors: `unavailable`; then whether it stands is not known. */
  write(entry: JournalEntry): Promise<Written>;
  /** Returns as soon as there is room. `onTaken` is told when the run had begun before. Errors: `unavailable` when it is too far behind for too long. */
  append(entry: JournalEntry, onTaken?: (by: StoredHold) => void): Promise<void>;
  /** Entries that are not committed. */
  readonly behind: number;
  flushed(): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly entry: JournalEntry;
  readonly epoch: number;
  /** Kept and tried again when the database is away. */
  readonly isBehind: boolean;
  resolve(written: Written): void;
  reject(error: Error): void;
}

const GROUP_MAX = 100;
const BEHIND_MAX = 2_000;
const PATIENCE_MS = 2_000;
const WRITTEN: Written = { kind: 'written' };

export function createJournal(connection: GateConnection, log: (sentence: string, error: unknown) => void): Journal {
  let queue: Waiting[] = [];
  let running: Promise<void> | null = null;
  let inFlight = 0;
  let closing = false;
  let roomWaiters: (() => void)[] = [];

  async function run(): Promise<void> {
    let failures = 0;
    while (queue.length > 0) {
      const group = queue.splice(0, GROUP_MAX);
      inFlight = group.length;
      try {
        const client = await connection.client();
        if (client === null) throw new DomainError('unavailable', { retryAfterSeconds: 1 });
        // Decided before the lock was lost: somebody else may have decided since.
        const [valid, stale] = [group.filter(({ epoch }) => epoch === connection.epoch), group.filter(({ epoch }) => epoch !== connection.epoch)];
        for (const each of stale) each.reject(new DomainError('unavailable', { retryAfterSeconds: 1 }));
        const answers = await commit(client, valid.map(({ entry }) => entry));
        valid.forEach((each, i) => each.resolve(answers[i]!));
        failures = 0;
      } catch (error) {
        failures += 1;
        log('What the gate decided could not be written.', error);
        for (const each of group) if (!each.isBehind) each.reject(new DomainError('unavailable', { cause: error, retryAfterSeconds: 1 }));
        const again = group.filter(({ isBehind }) => isBehind);
        if (again.length > 0) {
          if (closing && failures > 5) again.forEach((each) => each.reject(new DomainError('unavailable', { cause: error })));
          else queue = [...again, ...queue];
          await new Promise((resolve) => setTimeout(resolve, Math.min(50 * 2 ** failures, 1_000)));
        }
      }
      inFlight = 0;
      for (const wake of roomWaiters.splice(0)) wake();
    }
  }

  function add(waiting: Waiting): void {
    queue.push(waiting);
    // The first of a burst waits for the turn's end, so that what arrives together is committed together.
    running ??= Promise.resolve().then(run).finally(() => {
      running = null;
      if (queue.length > 0) running = run().finally(() => { running = null; });
    });
  }

  return {
    write: (entry) => new Promise((resolve, reject) => {
      if (closing) reject(new DomainError('unavailable', { retryAfterSeconds: 2 }));
      else add({ entry, epoch: entry.epoch ?? connection.epoch, isBehind: false, resolve, reject });
    }),
    append: async (entry, onTaken) => {
      const deadline = Date.now() + PATIENCE_MS;
      while (queue.length + inFlight >= BEHIND_MAX) {
        if (closing || Date.now() > deadline) throw new DomainError('unavailable', { retryAfterSeconds: 1 });
        await new Promise<void>((resolve) => {
          roomWaiters.push(resolve);
          setTimeout(resolve, PATIENCE_MS).unref();
        });
      }
      add({
        entry, epoch: entry.epoch ?? connection.epoch, isBehind: true,
        resolve: (written) => { if (written.kind === 'taken') onTaken?.(written.by); },
        reject: (error) => log('A decision was not kept.', error),
      });
    },
    get behind() {
      return queue.length + inFlight;
    },
    flushed: async () => {
      while (running !== null) await running;
    },
    close: async () => {
      closing = true;
      while (running !== null) await running;
      await connection.close();
    },
  };
}

/** One transaction; each tenant's part under its own setting. */
async function commit(client: Client, entries: readonly JournalEntry[]): Promise<Written[]> {
  if (entries.length === 0) return [];
  const byTenant = groupBy(entries, ({ tenantId }) => tenantId);
  const taken = new Map<string, StoredHold>();
  const mine = new Set<JournalEntry>();
  await client.query('BEGIN');
  try {
    for (const tenantId of [...byTenant.keys()].sort()) {
      await client.query({ name: 'gate-tenant', text: `SELECT set_config('app.tenant_id', $1, true)`, values: [tenantId] });
      await writePart(client, tenantId, byTenant.get(tenantId)!, taken, mine);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
  return entries.map((entry) => {
    const by = entry.hold === undefined || mine.has(entry) ? undefined : taken.get(`${entry.tenantId}/${entry.hold.runId}`);
    return by === undefined ? WRITTEN : { kind: 'taken', by };
  });
}

async function writePart(client: Client, tenantId: string, entries: readonly JournalEntry[], taken: Map<string, StoredHold>, mine: Set<JournalEntry>): Promise<void> {
  // The same run twice in a group: the first takes it.
  const firsts = new Map<string, JournalEntry>();
  for (const entry of entries) if (entry.hold !== undefined && !firsts.has(entry.hold.runId)) firsts.set(entry.hold.runId, entry);
  const decided = new Set([...firsts].flatMap(([runId, { decision }]) => (decision === undefined ? [] : [runId])));
  const inserted = await insertHolds(client, [...firsts.values()].map(({ hold }) => hold!), decided);
  for (const [runId, entry] of firsts) if (inserted.has(runId)) mine.add(entry);
  const others = entries.flatMap((entry) => (entry.hold !== undefined && !mine.has(entry) ? [entry.hold.runId] : []));
  if (others.length > 0) for (const hold of await findAnswered(client, others)) taken.set(`${tenantId}/${hold.runId}`, hold);
  await insertDecisions(client, entries.flatMap((entry) => (entry.decision !== undefined && (entry.hold === undefined || mine.has(entry)) ? [entry.decision] : [])));
  for (const { extension } of entries) if (extension !== undefined) await extendHold(client, extension);
  // In the order in which they ended: usually all of one reason and moment.
  for (const ends of groupBy(entries.flatMap(({ end }) => (end === undefined ? [] : [end])), ({ reason, atMs }) => `${reason} ${atMs}`).values()) {
    await endHolds(client, ends.map(({ runId }) => runId), ends[0]!.reason, ends[0]!.atMs);
  }
}
