/** Holds and decisions for the console: what is open and what it may still spend, what was decided and whether it would be decided the same again. */
import { DomainError } from '@outlay/kernel';
import { readRunFacts } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { replayDecision } from './replay-decision';
import { type DecisionFilter, type DecisionRow, findDecision, listDecisions } from './store-decisions';
import { type HoldFilter, listOpenHolds } from './store-holds';
import type { Told, ToldLimit } from './tell-decision';

export interface ShownHold {
  readonly runId: string;
  /** The caller's own name of the run. */
  readonly runRef: string | null;
  readonly environment: string;
  readonly customerId: string;
  readonly userId: string | null;
  readonly workflow: string;
  readonly feature: string | null;
  readonly begunAt: string;
  readonly expiresAt: string;
  readonly bounded: boolean;
  /** What caps count of it, and of what it spent since. */
  readonly reservedPico: string;
  readonly spentPico: string;
  readonly remainingPico: string;
  readonly calls: number;
}

const HOLDS_MAX = 500;

/** The longest open first. */
export async function showHolds(db: Database, tenantId: string, filter: HoldFilter): Promise<ShownHold[]> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const holds = await listOpenHolds(tx, { ...filter, limit: HOLDS_MAX });
    const facts = await readRunFacts(tx, holds.map(({ runId }) => runId));
    return holds.map((hold): ShownHold => {
      const reserved = BigInt(hold.amounts.cost ?? 0) * 1_000n;
      const spent = facts.get(hold.runId)?.ceilingPico ?? 0n;
      return {
        runId: hold.runId, runRef: hold.runRef, environment: hold.environment, customerId: hold.customerId, userId: hold.userId, workflow: hold.workflow, feature: hold.feature,
        begunAt: new Date(hold.begunMs).toISOString(), expiresAt: new Date(hold.expiresMs).toISOString(), bounded: hold.bounded, reservedPico: String(reserved), spentPico: String(spent),
        remainingPico: String(reserved > spent ? reserved - spent : 0n), calls: facts.get(hold.runId)?.calls ?? 0,
      };
    });
  });
}

/** A limit under the console's names; amounts as on the wire: decimals, cost in dollars. */
export interface ShownLimit extends Pick<ToldLimit, 'id' | 'name' | 'kind' | 'scope' | 'subject' | 'metric' | 'mode' | 'window' | 'used' | 'held' | 'asked' | 'limit' | 'remaining' | 'overshoot' | 'unit' | 'passed'> {
  readonly windowStart: string | null;
  readonly windowEnd: string | null;
  readonly ungatedUsd: string | null;
}

export function showLimit({ window_start: windowStart, window_end: windowEnd, ungated_usd: ungatedUsd, ...limit }: ToldLimit): ShownLimit {
  return { ...limit, windowStart, windowEnd, ungatedUsd };
}

export interface ShownDecision extends Omit<DecisionRow, 'tenantId' | 'atMs' | 'input' | 'answer'> {
  readonly at: string;
}

function showDecision({ tenantId: _tenant, atMs, input: _input, answer: _answer, ...row }: DecisionRow): ShownDecision {
  return { ...row, at: new Date(atMs).toISOString() };
}

/** The newest first. */
export async function showDecisions(db: Database, tenantId: string, filter: DecisionFilter): Promise<{ rows: ShownDecision[]; nextCursor: string | null }> {
  const rows = await db.withTenant(tenantId, (tx) => listDecisions(tx, { ...filter, limit: filter.limit + 1 }));
  const page = rows.slice(0, filter.limit);
  return { rows: page.map(showDecision), nextCursor: rows.length > filter.limit ? page.at(-1)!.id : null };
}

export interface DecisionDetail extends ShownDecision {
  readonly limitsBefore: readonly ShownLimit[];
  /** With what this run held. */
  readonly limitsAfter: readonly ShownLimit[];
  readonly message: string | null;
  readonly nextStep: string | null;
  readonly models: readonly string[];
  /** JSON, as it is stored: everything that the rule looked at, and what was told. */
  readonly input: unknown;
  readonly answer: unknown;
  readonly replay: { readonly same: boolean; readonly olderRule: number | null };
}

/** Errors: `not_found`. */
export async function showDecisionDetail(db: Database, tenantId: string, id: string): Promise<DecisionDetail> {
  const row = await db.withTenant(tenantId, (tx) => findDecision(tx, id));
  if (row === null) throw new DomainError('not_found', { message: 'There is no such decision.' });
  const told = row.answer as Told;
  const { same, olderRule } = replayDecision(row);
  const before = told.limits.map(showLimit);
  return {
    ...showDecision(row), limitsBefore: before, limitsAfter: told.decision === 'deny' ? before : before.map(withAsked), message: told.message, nextStep: told.next_step,
    models: told.decision === 'deny' ? [] : told.models, input: row.input, answer: row.answer, replay: { same, olderRule },
  };
}

function withAsked(limit: ShownLimit): ShownLimit {
  const digits = 12;
  const scaled = (text: string): bigint => {
    const [whole = '0', fraction = ''] = text.split('.');
    return BigInt(whole + fraction.padEnd(digits, '0').slice(0, digits));
  };
  const sum = (scaled(limit.held) + scaled(limit.asked)).toString().padStart(digits + 1, '0');
  const fraction = sum.slice(-digits).replace(/0+$/, '');
  return { ...limit, held: `${sum.slice(0, -digits)}${fraction === '' ? '' : `.${fraction}`}`, asked: '0' };
}
