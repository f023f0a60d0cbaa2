/** A writer's own connection: it holds a slot by an advisory lock, numbers its batches, and writes one group a transaction. */
import type { Database } from '@outlay/platform';
import type pg from 'pg';
import { EVENT_COLUMNS, encodeColumn, type EventRow } from './columns';
import { INSERT_ONLY_STATEMENT, READ_BACK_STATEMENT, RECORD_APART_STATEMENT, RECORD_STATEMENT } from './write-statement';

/** First key of the advisory lock; the second is the slot. Says "Outl" in ASCII. */
const SLOT_LOCK = 0x4f75746c;
export const SLOT_COUNT = 64;
/** Writer transactions never outlive this: a cut relies on it (design, "Cuts"). */
const TRANSACTION_LIMIT_MS = 60_000;

export interface StoredRow {
  readonly inputHash: string;
  /** Inserted by the group that asked. */
  readonly mine: boolean;
}

interface WrittenGroup {
  readonly slot: number;
  readonly batch: bigint;
  /** Null when every row was new; else what stands in the ledger under each `tenant/id` of the group. */
  readonly stored: ReadonlyMap<string, StoredRow> | null;
}

export interface WriterSlot {
  readonly slot: number;
  /**
   * Writes the rows in one transaction: sorted by (tenant, id), ids unique in the group. `wholes` names rows that are written
   * together or not at all (the parts of one event, the pair of a correction).
   */
  write(rows: readonly EventRow[], wholes: readonly (readonly string[])[]): Promise<WrittenGroup>;
  close(): Promise<void>;
}

export function rowKey(row: { tenant_id: string; id: string }): string {
  return `${row.tenant_id}/${row.id}`;
}

/** Takes the first free slot. Throws when all 64 are held: more writers than the ledger's cut can name. */
export async function openWriterSlot(db: Database, options: { readonly insertOnly?: boolean } = {}): Promise<WriterSlot> {
  const client = await db.connectAs('outlay_writer');
  try {
    await client.query(`SET statement_timeout = ${TRANSACTION_LIMIT_MS}; SET jit = off`);
    const slot = await takeSlot(client);
    const statements = options.insertOnly ? INSERT_ONLY : RECORD;
    let batch = await readBatch(client, slot);
    return {
      slot,
      write: async (rows, wholes) => {
        const next = batch + 1n;
        const stored = await writeGroup(client, slot, next, rows, wholes, statements);
        batch = next;
        return { slot, batch: next, stored };
      },
      close: () => client.end(),
    };
  } catch (error) {
    await client.end();
    throw error;
  }
}

interface Statement {
  readonly name: string;
  readonly text: string;
}

/** `apart`: for a group in which a team has a cap on users, features or keys. */
interface Statements {
  readonly plain: Statement;
  readonly apart: Statement;
}

const RECORD: Statements = { plain: { name: 'record', text: RECORD_STATEMENT }, apart: { name: 'record-apart', text: RECORD_APART_STATEMENT } };
const INSERT_ONLY: Statements = { plain: { name: 'insert-only', text: INSERT_ONLY_STATEMENT }, apart: { name: 'insert-only', text: INSERT_ONLY_STATEMENT } };

async function takeSlot(client: pg.Client): Promise<number> {
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS taken', [SLOT_LOCK, slot]);
    if (rows[0]?.taken) return slot;
  }
  throw new Error(`All ${SLOT_COUNT} writer slots are taken: stop some api processes.`);
}

async function readBatch(client: pg.Client, slot: number): Promise<bigint> {
  await client.query('INSERT INTO writer_slots (slot, batch) VALUES ($1, 0) ON CONFLICT (slot) DO NOTHING', [slot]);
  const { rows } = await client.query<{ batch: bigint }>('SELECT batch FROM writer_slots WHERE slot = $1', [slot]);
  return rows[0]!.batch;
}

async function writeGroup(
  client: pg.Client, slot: number, batch: bigint, rows: readonly EventRow[], wholes: readonly (readonly string[])[], statements: Statements,
): Promise<WrittenGroup['stored']> {
  const tenantIds = [...new Set(rows.map((row) => row.tenant_id))];
  try {
    // One round trip: everything here is made of numbers and uuids that were parsed before. The slot's row comes first, so that whoever locks
    // the slot rows knows that no group is under way; the statement after it sees whatever was committed before that lock was given.
    const begun = await client.query(`BEGIN; SELECT set_config('app.tenant_ids', '{${tenantIds.join(',')}}', true);
      UPDATE writer_slots SET batch = ${batch}, written_at = now() WHERE slot = ${slot}; SELECT FROM cap_scopes LIMIT 1`) as unknown as pg.QueryResult[];
    const statement = begun.at(-1)!.rowCount === 0 ? statements.plain : statements.apart;
    const { rows: answer } = await client.query<{ inserted: number }>({
      ...statement,
      values: [slot, batch, ...EVENT_COLUMNS.map(([name, type, whenAbsent]) => encodeColumn(rows, name, type, whenAbsent))],
    });
    const stored = answer[0]!.inserted === rows.length ? null : await readBack(client, slot, batch, rows);
    const broken = stored === null ? [] : wholes.filter((keys) => keys.some((key) => stored.get(key)?.mine) && !keys.every((key) => stored.get(key)?.mine));
    if (stored !== null && broken.length > 0) {
      // Another event already has one of these ids, yet a further part went in: take all back and write the rest. What stands there
      // stands for ever, so the second try cannot meet the same again.
      await client.query('ROLLBACK');
      const left = new Set(broken.flat());
      const rest = rows.filter((row) => !left.has(rowKey(row)));
      const written = rest.length === 0 ? new Map<string, StoredRow>() : await writeGroup(client, slot, batch, rest, wholes.filter((keys) => !broken.includes(keys)), statements);
      return new Map([...stored].filter(([key, row]) => left.has(key) && !row.mine).concat(
        rest.map((row): [string, StoredRow] => [rowKey(row), written?.get(rowKey(row)) ?? { inputHash: row.input_hash, mine: true }])));
    }
    await client.query('COMMIT');
    return stored;
  } catch (error) {
    // When even this fails the connection is gone, and the next statement on it says so.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** A second statement: the first one's snapshot cannot see a row that a concurrent winner committed meanwhile. */
async function readBack(client: pg.Client, slot: number, batch: bigint, rows: readonly EventRow[]): Promise<Map<string, StoredRow>> {
  const result = await client.query<{ tenant_id: string; id: string; input_hash: string; writer_slot: number; batch: bigint }>({
    name: 'read-back',
    text: READ_BACK_STATEMENT,
    values: [`{${rows.map((row) => row.tenant_id).join(',')}}`, `{${rows.map((row) => row.id).join(',')}}`],
  });
  return new Map(result.rows.map((row) => [rowKey(row), { inputHash: row.input_hash, mine: row.writer_slot === slot && row.batch === batch }]));
}
