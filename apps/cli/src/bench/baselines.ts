/**
 * The plain ways to get the same full rows into the product's own table: what our path is compared with. They check nothing, price
 * nothing, keep no runs and no rollups.
 */
import type { Database } from '@outlay/platform';
import { EVENT_COLUMNS, encodeColumn, type EventRow, INSERT_ONLY_STATEMENT } from '@outlay/ledger/bench';
import { once } from 'node:events';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

const COPY_COLUMNS = `${EVENT_COLUMNS.map(([name]) => name).join(', ')}, recorded_at, writer_slot, batch`;

function escapeCopy(text: string): string {
  return text.replace(/[\\\t\n\r]/g, (character) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[character]!);
}

function copyLine(row: EventRow, now: string): string {
  let line = '';
  for (const [name, type] of EVENT_COLUMNS) {
    const value = row[name];
    line += value === null || value === undefined ? '\\N\t' : type === 'bytea' ? `\\\\x${String(value)}\t` : type === 'text' || type === 'jsonb' ? `${escapeCopy(value as string)}\t` : `${String(value)}\t`;
  }
  return `${line}${now}\t0\t0\n`;
}

/** COPY by a superuser, because Postgres refuses COPY under row level security; so this side even saves the policy's cost. */
export async function copyRows(adminUrl: string, rows: readonly EventRow[], perCopy: number): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const now = new Date().toISOString();
    for (let start = 0; start < rows.length; start += perCopy) {
      const stream = client.query(copyFrom(`COPY usage_events (${COPY_COLUMNS}) FROM STDIN`));
      const end = Math.min(start + perCopy, rows.length);
      let chunk = '';
      for (let i = start; i < end; i++) {
        chunk += copyLine(rows[i]!, now);
        if (chunk.length > 65_536) {
          if (!stream.write(chunk)) await once(stream, 'drain');
          chunk = '';
        }
      }
      stream.end(chunk);
      await once(stream, 'finish');
    }
  } finally {
    await client.end();
  }
}

/** UNNEST on one connection, as the writer's role, one statement a group, autocommit. */
export async function unnestRows(db: Database, rows: readonly EventRow[], perStatement: number): Promise<void> {
  const client = await asWriterOf(db, rows);
  try {
    for (let start = 0; start < rows.length; start += perStatement) {
      const group = rows.slice(start, start + perStatement);
      await client.query({ name: 'bench-unnest', text: INSERT_ONLY_STATEMENT, values: [0, 0, ...EVENT_COLUMNS.map(([name, type, absent]) => encodeColumn(group, name, type, absent))] });
    }
  } finally {
    await client.end();
  }
}

async function asWriterOf(db: Database, rows: readonly EventRow[]): Promise<pg.Client> {
  const client = await db.connectAs('outlay_writer');
  await client.query(`SELECT set_config('app.tenant_ids', $1, false)`, [`{${[...new Set(rows.map((row) => row.tenant_id))].join(',')}}`]);
  return client;
}

const SINGLE_INSERT = `INSERT INTO usage_events (${EVENT_COLUMNS.map(([name]) => name).join(', ')}, recorded_at, writer_slot, batch)
  VALUES (${EVENT_COLUMNS.map(([, type], i) => `$${i + 1}::${type}`).join(', ')}, clock_timestamp(), 0, 0) ON CONFLICT (tenant_id, id) DO NOTHING`;

function valueOf(row: EventRow, name: keyof EventRow, type: string): unknown {
  const value = row[name];
  return type === 'bytea' && typeof value === 'string' ? `\\x${value}` : typeof value === 'bigint' ? value.toString() : value;
}

/** One INSERT an event over a pool of `connections`, `callers` at a time: answers each caller's wait in milliseconds. */
export async function insertSingly(db: Database, rows: readonly EventRow[], connections: number, callers: number): Promise<number[]> {
  const clients = await Promise.all(Array.from({ length: connections }, () => asWriterOf(db, rows)));
  const idle = [...clients];
  const waiting: ((client: pg.Client) => void)[] = [];
  const waits: number[] = [];
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < rows.length) {
      const row = rows[next++]!;
      const started = performance.now();
      const client = idle.pop() ?? (await new Promise<pg.Client>((resolve) => waiting.push(resolve)));
      await client.query({ name: 'bench-single', text: SINGLE_INSERT, values: EVENT_COLUMNS.map(([name, type]) => valueOf(row, name, type)) });
      const waiter = waiting.shift();
      if (waiter) waiter(client);
      else idle.push(client);
      waits.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  await Promise.all(clients.map((client) => client.end()));
  return waits;
}

/** Prisma's createMany as the app, in one tenant transaction a batch. */
export async function createManyByPrisma(db: Database, rows: readonly EventRow[], perBatch: number): Promise<void> {
  for (let start = 0; start < rows.length; start += perBatch) {
    const data = rows.slice(start, start + perBatch).map((row) => prismaRow(row));
    await db.withTenantPrisma(rows[start]!.tenant_id, (tx) => tx.usageEvent.createMany({ data: data as never, skipDuplicates: true }));
  }
}

function prismaRow(row: EventRow): Record<string, unknown> {
  const data: Record<string, unknown> = { recordedAt: new Date(), writerSlot: 0, batch: 0n };
  for (const [name, type] of EVENT_COLUMNS) {
    const value = row[name];
    if (value === null || value === undefined) continue;
    const key = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    data[key] = type === 'bytea' ? Buffer.from(String(value), 'hex') : type === 'jsonb' ? JSON.parse(String(value)) : type === 'timestamptz' ? new Date(String(value)) : value;
  }
  return data;
}
