/**
 * Drives a re-pricing run: its preview, then its corrections, in batches through the one writer. Whoever comes second to a row, be it this run
 * again after a crash, meets the ids that derive from the original and its revision: a duplicate of its own, a conflict of anybody else's.
 */
import { DomainError, ERRORS, formatPico } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { audit } from '@outlay/tenancy';
import type { PoolClient } from 'pg';
import type { EventRow } from './columns';
import { type Cut, parseCut } from './cut';
import { isRunningAlready, previewWords } from './plan-repricing';
import { createPreviewSum } from './preview-repricing';
import type { PriceUsageOf } from './price-event';
import { repriceRow, type Repriced } from './reprice-row';
import type { RepricingRun } from './repricing-run';
import { type BatchCounts, claimRun, readDueRuns, readRepricingRun, releaseRun, savePreview, savePreviewProgress, saveProgress, setEnded, setRunning } from './store-repricing';
import { readValidRows, type RowBatch } from './walk-valid-rows';
import type { LedgerWriter } from './writer';

export interface RepricingDependencies {
  readonly db: Database;
  readonly writer: LedgerWriter;
  /** The rule of the tenant's own book; a run limits it to what was known. */
  readonly price: PriceUsageOf;
  readonly rowsPerBatch?: number;
  /** Longer than any batch takes; who is silent so long is taken for dead. */
  readonly leaseMs?: number;
  /** Told after each batch of corrections; the run goes on when it resolves. */
  readonly onBatch?: (corrected: number) => Promise<void>;
}

const ROWS_PER_BATCH = 500;
const LEASE_MS = 60_000;
/** A run that a worker took up so often without getting on is over. */
const ATTEMPTS_MAX = 10;

export interface DueRun {
  readonly tenantId: string;
  readonly id: string;
}

/** Runs of all teams that wait for a worker: planned ones without preview, and running ones whose worker is gone. */
export async function listDueRepricings(db: Database): Promise<readonly DueRun[]> {
  return await readDueRuns(db);
}

/**
 * Takes the run as far as it can go: to its preview, and, when it was started, to its end. Null when somebody else drives it, or it is over.
 * Errors: `unavailable`, `overloaded`: the run stays, and the next worker goes on.
 */
export async function advanceRepricing(deps: RepricingDependencies, { tenantId, id }: DueRun): Promise<RepricingRun | null> {
  const { db, leaseMs = LEASE_MS } = deps;
  const lease = newId();
  let run = await db.withTenant(tenantId, (tx) => claimRun(tx, id, lease, leaseMs));
  if (run === null) return null;
  try {
    if (run.attempts > ATTEMPTS_MAX) return await fail(db, tenantId, run, `A worker took it up ${ATTEMPTS_MAX} times and did not get on.`);
    const walk = toWalk(deps, tenantId, lease, run);
    if (run.state === 'planned' && run.preview === null) await computePreview(walk);
    run = (await db.withTenant(tenantId, (tx) => readRepricingRun(tx, id)))!;
    if (run.state === 'planned' && run.preview !== null && run.startsItself) run = await startItself(db, tenantId, run);
    if (run.state === 'running') await correctRows(walk, run);
    return await db.withTenant(tenantId, (tx) => readRepricingRun(tx, id));
  } catch (error) {
    if (error instanceof DomainError && !ERRORS[error.code].retryable) return await fail(db, tenantId, run, error.message);
    throw error;
  } finally {
    await db.withTenant(tenantId, (tx) => releaseRun(tx, id, lease));
  }
}

interface Walk {
  readonly deps: RepricingDependencies;
  readonly tenantId: string;
  readonly id: string;
  readonly lease: string;
  readonly leaseMs: number;
  read(after: string | null): Promise<RowBatch>;
  reprice(row: EventRow): Repriced;
}

function toWalk(deps: RepricingDependencies, tenantId: string, lease: string, run: RepricingRun): Walk {
  const cut = readCutText(run.cut);
  const knownAt = run.knownAt.getTime();
  const known: PriceUsageOf = (owner, input) => deps.price(owner, { ...input, knownAt });
  const reason = `${run.reason} (re-pricing ${run.id})`;
  return {
    deps, tenantId, id: run.id, lease, leaseMs: deps.leaseMs ?? LEASE_MS,
    read: (after) => deps.db.withTenant(tenantId, async (tx) => {
      // A filter that few rows meet may have to walk far for a batch.
      await tx.query('SET LOCAL statement_timeout = 0');
      return await readValidRows(tx, tenantId, run.filter, cut, after, deps.rowsPerBatch ?? ROWS_PER_BATCH);
    }),
    reprice: (row) => repriceRow(row, reason, known),
  };
}

function readCutText(text: string): Cut {
  const cut = parseCut(text);
  if (!cut.ok) throw new DomainError('invalid_input', { field: 'cut', message: cut.error.message });
  return cut.value;
}

async function computePreview({ deps, tenantId, id, lease, leaseMs, read, reprice }: Walk): Promise<void> {
  const sum = createPreviewSum();
  let seen = 0;
  let cursor: string | null = null;
  do {
    const batch: RowBatch = await read(cursor);
    for (const row of batch.rows) sum.add(row, reprice(row));
    seen += batch.rows.length;
    cursor = batch.cursor;
    if (!await deps.db.withTenant(tenantId, (tx) => savePreviewProgress(tx, id, lease, leaseMs, seen))) return;
  } while (cursor !== null);
  await deps.db.withTenant(tenantId, (tx) => savePreview(tx, id, lease, sum.toPreview()));
}

/** Stays planned while another run of the team is under way; a later round tries again. */
async function startItself(db: Database, tenantId: string, run: RepricingRun): Promise<RepricingRun> {
  try {
    return await db.withTenant(tenantId, async (tx) => {
      if (await setRunning(tx, run.id)) await auditRun(tx, tenantId, run, 'repricing.started', previewWords(run));
      return (await readRepricingRun(tx, run.id))!;
    });
  } catch (error) {
    if (isRunningAlready(error)) return run;
    throw error;
  }
}

async function correctRows(walk: Walk, run: RepricingRun): Promise<void> {
  const { deps, tenantId, id, lease, leaseMs, read } = walk;
  let cursor = run.cursor;
  for (;;) {
    const from = cursor;
    const batch = await read(from);
    const counts = await correctBatch(walk, batch);
    const isLast = batch.cursor === null;
    const mine = await deps.db.withTenant(tenantId, async (tx) => {
      if (await saveProgress(tx, id, lease, leaseMs, from, batch.cursor, counts) !== 'running') return false;
      if (!isLast) return true;
      await setEnded(tx, id, 'done', ['running']);
      const ended = (await readRepricingRun(tx, id))!;
      const { corrected, changedMeanwhile, refused, beforePico, afterPico } = ended;
      await auditRun(tx, tenantId, run, 'repricing.finished', { corrected, changedMeanwhile, refused, before: `$${formatPico(beforePico)}`, after: `$${formatPico(afterPico)}` });
      return true;
    });
    await deps.onBatch?.(counts.corrected);
    // Cancelled, or another worker goes on with it.
    if (!mine || isLast) return;
    cursor = batch.cursor;
  }
}

async function correctBatch({ deps, reprice }: Walk, batch: RowBatch): Promise<BatchCounts> {
  const changes = batch.rows.flatMap((row) => {
    const repriced = reprice(row);
    return repriced.verdict === 'corrected' ? [{ row, pair: repriced.pair }] : [];
  });
  const verdicts = await deps.writer.submit(changes.map(({ pair }) => ({ rows: [pair.reversal, pair.restatement] })));
  const counts = { seen: batch.rows.length, corrected: 0, changedMeanwhile: 0, refused: 0, beforePico: 0n, afterPico: 0n };
  for (const [n, { verdict }] of verdicts.entries()) {
    if (verdict === 'conflict') counts.changedMeanwhile += 1;
    else if (verdict === 'rejected') counts.refused += 1;
    else {
      // A duplicate is this run's own pair, written before it was interrupted.
      const { row, pair } = changes[n]!;
      counts.corrected += 1;
      counts.beforePico += row.cost_pico ?? 0n;
      counts.afterPico += pair.restatement.cost_pico ?? 0n;
    }
  }
  return counts;
}

async function fail(db: Database, tenantId: string, run: RepricingRun, sentence: string): Promise<RepricingRun> {
  return await db.withTenant(tenantId, async (tx) => {
    if (await setEnded(tx, run.id, 'failed', ['planned', 'running'], sentence)) await auditRun(tx, tenantId, run, 'repricing.failed', { error: sentence });
    return (await readRepricingRun(tx, run.id))!;
  });
}

/** Outlay itself did it; the log's line carries the correlation id of whoever planned. */
async function auditRun(tx: PoolClient, tenantId: string, run: RepricingRun, action: `repricing.${string}`, after: Record<string, string | number>): Promise<void> {
  await audit(tx, { tenantId, actorId: null, actor: 'outlay', action, subjectType: 'repricing', subjectId: run.id, after: { ...after, plannedBy: run.createdByName }, requestId: run.requestId });
}
