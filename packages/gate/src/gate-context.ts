/** What the gate's use cases share: its parts, and the runs that this process began. Wired in create-gate.ts. */
import { canonicalJson } from '@outlay/kernel';
import { sha256 } from '@outlay/kernel/ids';
import { type EntitlementsOf, type LedgerWriter, storeSnapshots } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { type CustomerPolicy, type Policies, snapshotOf, type TenantPolicy, usualSnapshot } from '@outlay/plans';
import type { PriceBooks } from '@outlay/pricing';
import type { GateCredits } from './gate-credits';
import type { GateFacts } from './gate-facts';
import type { GateStore } from './gate-store';
import type { GateTeams } from './gate-teams';
import type { GateConnection, Journal, JournalEntry } from './journal';
import type { LedgerFeed } from './ledger-feed';
import { resolveLimits, type ResolvedRun } from './resolve-limits';
import type { RunAsk } from './run-ask';
import type { BeginInput } from './read-begin';
import type { HoldRow } from './store-holds';
import type { ToldPermission } from './tell-decision';

/** A run that is open, as its process remembers it: there are very many, so what it was told is one text and no tree of objects. */
export interface OpenRun {
  readonly row: Omit<HoldRow, 'answer'>;
  readonly input: BeginInput;
  readonly told: string;
  readonly snapshotBody: string | null;
}

export function rememberRun({ answer: { input, told }, ...row }: HoldRow, snapshotBody: string | null): OpenRun {
  return { row, input, told: JSON.stringify(told), snapshotBody };
}

export function recallRun({ row, input, told }: OpenRun): HoldRow {
  return { ...row, answer: { input, told: JSON.parse(told) as ToldPermission } };
}

export interface GateContext {
  readonly db: Database;
  readonly store: () => GateStore;
  readonly feed: LedgerFeed;
  readonly teams: GateTeams;
  readonly credits: GateCredits;
  readonly facts: GateFacts;
  readonly policies: Policies;
  readonly prices: PriceBooks;
  readonly writer: LedgerWriter;
  readonly journal: Journal;
  readonly connection: GateConnection;
  readonly open: Map<string, OpenRun>;
  /** Several processes decide on one store: rows of holds and decisions are written behind it. */
  readonly isShared: boolean;
  readonly entitlementsOf: EntitlementsOf;
  /** Marks a run as over: before it is told where the row is the truth, behind it where Redis is. */
  end(entry: JournalEntry): Promise<void>;
  readonly now: () => number;
  readonly log: (sentence: string, error: unknown) => void;
}

export function openKey(tenantId: string, runId: string): string {
  return `${tenantId}/${runId}`;
}

export interface ResolvedPolicy {
  readonly resolved: ResolvedRun;
  readonly tenant: TenantPolicy;
  readonly customer: CustomerPolicy | null;
}

/** Everything that holds for the run now. Without waiting where memory knows it. Errors: `unavailable`. */
export async function resolveRun(gate: GateContext, tenantId: string, ask: RunAsk, nowMs: number, expiresMs: number, extending?: { readonly cost: number }): Promise<ResolvedPolicy> {
  const tenant = await gate.policies.tenant(tenantId);
  const customer = ask.customerId === null ? null : await gate.policies.customer(tenantId, ask.customerId, nowMs);
  const { book } = await gate.prices.of(tenantId);
  const history = await gate.facts.history(tenantId, ask.workflow, nowMs);
  const dailyMeanPico = ask.customerId === null ? null : await gate.facts.dailyMean(tenantId, ask.customerId, nowMs);
  return { tenant, customer, resolved: resolveLimits(ask, { tenant, customer, book, nowMs, expiresMs, history, dailyMeanPico }, extending) };
}

/** What the run is made under, kept by its hash before anything names it. */
export async function keepSnapshot(gate: GateContext, tenantId: string, { tenant, customer }: ResolvedPolicy, caller: unknown, nowMs: number): Promise<{ body: string; hash: string } | null> {
  const made = customer === null ? (caller === undefined ? null : withHash(canonicalJson({ caller })))
    : caller === undefined ? usualSnapshot(customer, tenant, nowMs) : withHash(snapshotOf(customer, tenant, nowMs, caller));
  if (made !== null) await storeSnapshots(gate.db, tenantId, [{ tenantId, hash: made.hash, body: made.body }]);
  return made === null ? null : { body: made.body, hash: made.hash };
}

function withHash(body: string): { body: string; hash: string } {
  return { body, hash: sha256(body) };
}
