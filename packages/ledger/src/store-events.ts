/** Reading whole ledger rows back, in the very form in which they are written. */
import type { PoolClient } from 'pg';
import { type ColumnType, EVENT_COLUMNS, type EventRow } from './columns';

function select(name: string, type: ColumnType): string {
  switch (type) {
    case 'jsonb':
    case 'uuid':
    case 'numeric':
      return `${name}::text AS ${name}`;
    case 'bytea':
      return `encode(${name}, 'hex') AS ${name}`;
    case 'timestamptz':
      return `to_char(${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ${name}`;
    default:
      return name;
  }
}

/** All writer's columns; json as text, bytes as hex, times as ISO: what `EventRow` says. */
export const EVENT_ROW_COLUMNS: string = EVENT_COLUMNS.map(([name, type]) => select(name, type)).join(', ');

/** An event's original row and every correction of it, oldest first. Empty when there is none; inside `withTenant`. */
export async function loadHistory(tx: PoolClient, originalId: string): Promise<EventRow[]> {
  const { rows } = await tx.query<EventRow>(
    `SELECT ${EVENT_ROW_COLUMNS} FROM usage_events WHERE id = $1
     UNION ALL SELECT ${EVENT_ROW_COLUMNS} FROM usage_events WHERE corrects = $1 ORDER BY revision, sign`, [originalId]);
  return rows;
}

/** The valid state of an event: the `sign = +1` row of its highest revision. */
export function validState(history: readonly EventRow[]): EventRow | undefined {
  return history.filter((row) => row.sign === 1).reduce<EventRow | undefined>((best, row) => (best === undefined || row.revision > best.revision ? row : best), undefined);
}
