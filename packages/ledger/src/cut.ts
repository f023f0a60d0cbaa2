/**
 * A cut names an exact, final set of ledger rows: how far each writer slot had come at one moment. A writer numbers its batches and
 * commits a batch with its number, so whatever stands at or below the vector was committed then and never changes (law 11).
 */
import { err, ok, type Result } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import type { Params } from './event-conditions';
import type { FieldError } from './event-parser';
import { SLOT_COUNT } from './writer-slot';

export interface Cut {
  /** The database's clock when (or before) the vector was read. Rows outside of the cut were recorded at `takenAt` - 2 min or later. */
  readonly takenAt: Date;
  /** Last committed batch by slot; a slot that is absent has written nothing. */
  readonly batches: ReadonlyMap<number, bigint>;
}

/** One statement, so one snapshot. The clock is that of the transaction's begin, so that it is never later than the snapshot. */
export async function readCut(tx: PoolClient): Promise<Cut> {
  const { rows } = await tx.query<{ taken_at: Date; slot: number | null; batch: bigint | null }>(
    'SELECT t.taken_at, s.slot, s.batch FROM (SELECT now() AS taken_at) t LEFT JOIN writer_slots s ON s.batch > 0 ORDER BY s.slot');
  return { takenAt: rows[0]!.taken_at, batches: new Map(rows.flatMap(({ slot, batch }) => (slot === null || batch === null ? [] : [[slot, batch]]))) };
}

/** The condition "belongs to the cut" on the rows of `alias`. */
export function rowsAtOrBelow(cut: Cut, params: Params, alias = 'e'): string {
  const last = Array.from({ length: SLOT_COUNT }, (_, slot) => String(cut.batches.get(slot) ?? 0n));
  return `${alias}.batch <= (${params.add(`{${last.join(',')}}`)}::bigint[])[${alias}.writer_slot + 1]`;
}

/** `0:118,3:52@2026-11-21T10:00:00.000Z`: what an export writes beside its rows, and takes to give the very same rows again. */
export function formatCut(cut: Cut): string {
  return `${[...cut.batches].map(([slot, batch]) => `${slot}:${batch}`).join(',')}@${cut.takenAt.toISOString()}`;
}

const CUT = /^((?:\d{1,2}:\d{1,18})(?:,\d{1,2}:\d{1,18}){0,63})?@(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/;

export function parseCut(text: string): Result<Cut, FieldError> {
  const match = CUT.exec(text);
  const pairs = (match?.[1] ?? '').split(',').filter(Boolean).map((pair) => pair.split(':') as [string, string]);
  const takenMs = Date.parse(match?.[2] ?? '');
  if (!match || Number.isNaN(takenMs) || pairs.some(([slot]) => Number(slot) >= SLOT_COUNT)) {
    return err({ field: 'cut', reason: 'wrong_form', message: '"cut" must be a cut that Outlay named before, such as 0:118,3:52@2026-11-21T10:00:00.000Z.' });
  }
  return ok({ takenAt: new Date(takenMs), batches: new Map(pairs.map(([slot, batch]) => [Number(slot), BigInt(batch)])) });
}
