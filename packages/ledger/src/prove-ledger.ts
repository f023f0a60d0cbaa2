/** The proof of one tenant's books on live data, in constant memory, naming the first bad row of each law. The job, the page and the doctor use the same steps. */
import { formatPico } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { PriceVersion } from '@outlay/pricing';
import type { ArchiveSeal } from './archive-seal';
import { findBrokenSeal, readTotals } from './archive-totals';
import { CHECKS, type CheckName, type CheckResult, type Fault, type FaultPlace, type Law, ROOM_CHECKS, type RoomCheck, skip, toResult } from './balance-checks';
import type { EventRow } from './columns';
import { type Cut, readCut, rowsAtOrBelow } from './cut';
import { createParams } from './event-conditions';
import { type CutMemory, proveCut } from './prove-cut';
import { provePairs } from './prove-pairs';
import { proveRow } from './prove-row';
import { readMemory } from './store-balances';
import { EVENT_ROW_COLUMNS } from './store-events';
import { type Imbalance, SUM_CHECKS } from './trial-balance';

export interface LedgerFault {
  readonly law: Law;
  /** The row, run or cell at fault, and what is wrong with it. */
  readonly message: string;
  readonly place: FaultPlace | null;
}

export interface LedgerProof {
  /** Rows that were read. */
  readonly rows: number;
  /** The first of each check. Empty when the books are right. */
  readonly faults: readonly LedgerFault[];
}

export interface ProveLedgerOptions {
  /** The price row of an id, wherever it stands; null when there is none. */
  readonly versionById: (id: string) => PriceVersion | null;
  /** Without it archived totals are taken as they are. */
  readonly seal?: ArchiveSeal | null;
  /** Proofs of other rooms. */
  readonly rooms?: readonly RoomCheck[];
  readonly rowsPerBatch?: number;
  readonly onProgress?: (rows: number) => void;
}

const ROWS_PER_BATCH = 500;

export async function proveLedger(db: Database, tenantId: string, options: ProveLedgerOptions): Promise<LedgerProof> {
  const { seal = null, versionById, rooms = [], rowsPerBatch, onProgress } = options;
  const results = [...await proveSums(db, tenantId), await proveCorrections(db, tenantId), await proveSeals(db, tenantId, seal)];
  const cut = await db.withTenant(tenantId, readCut);
  results.push((await provePast(db, tenantId, cut, await db.withTenant(tenantId, readMemory))).result);
  results.push(...await proveRooms(tenantId, rooms));
  const walk = createRowWalk(versionById);
  for await (const batch of readBatches(db, tenantId, cut, { rowsPerBatch })) {
    walk.prove(batch);
    onProgress?.(walk.rows);
  }
  const faults = [...results, ...walk.results()].flatMap(({ name, fault }) => (fault === null ? [] : [{ law: CHECKS[name].law, ...fault }]));
  return { rows: walk.rows, faults };
}

/** Law 3, every table at one moment. Tells each result as soon as it is there. */
export async function proveSums(db: Database, tenantId: string, onResults: (results: readonly CheckResult[]) => Promise<unknown> = async () => undefined): Promise<CheckResult[]> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    // Years of a large tenant take longer than a request may.
    await tx.query('SET LOCAL statement_timeout = 0');
    const results: CheckResult[] = [];
    for (const { table, find, count } of SUM_CHECKS) {
      const startMs = performance.now();
      const imbalance = await find(tx);
      results.push(toResult(table, await count(tx), performance.now() - startMs, imbalance && faultOf(imbalance)));
      await onResults(results);
    }
    return results;
  });
}

function faultOf({ table, where, measure, ledger, projection, place }: Imbalance): Fault {
  const isMoney = measure.endsWith('_pico');
  const [name, is, sum] = isMoney ? [measure.slice(0, -'_pico'.length), `$${formatPico(BigInt(projection))}`, `$${formatPico(BigInt(ledger))}`] : [measure, projection, ledger];
  return { message: `${table}, ${where}: ${name} is ${is}, but its events sum to ${sum}`, place };
}

export async function proveCorrections(db: Database, tenantId: string): Promise<CheckResult> {
  const startMs = performance.now();
  const { corrections, fault } = await db.withTenantSnapshot(tenantId, async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0');
    return await provePairs(tx);
  });
  return toResult('pairs', corrections, performance.now() - startMs, fault);
}

/** A process without the master key cannot tell a true seal from a false one. */
export async function proveSeals(db: Database, tenantId: string, seal: ArchiveSeal | null): Promise<CheckResult> {
  const startMs = performance.now();
  const totals = await db.withTenant(tenantId, readTotals);
  if (totals.length === 0) return skip('archive', 'No month of this team was archived.');
  if (seal === null) return skip('archive', 'Seals are made with the master key, which this worker does not have.');
  const broken = findBrokenSeal(totals, seal);
  return toResult('archive', totals.length, performance.now() - startMs, broken === null ? null : { message: broken, place: null });
}

/** Law 11 against what the last proof remembered; answers what the next one is to remember. */
export async function provePast(db: Database, tenantId: string, cut: Cut, remembered: CutMemory | null): Promise<{ result: CheckResult; memory: CutMemory }> {
  const startMs = performance.now();
  const { rows, fault, memory } = await db.withTenantSnapshot(tenantId, async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0');
    return await proveCut(tx, cut, remembered);
  });
  const result = remembered === null ? skip('cut', 'This is the first proof: the next one will hold what it saw against it.') : toResult('cut', rows, performance.now() - startMs, fault);
  return { result, memory };
}

/** Of every room; one that was not handed in is skipped, and says so. */
export async function proveRooms(tenantId: string, rooms: readonly RoomCheck[]): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const name of ROOM_CHECKS) {
    const startMs = performance.now();
    const proved = await rooms.find((room) => room.name === name)?.prove(tenantId);
    results.push(proved === undefined ? skip(name, 'Whoever made this proof does not prove them.') : toResult(name, proved.checked, performance.now() - startMs, proved.fault));
  }
  return results;
}

export interface RowWalk {
  readonly rows: number;
  prove(batch: readonly EventRow[]): void;
  /** Of laws 4 and 8, as far as the walk has come; a walk that goes on is `running`, unless it has found its fault. */
  results(running?: boolean): CheckResult[];
}

const WALKED: readonly CheckName[] = ['prices', 'classes'];

/** Laws 4 and 8 go over the rows together. `before` is where a walk that broke off had come. */
export function createRowWalk(versionById: ProveLedgerOptions['versionById'], before: readonly CheckResult[] = []): RowWalk {
  const earlier = (name: CheckName): CheckResult | undefined => before.find((result) => result.name === name);
  const faults = new Map<CheckName, Fault>(WALKED.flatMap((name) => {
    const fault = earlier(name)?.fault;
    return fault ? [[name, fault] as const] : [];
  }));
  const first = earlier('prices');
  const earlierMs = first?.ms ?? 0;
  const startMs = performance.now();
  let rows = first?.checked ?? 0;
  return {
    get rows() {
      return rows;
    },
    prove: (batch) => {
      for (const row of batch) {
        for (const { law, message } of proveRow(row, row.price_version_id === null ? null : versionById(row.price_version_id))) {
          const name = law === 4 ? 'prices' : 'classes';
          if (!faults.has(name)) faults.set(name, { message: `event ${row.id}: ${message}`, place: { kind: 'event', id: row.corrects ?? row.id } });
        }
      }
      rows += batch.length;
    },
    results: (running = false) => WALKED.map((name) => {
      const result = toResult(name, rows, earlierMs + performance.now() - startMs, faults.get(name) ?? null);
      return running && result.state === 'passed' ? { ...result, state: 'running' } : result;
    }),
  };
}

/** Every row of the cut by id. A short transaction a batch: a proof of hours must hold nothing back. */
export async function* readBatches(db: Database, tenantId: string, cut: Cut, options: { readonly after?: string | null | undefined; readonly rowsPerBatch?: number | undefined } = {}): AsyncGenerator<EventRow[]> {
  const limit = options.rowsPerBatch ?? ROWS_PER_BATCH;
  let after = options.after ?? '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const params = createParams();
    const conditions = [`e.tenant_id = ${params.add(tenantId)}::uuid`, `e.id > ${params.add(after)}::uuid`, rowsAtOrBelow(cut, params)];
    const { rows } = await db.withTenant(tenantId, (tx) =>
      tx.query<EventRow>(`SELECT ${EVENT_ROW_COLUMNS} FROM usage_events e WHERE ${conditions.join(' AND ')} ORDER BY e.id LIMIT ${params.add(limit)}`, params.values));
    if (rows.length > 0) yield rows;
    if (rows.length < limit) return;
    after = rows.at(-1)!.id;
  }
}
