/**
 * A run that was begun: from this process's memory, or from its row. Where rows are written behind Redis, a run that another process has just begun may have none yet: while Redis holds it, its
 * row is waited for. A process that was killed before it wrote the row leaves only what Redis holds, and who the run is for is read from the counters it is held in.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseCounterKey } from './counter-key';
import type { BeginRequest } from './decide';
import { type GateContext, openKey, recallRun } from './gate-context';
import type { OpenHold } from './gate-store';
import { findHold, type HoldRow, type StoredHold } from './store-holds';

export interface FoundRun {
  readonly hold: HoldRow | StoredHold | null;
  readonly isOver: boolean;
  /** Of the begin, where it was here. */
  readonly snapshotBody: string | null;
  /** Labels of a run whose row was lost. */
  readonly labels: LostLabels;
}

export interface LostLabels {
  readonly environment?: string;
  readonly customerId?: string;
  readonly userId?: string;
  readonly workflow?: string;
  readonly feature?: string;
}

const ROW_COMES_MS = 2_000;
const LOOK_MS = 20;
const STORE_SAYS_MS = 1_000;

export async function findRun(gate: GateContext, tenantId: string, runId: string): Promise<FoundRun> {
  const open = gate.open.get(openKey(tenantId, runId));
  if (open !== undefined) return { hold: recallRun(open), isOver: false, snapshotBody: open.snapshotBody, labels: {} };
  const deadlineMs = Date.now() + ROW_COMES_MS;
  for (;;) {
    const hold = await gate.db.withTenant(tenantId, (tx) => findHold(tx, runId));
    if (hold !== null) return { hold, isOver: hold.endedMs !== null, snapshotBody: null, labels: {} };
    if (!gate.isShared || !(await isHeld(gate, tenantId, runId))) return { hold: null, isOver: false, snapshotBody: null, labels: {} };
    if (Date.now() > deadlineMs) return { hold: null, isOver: false, snapshotBody: null, labels: await labelsOf(gate, tenantId, runId) };
    await delay(LOOK_MS);
  }
}

/** False too when the store does not say so soon: the truth is recorded without it. */
async function isHeld(gate: GateContext, tenantId: string, runId: string): Promise<boolean> {
  const stop = new AbortController();
  const late = delay(STORE_SAYS_MS, false, { signal: stop.signal }).catch(() => false);
  return await Promise.race([askStore(gate, tenantId, runId).catch(() => false), late]).finally(() => stop.abort());
}

/** Asks for nothing more: an open hold stays as it is. */
async function askStore(gate: GateContext, tenantId: string, runId: string): Promise<boolean> {
  const nothing: BeginRequest = {
    nowMs: gate.now(), environmentMatches: true, suspended: false, route: [], sizes: [], missingFeatures: [], rates: [], limits: [], reservation: { amounts: {}, bounded: true, most: {} },
  };
  return (await gate.teams.decide(tenantId, new Map(), () => gate.store().extend(tenantId, { runId, expiresMs: 0 }, nothing))) !== null;
}

async function labelsOf(gate: GateContext, tenantId: string, runId: string): Promise<FoundRun['labels']> {
  const hold = await gate.store().find(tenantId, runId);
  return hold === null ? {} : labelsIn(hold);
}

/** Pure: whom a hold is for, as far as the counters say that it is held in. */
export function labelsIn({ reserves }: Pick<OpenHold, 'reserves'>): LostLabels {
  const labels: { -readonly [K in keyof LostLabels]: LostLabels[K] } = {};
  for (const { key } of reserves) {
    const parsed = parseCounterKey(key);
    if (parsed?.kind === 'allowance' || parsed?.kind === 'credits') labels.customerId = parsed.customerId;
    if (parsed?.kind !== 'counter') continue;
    if (parsed.scope === 'customer') labels.customerId = parsed.subject;
    else if (parsed.scope === 'user') labels.userId = parsed.subject;
    else if (parsed.scope === 'workflow') labels.workflow = parsed.subject;
    else if (parsed.scope === 'feature') labels.feature = parsed.subject;
    else if (parsed.scope === 'environment') labels.environment = parsed.subject;
  }
  return labels;
}
