/** Compares ledger and bill of every day that is due, oldest first, and keeps the answer with the cut of the ledger it was made at. */
import { DAY_MS } from '@outlay/kernel';
import { formatCut, readCut, readProviderCells } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { canonicalProvider, type PriceBook } from '@outlay/pricing';
import { readConnections, type StoredConnection } from '../store';
import { type BilledRow, type BilledUsage, readBilledDays, readUsageBuckets } from '../store-bill';
import { addCauses, noCauses } from './causes';
import { type ReconciledDay, reconcileDay } from './reconcile-day';
import { type DueDay, listDueDays, saveReconciliation } from './store-reconciliations';

const HOUR_MS = DAY_MS / 24;
/** Providers correct so far back. */
const DAYS_BACK = 35;

export interface ReconcileDependencies {
  readonly db: Database;
  /** The tenant's prices, its own before the global ones. */
  readonly bookOf: (tenantId: string) => Promise<PriceBook>;
  readonly now?: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** One connection (all its days of the last five weeks, changed or not), or what is due of all of the team's. Answers how many days were compared. */
export async function reconcileDays({ db, bookOf, now = Date.now, signal }: ReconcileDependencies, tenantId: string, connectionId: string | null = null): Promise<number> {
  const { due, connections } = await db.withTenant(tenantId, async (tx) => ({
    due: await listDueDays(tx, { connectionId, nowMs: now(), daysBack: DAYS_BACK, everything: connectionId !== null }), connections: await readConnections(tx),
  }));
  if (due.length === 0) return 0;
  const book = await bookOf(tenantId);
  let count = 0;
  // One reading of the ledger serves all connections of a day.
  for (const day of [...new Set(due.map((each) => each.day))].sort()) {
    if (signal?.aborted) break;
    count += await reconcileOneDay(db, tenantId, { day, due: due.filter((each) => each.day === day), connections, book });
  }
  return count;
}

interface OneDay {
  readonly day: string;
  readonly due: readonly DueDay[];
  readonly connections: readonly StoredConnection[];
  readonly book: PriceBook;
}

async function reconcileOneDay(db: Database, tenantId: string, { day, due, connections, book }: OneDay): Promise<number> {
  const startMs = Date.parse(`${day}T00:00:00Z`);
  const around = (ms: number): { readonly fromMs: number; readonly toMs: number } => ({ fromMs: startMs - ms, toMs: startMs + DAY_MS + ms });
  // Ledger, usage and bill as they stood at one moment. What comes in meanwhile is later than `computedAt`, and makes the day due again.
  const read = await db.withTenantSnapshot(tenantId, async (tx) => {
    const cut = await readCut(tx);
    const hours = await readUsageBuckets(tx, { ...around(HOUR_MS), width: '1h' });
    const byTheHour = new Set(hours.map(({ connectionId }) => connectionId));
    const days = (await readUsageBuckets(tx, { ...around(DAY_MS), width: '1d' })).filter(({ connectionId }) => !byTheHour.has(connectionId));
    // The ledger is read no further than some usage can be compared with it.
    const cells = await readProviderCells(tx, { ...around(days.length > 0 ? DAY_MS : HOUR_MS), cut });
    return { cut, cells, hours, days, bill: await readBilledDays(tx, { from: day, to: dayAfter(day) }) };
  });
  const ownerOf = createOwnerOf(connections, read.hours.concat(read.days), read.bill);
  const answers = due.map(({ connectionId, provider }) => {
    const own = <T extends { readonly connectionId: string }>(rows: readonly T[]): T[] => rows.filter((row) => row.connectionId === connectionId);
    const [bill, hours] = [own(read.bill), own(read.hours)];
    const usage = hours.length > 0 ? hours : own(read.days);
    const width = hours.length > 0 ? '1h' as const : '1d' as const;
    const providers = [...new Set(provider === 'import' ? bill.map(providerOf) : [provider])];
    const parts = providers.map((each) => reconcileDay({
      day, provider: each, width, book, cells: read.cells.filter((cell) => canonicalProvider(cell.provider) === each && ownerOf(each, cell.account) === connectionId),
      usage: provider === 'import' ? usage.filter(({ dimensions }) => providerOf({ provider, dimensions }) === each) : usage, bill: provider === 'import' ? bill.filter((row) => providerOf(row) === each) : bill,
    }));
    return { connectionId, ...sumDays(parts) };
  });
  await db.withTenant(tenantId, async (tx) => {
    for (const answer of answers) await saveReconciliation(tx, tenantId, { day, computedAt: read.cut.takenAt, cut: formatCut(read.cut), ...answer });
  });
  return answers.length;
}

/** An imported file names the provider of each line. */
function providerOf({ provider, dimensions }: Pick<BilledRow, 'provider' | 'dimensions'>): string {
  return canonicalProvider(provider === 'import' ? (dimensions['provider'] ?? 'import') : provider);
}

/**
 * Which connection an account of the ledger belongs to: the one whose settings, bill or usage name it, else the oldest of that provider. An imported file speaks only for providers that
 * nothing else is connected to.
 */
function createOwnerOf(connections: readonly StoredConnection[], usage: readonly BilledUsage[], bill: readonly BilledRow[]): (provider: string, account: string) => string | null {
  const named = new Map<string, Set<string>>();
  const name = (connectionId: string, account: unknown): void => {
    if (typeof account === 'string' && account !== '') named.set(connectionId, (named.get(connectionId) ?? new Set()).add(account));
  };
  for (const { id, settings } of connections) for (const value of Object.values(settings)) name(id, value);
  for (const { connectionId, apiKey, project } of [...usage, ...bill]) [apiKey, project].forEach((account) => name(connectionId, account));
  const imported = new Map<string, string[]>();
  for (const row of bill) if (row.provider === 'import') imported.set(providerOf(row), [...(imported.get(providerOf(row)) ?? []), row.connectionId]);
  return (provider, account) => {
    const direct = connections.filter((each) => each.provider === provider).map(({ id }) => id);
    const own = direct.length > 0 ? direct : (imported.get(provider) ?? []);
    return own.find((id) => named.get(id)?.has(account)) ?? own[0] ?? null;
  };
}

function sumDays(parts: readonly ReconciledDay[]): ReconciledDay {
  const causes = noCauses();
  for (const part of parts) addCauses(causes, part.causes);
  return { causes, groups: parts.flatMap(({ groups }) => groups), ledgerPico: parts.reduce((sum, part) => sum + part.ledgerPico, 0n), billedPico: parts.reduce((sum, part) => sum + part.billedPico, 0n) };
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}
