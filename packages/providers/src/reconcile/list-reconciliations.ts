/** The comparisons as people look at them: days, totals, rows by model, key or project, dark spend and effective prices; and one day with the way to its ledger rows. */
import { DAY_MS, DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { findConnection } from '../change-connection';
import { addCauses, CAUSES, type Cause, CAUSE_WORDS, type Causes, noCauses } from './causes';
import { type DarkSpend, findDarkSpend } from './dark-spend';
import { type EffectivePrice, effectivePrices } from './effective-prices';
import type { ReconciledGroup } from './reconcile-day';
import { selectReconciliations, type StoredReconciliation } from './store-reconciliations';

type ReconciliationGrouping = 'model' | 'key' | 'project';

export interface ReconciliationAsk {
  /** UTC days, `[from, to)`. */
  readonly from: string;
  readonly to: string;
  readonly connectionId?: string | undefined;
  readonly by: ReconciliationGrouping;
}

interface ReconciliationRow {
  readonly provider: string;
  /** '' for what names none. */
  readonly key: string;
  /** Null where the ledger does not name accounts of this kind, so that it cannot be said whose its calls were. */
  readonly ledgerPico: bigint | null;
  readonly billedPico: bigint;
  readonly matchedPico: bigint | null;
  readonly causes: Causes;
  /** The largest cause, as a sentence; null where there is no residue. */
  readonly words: string | null;
}

interface ReconciliationTotals {
  readonly ledgerPico: bigint;
  readonly billedPico: bigint;
  readonly matchedPico: bigint;
  readonly causes: Causes;
}

export interface ReconciliationList {
  readonly days: readonly StoredReconciliation[];
  readonly totals: ReconciliationTotals;
  /** The largest first. */
  readonly rows: readonly ReconciliationRow[];
  readonly dark: readonly DarkSpend[];
  readonly prices: readonly EffectivePrice[];
}

const DAYS_MAX = 92;

/** Errors: `invalid_input` on `from` or `to`. */
export async function listReconciliations(db: Database, tenantId: string, { from, to, connectionId, by }: ReconciliationAsk): Promise<ReconciliationList> {
  const [fromMs, toMs] = [dayMs('from', from), dayMs('to', to)];
  if (toMs <= fromMs) throw new DomainError('invalid_input', { field: 'to', message: 'A day after the first one.' });
  if (toMs - fromMs > DAYS_MAX * DAY_MS) throw new DomainError('invalid_input', { field: 'from', message: `At most ${DAYS_MAX} days at once.` });
  const days = await db.withTenantSnapshot(tenantId, (tx) => selectReconciliations(tx, { from, to, connectionId }));
  const groups = days.flatMap((day) => day.groups);
  const [causes, matchedPico] = [noCauses(), groups.reduce((sum, group) => sum + group.matchedPico, 0n)];
  for (const day of days) addCauses(causes, day.causes);
  return {
    days, rows: rowsOf(groups, by), dark: findDarkSpend(days), prices: effectivePrices(days),
    totals: { ledgerPico: days.reduce((sum, day) => sum + day.ledgerPico, 0n), billedPico: days.reduce((sum, day) => sum + day.billedPico, 0n), matchedPico, causes },
  };
}

interface MutableRow {
  readonly provider: string;
  readonly key: string;
  ledgerPico: bigint | null;
  billedPico: bigint;
  matchedPico: bigint | null;
  readonly causes: Record<Cause, bigint>;
}

function rowsOf(groups: readonly ReconciledGroup[], by: ReconciliationGrouping): ReconciliationRow[] {
  const rows = new Map<string, MutableRow>();
  const rowOf = (provider: string, key: string): MutableRow => {
    const name = JSON.stringify([provider, key]);
    const row = rows.get(name) ?? { provider, key, ledgerPico: null, billedPico: 0n, matchedPico: null, causes: noCauses() };
    rows.set(name, row);
    return row;
  };
  for (const group of groups) {
    const named = by === 'model' ? group.model : by === 'key' ? group.key : group.project;
    const billed = by === 'key' ? group.billedByKey : by === 'project' ? group.billedByProject : {};
    // The bill says whose it is and the ledger does not: amounts by account, and no comparison.
    const onlyBill = named === null ? Object.entries(billed) : [];
    for (const [key, pico] of onlyBill) rowOf(group.provider, key).billedPico += pico;
    const rest = group.billedPico - onlyBill.reduce((sum, [, pico]) => sum + pico, 0n);
    if (named === null && rest === 0n && group.ledgerPico === 0n) continue;
    const row = rowOf(group.provider, named ?? '');
    row.billedPico += rest;
    row.ledgerPico = (row.ledgerPico ?? 0n) + group.ledgerPico;
    if (named === null && onlyBill.length > 0) continue;
    row.matchedPico = (row.matchedPico ?? 0n) + group.matchedPico;
    addCauses(row.causes, group.causes);
  }
  return [...rows.values()].map((row): ReconciliationRow => ({ ...row, words: wordsOf(row, by) })).sort((a, b) => compare(weight(b), weight(a)) || (a.key < b.key ? -1 : 1));
}

function wordsOf({ ledgerPico, matchedPico, causes }: Pick<ReconciliationRow, 'ledgerPico' | 'matchedPico' | 'causes'>, by: ReconciliationGrouping): string | null {
  if (by !== 'model' && (ledgerPico === null || matchedPico === null)) return `The ledger names no ${by} here: send provider_account with each call to compare by ${by}.`;
  const largest = CAUSES.reduce((most, cause) => (size(causes[cause]) > size(causes[most]) ? cause : most));
  return causes[largest] === 0n ? null : `${CAUSE_WORDS[largest]}.`;
}

export interface LedgerLink {
  readonly cause: Cause | null;
  readonly words: string;
  /** As the explorer reads it from the address. */
  readonly search: { readonly from: string; readonly to: string; readonly provider: string; readonly model: string; readonly status?: string };
}

export interface ReconciliationDetail extends Omit<StoredReconciliation, 'groups'> {
  readonly groups: readonly (ReconciledGroup & { readonly words: string | null; readonly links: readonly LedgerLink[] })[];
}

/** The largest residue first. Null where the day was not compared. */
export async function getReconciliation(db: Database, tenantId: string, { connectionId, day }: { readonly connectionId: string; readonly day: string }): Promise<ReconciliationDetail | null> {
  const fromMs = dayMs('day', day);
  const [from, to] = [new Date(fromMs).toISOString(), new Date(fromMs + DAY_MS).toISOString()];
  const [found] = await db.withTenant(tenantId, (tx) => selectReconciliations(tx, { from: from.slice(0, 10), to: to.slice(0, 10), connectionId }));
  if (found === undefined) return null;
  const groups = found.groups.map((group) => ({ ...group, words: wordsOf(group, 'model'), links: linksOf(group, from, to) }));
  return { ...found, groups: groups.sort((a, b) => compare(residueOf(b), residueOf(a))) };
}

/** Errors: `not_found`. */
export async function requireConnection(db: Database, tenantId: string, connectionId: string): Promise<void> {
  await db.withTenant(tenantId, (tx) => findConnection(tx, connectionId));
}

const FAILED = ['failed', 'aborted', 'unknown'] as const;

function linksOf({ provider, servedModels, causes, costless, calls }: ReconciledGroup, from: string, to: string): LedgerLink[] {
  return servedModels.flatMap((model): LedgerLink[] => [
    ...(calls > 0 ? [{ cause: null, words: `Calls of ${model}`, search: { from, to, provider, model } }] : []),
    ...(costless > 0 && causes.failed !== 0n ? FAILED.map((status): LedgerLink => ({ cause: 'failed', words: `Calls of ${model} that ended ${status}`, search: { from, to, provider, model, status } })) : []),
  ]);
}

function residueOf({ causes }: ReconciledGroup): bigint {
  return CAUSES.reduce((sum, cause) => sum + size(causes[cause]), 0n);
}

function weight({ ledgerPico, billedPico }: ReconciliationRow): bigint {
  return billedPico > (ledgerPico ?? 0n) ? billedPico : (ledgerPico ?? 0n);
}

function size(pico: bigint): bigint {
  return pico < 0n ? -pico : pico;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function dayMs(field: string, day: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at)) throw new DomainError('invalid_input', { field, message: 'A day such as 2026-11-01.' });
  return at;
}
