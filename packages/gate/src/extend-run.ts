/** More for an open run, and its early end. */
import { DomainError, parseDecimal } from '@outlay/kernel';
import { runOf } from '@outlay/ledger';
import { boundCalls } from '@outlay/pricing';
import { nanoOfUsd } from './amounts';
import { inputOf, rowOf } from './begin-run';
import type { Metric } from './decide';
import { findRun } from './find-run';
import { type GateContext, openKey, rememberRun, resolveRun } from './gate-context';
import { STORE_GRACE_MS } from './gate-teams';
import { type Asker, type ExtendInput, readBegin, readExtend } from './read-begin';
import { findHold, type HoldRow, type StoredHold } from './store-holds';
import { type DecisionInput, tellDecision, type Told } from './tell-decision';

/** Errors: `invalid_input`, `not_found` for a run that never began, `conflict` for one that is over, `unavailable`. A denial leaves the hold as it was. */
export async function extendRun(gate: GateContext, asker: Asker, runName: string, body: unknown, requestId: string): Promise<Told> {
  const more = readExtend(body);
  const { epoch } = gate.connection;
  const { tenantId } = asker;
  const { id: runId, ref } = runOf(tenantId, runName);
  const hold = await latestHold(gate, tenantId, runId);
  if (hold === null) throw new DomainError('not_found', { field: 'run_id', message: `No run ${runName} has begun here.` });
  if (isOver(hold)) throw overError(runName, hold);
  const nowMs = gate.now();
  // The longer of both: an extension never shortens a life.
  const expiresMs = more.seconds === undefined ? hold.expiresMs : Math.max(hold.expiresMs, nowMs + more.seconds * 1_000);
  const { ask } = readBegin(asker, hold.answer.input, nowMs);
  const policy = await resolveRun(gate, tenantId, ask, nowMs, expiresMs, { cost: hold.amounts.cost ?? 0 });
  const asked = await amountsOf(gate, tenantId, more, hold.answer.told.models, nowMs, expiresMs);
  const { resolved } = policy;
  // Only the difference is asked for, and a run that goes on is not a further run.
  const request = { ...resolved.request, rates: [], sizes: [], reservation: { amounts: asked, bounded: hold.bounded, most: {} } };
  const begun = await gate.teams.decide(tenantId, resolved.asks, () => gate.store().extend(tenantId, { runId, expiresMs: expiresMs + STORE_GRACE_MS }, request));
  if (begun === null) throw new DomainError('conflict', { field: 'run_id', message: `The run ${runName} is over: its hold has ended. Finish it, or begin another run.` });
  const total = sum(hold.amounts, begun.decision.verdict === 'deny' ? {} : asked);
  const input: DecisionInput = {
    ...inputOf(runName, ask.customerId, begun.decision.verdict === 'deny' ? hold.expiresMs : expiresMs, { ...policy, resolved: { ...resolved, request, maxOutputTokens: null } }, begun.seen, hold.snapshotHash), total,
  };
  const told = tellDecision(begun.decision, input);
  const decision = rowOf({ asker, runId, runRef: ref, ask, requestId, nowMs, snapshotHash: hold.snapshotHash }, 'extend', begun.decision, input, told);
  if (begun.decision.verdict === 'deny') {
    await gate.end({ tenantId, epoch, decision });
    return told;
  }
  const kept = new Map(hold.reserves.map(({ key, metric }) => [key, metric]));
  for (const { key, metric } of begun.decision.holds) kept.set(key, metric);
  const row: HoldRow = { ...hold, expiresMs, amounts: total, reserves: [...kept].map(([key, metric]) => ({ key, metric, amount: total[metric] ?? 0 })) };
  const known = gate.open.get(openKey(tenantId, runId));
  if (known !== undefined) gate.open.set(openKey(tenantId, runId), rememberRun(row, known.snapshotBody));
  await gate.end({ tenantId, epoch, extension: row, decision });
  return told;
}

/** Another process may have extended the run since it began here, or its extension may still be on the way to the row: the larger of both is what it holds. */
async function latestHold(gate: GateContext, tenantId: string, runId: string): Promise<HoldRow | StoredHold | null> {
  const { hold } = await findRun(gate, tenantId, runId);
  if (!gate.isShared || hold === null || isOver(hold)) return hold;
  const stored = await gate.db.withTenant(tenantId, (tx) => findHold(tx, runId));
  if (stored === null || stored.endedMs !== null) return stored ?? hold;
  const larger = (['cost', 'tokens'] as const).filter((metric) => (stored.amounts[metric] ?? 0) > (hold.amounts[metric] ?? 0));
  return { ...hold, expiresMs: Math.max(hold.expiresMs, stored.expiresMs), amounts: { ...hold.amounts, ...Object.fromEntries(larger.map((metric) => [metric, stored.amounts[metric]])) }, reserves: stored.reserves };
}

type Amounts = Partial<Record<Metric, number>>;

async function amountsOf(gate: GateContext, tenantId: string, more: ExtendInput, models: readonly string[], fromMs: number, untilMs: number): Promise<Amounts> {
  const amounts: Amounts = {};
  if (more.cost_usd !== undefined) amounts.cost = nanoOfUsd(parseDecimal(more.cost_usd)!);
  if (more.output_tokens !== undefined) {
    const { book } = await gate.prices.of(tenantId);
    const cost = models.length === 0 ? null : boundCalls(book, { models, inputTokens: 0, outputTokens: more.output_tokens, calls: 1, fromMs, untilMs });
    if (cost !== null) amounts.cost = (amounts.cost ?? 0) + nanoOfUsd(cost);
    else if (more.cost_usd === undefined) throw new DomainError('invalid_input', { field: 'cost_usd', message: 'The run names no model with a price: say what it needs in "cost_usd".' });
  }
  const tokens = (more.tokens ?? 0) + (more.output_tokens ?? 0);
  if (tokens > 0) amounts.tokens = tokens;
  return amounts;
}

function sum(a: Amounts, b: Amounts): Amounts {
  const total: Amounts = { ...a };
  for (const [metric, amount] of Object.entries(b) as [Metric, number][]) total[metric] = (total[metric] ?? 0) + amount;
  return total;
}

function isOver(hold: HoldRow | StoredHold): hold is StoredHold {
  return 'endedMs' in hold && hold.endedMs !== null;
}

function overError(runName: string, { endReason, endedMs }: StoredHold): DomainError {
  return new DomainError('conflict', { field: 'run_id', message: `The run ${runName} is over: ${endReason} at ${new Date(endedMs!).toISOString()}.` });
}

/** Nothing was spent, or it is recorded already: what the run still holds is free. False when it holds nothing. */
export async function releaseRun(gate: GateContext, tenantId: string, runId: string, reason: 'released' | 'freed'): Promise<boolean> {
  await gate.teams.follow(tenantId);
  await gate.feed.settled();
  if (gate.isShared) await gate.feed.catchUp();
  const hold = await gate.db.withTenant(tenantId, (tx) => findHold(tx, runId));
  const released = await gate.store().release(tenantId, runId);
  const wasOpen = gate.open.delete(openKey(tenantId, runId)) || (hold !== null && hold.endedMs === null);
  if (wasOpen) await gate.end({ tenantId, end: { runId, reason, atMs: gate.now() } });
  return released || wasOpen;
}
