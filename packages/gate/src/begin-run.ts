/** The use case behind `POST /v1/runs`: what holds for the run -> one decision, which is kept before it is told. Also the dry run, which keeps nothing. */
import { DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { seeCustomers } from '@outlay/plans';
import type { Decision, Permission } from './decide';
import { type GateContext, keepSnapshot, openKey, recallRun, rememberRun, type ResolvedPolicy, resolveRun } from './gate-context';
import type { SeenState } from './gate-store';
import { STORE_GRACE_MS } from './gate-teams';
import type { JournalEntry } from './journal';
import { type Asker, readBegin, type RunRequest } from './read-begin';
import type { DecisionRow } from './store-decisions';
import { findHold, type HoldAnswer, type HoldRow, type StoredHold } from './store-holds';
import { type DecisionInput, RULE_VERSION, tellDecision, type Told, type ToldPermission } from './tell-decision';

export type BeginAnswer = Told & { readonly again: boolean };

/** A new id is younger than this: nobody can have ended its run yet. */
const FRESH_MS = 5_000;

/** Errors: `invalid_input`; `conflict` when the run asked otherwise before, or is over; `unavailable`. */
export async function beginRun(gate: GateContext, asker: Asker, body: unknown, requestId: string): Promise<BeginAnswer> {
  const nowMs = gate.now();
  const { epoch } = gate.connection;
  const run = readBegin(asker, body, nowMs);
  const { tenantId } = asker;
  const known = gate.open.get(openKey(tenantId, run.runId));
  if (known !== undefined && !gate.isShared) return sameAgain(run, known.row.requestHash, recallRun(known).answer.told);
  // With rows written behind, only a look at them tells that a run is over: another process may have ended it.
  if (gate.isShared && run.isNamed && (known !== undefined || !isFresh(run.runId, nowMs))) {
    const stored = await gate.db.withTenant(tenantId, (tx) => findHold(tx, run.runId));
    if (stored !== null) return answerStored(run, stored);
    if (known !== undefined) return sameAgain(run, known.row.requestHash, recallRun(known).answer.told);
  }

  const policy = await resolveRun(gate, tenantId, run.ask, nowMs, run.expiresMs);
  const snapshot = await keepSnapshot(gate, tenantId, policy, run.input.entitlement, nowMs);
  noteFirstSight(gate, tenantId, policy, nowMs);
  const { resolved } = policy;
  const begun = (await gate.teams.decide(tenantId, resolved.asks, () => gate.store().begin(tenantId, { runId: run.runId, expiresMs: run.expiresMs + STORE_GRACE_MS }, resolved.request)))!;
  const input = inputOf(run.input.run_id ?? run.runId, run.ask.customerId, run.expiresMs, policy, begun.seen, snapshot?.hash ?? null);
  const told = tellDecision(begun.decision, input);
  if (begun.again) {
    const stored = await gate.db.withTenant(tenantId, (tx) => findHold(tx, run.runId));
    if (stored !== null) return answerStored(run, stored);
    // The process that decided was killed before it wrote the row, or is about to write it: the row comes from here too, and stands once.
    if (begun.decision.verdict !== 'deny') await gate.journal.append({ tenantId, epoch, hold: holdOf(asker, run, policy, snapshot?.hash ?? null, begun.decision, told as ToldPermission, nowMs) });
    return { ...told, again: true };
  }
  const decision = rowOf({ asker, runId: run.runId, runRef: run.runRef, ask: run.ask, requestId, nowMs, snapshotHash: snapshot?.hash ?? null }, 'begin', begun.decision, input, told);
  if (told.decision === 'deny' || begun.decision.verdict === 'deny') {
    await keep(gate, { tenantId, epoch, decision });
    return { ...told, again: false };
  }
  const row = holdOf(asker, run, policy, snapshot?.hash ?? null, begun.decision, told, nowMs);
  gate.open.set(openKey(tenantId, run.runId), rememberRun(row, snapshot?.body ?? null));
  const taken = await keep(gate, { tenantId, epoch, hold: row, decision }, run.runId);
  if (taken !== null) return answerStored(run, taken);
  return { ...told, again: false };
}

function holdOf(asker: Asker, run: RunRequest, { resolved, customer }: ResolvedPolicy, snapshotHash: string | null, decision: Permission, told: ToldPermission, nowMs: number): HoldRow {
  const { ask } = run;
  const answer: HoldAnswer = { told, input: run.input };
  return {
    tenantId: asker.tenantId, runId: run.runId, runRef: run.runRef, environment: asker.environment, apiKeyId: asker.keyId, customerId: ask.customerId ?? '', userId: ask.userId,
    workflow: ask.workflow ?? '', feature: ask.feature, begunMs: nowMs, expiresMs: run.expiresMs, bounded: resolved.reservation.bounded, amounts: resolved.reservation.amounts,
    reserves: decision.holds, requestHash: run.hash, answer, planVersionId: customer?.entitlement?.version.id ?? null, snapshotHash,
  };
}

/** Keeps a decision before it is told. What could not be kept holds nothing. Answers the row of a run that had begun before. */
async function keep(gate: GateContext, entry: JournalEntry, runId?: string): Promise<StoredHold | null> {
  const forget = async (): Promise<void> => {
    if (runId === undefined) return;
    gate.open.delete(openKey(entry.tenantId, runId));
    await gate.store().release(entry.tenantId, runId);
  };
  const onTaken = (by: StoredHold): void => {
    if (by.endedMs !== null) forget().catch((error: unknown) => gate.log('A hold of a run that is over could not be freed; it expires.', error));
  };
  try {
    if (gate.isShared) {
      await gate.journal.append(entry, onTaken);
      return null;
    }
    const written = await gate.journal.write(entry);
    if (written.kind === 'written') return null;
    // Its row stands: an open one holds as it did, one that is over holds nothing.
    gate.open.delete(openKey(entry.tenantId, runId!));
    if (written.by.endedMs !== null) await forget();
    return written.by;
  } catch (error) {
    await forget();
    throw error;
  }
}

function answerStored(run: RunRequest, { requestHash, answer, endedMs, endReason }: StoredHold): BeginAnswer {
  if (endedMs !== null) {
    const how = { finished: 'was finished', released: 'was released', expired: 'expired', freed: 'was freed in the console' }[endReason!];
    throw new DomainError('conflict', { field: 'run_id', message: `The run ${run.input.run_id ?? run.runId} is over: it ${how} at ${new Date(endedMs).toISOString()}. Begin another run under a new id.` });
  }
  return sameAgain(run, requestHash, answer.told);
}

function sameAgain(run: RunRequest, hash: string, told: ToldPermission): BeginAnswer {
  if (hash === run.hash) return { ...told, again: true };
  throw new DomainError('conflict', { field: 'run_id', message: `The run ${run.input.run_id ?? run.runId} has begun already and had asked for something else. Send the same request again, or begin another run under a new id.` });
}

function isFresh(runId: string, nowMs: number): boolean {
  return !runId.startsWith('f') && Number.parseInt(runId.slice(0, 8) + runId.slice(9, 13), 16) > nowMs - FRESH_MS;
}

/** A customer that nobody has recorded is, from its first run on. */
function noteFirstSight(gate: GateContext, tenantId: string, { customer }: ResolvedPolicy, nowMs: number): void {
  if (customer === null || customer.known) return;
  seeCustomers(gate.db, tenantId, [{ customerId: customer.customerId, atMs: nowMs }], nowMs)
    .then(() => gate.policies.forget(tenantId, customer.customerId), (error: unknown) => gate.log('A customer could not be recorded on first sight.', error));
}

export function inputOf(runId: string, customerId: string | null, expiresMs: number, { resolved, customer }: ResolvedPolicy, seen: SeenState, snapshotHash: string | null): DecisionInput {
  const { request, facts, maxOutputTokens, refusedTools } = resolved;
  const entitlement = customer?.entitlement ?? null;
  return {
    request, counters: seen.counters, rates: seen.rates, facts: [...facts.values()],
    run: {
      runId, customerId, expiresMs, maxOutputTokens, refusedTools, snapshotHash,
      plan: entitlement === null ? null : { key: entitlement.plan.key, name: entitlement.plan.name, version: entitlement.version.number },
    },
  };
}

export interface DecidedFor {
  readonly asker: Asker;
  readonly runId: string;
  readonly runRef: string | null;
  readonly ask: { readonly customerId: string | null; readonly userId: string | null; readonly workflow: string | null };
  readonly requestId: string;
  readonly nowMs: number;
  readonly snapshotHash: string | null;
}

export function rowOf({ asker, runId, runRef, ask, requestId, nowMs, snapshotHash }: DecidedFor, kind: DecisionRow['kind'], decision: Decision, input: DecisionInput, told: Told): DecisionRow {
  return {
    tenantId: asker.tenantId, id: newId(nowMs), runId, runRef, kind, atMs: nowMs, requestId, environment: asker.environment, apiKeyId: asker.keyId, customerId: ask.customerId ?? '',
    userId: ask.userId, workflow: ask.workflow ?? '', verdict: decision.verdict, reason: decision.reason, blockedBy: decision.by, ruleVersion: RULE_VERSION, snapshotHash, input, answer: told,
  };
}

/** Would it be allowed? Holds nothing, keeps nothing. */
export async function checkRun(gate: GateContext, asker: Asker, body: unknown): Promise<Told> {
  const nowMs = gate.now();
  const run = readBegin(asker, body, nowMs);
  const policy = await resolveRun(gate, asker.tenantId, run.ask, nowMs, run.expiresMs);
  const { decision, seen } = (await gate.teams.decide(asker.tenantId, policy.resolved.asks, () => gate.store().check(asker.tenantId, policy.resolved.request)))!;
  return tellDecision(decision, inputOf(run.input.run_id ?? run.runId, run.ask.customerId, run.expiresMs, policy, seen, null));
}
