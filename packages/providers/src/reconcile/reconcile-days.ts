/** Compares ledger and bill of every day that is due, oldest first, and keeps the answer with the cut of the ledger it was made at. */
import { DAY_MS } from '@outlay/kernel';
import { type Cut, formatCut, type ProviderCell, readCut, readProviderCells } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { canonicalProvider, type PriceBook } from '@outlay/pricing';
import { readConnections, type StoredConnection } from '../store';
import { type BilledRow, type BilledUsage, readBilledDays, readUsageBuckets } from '../store-bill';
import { addCauses, noCauses } from './causes';
import { type BilledDay, planDueDays, teamBasis } from './due-days';
import { type ReconciledDay, reconcileDay } from './reconcile-day';
import { confirmReconciliations, saveReconciliation } from './store-reconciliations';

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

/** What is due of one connection, or of all of the team's: see due-days.ts. Answers how many days were compared; those that are as they were are not. */
export async function reconcileDays({ db, bookOf, now = Date.now, signal }: ReconcileDependencies, tenantId: string, connectionId: string | null = null): Promise<number> {
  const connections = await db.withTenant(tenantId, readConnections);
  if (connections.length === 0) return 0;
  const book = await bookOf(tenantId);
  const team = teamBasis(connections, book);
  const { due, unchanged, cut, basisOf } = await db.withTenantSnapshot(tenantId, (tx) => planDueDays(tx, { connectionId, nowMs: now(), daysBack: DAYS_BACK, team }));
  await db.withTenant(tenantId, (tx) => confirmReconciliations(tx, unchanged, { computedAt: cut.takenAt, cut: formatCut(cut) }));
  let count = 0;
  // One reading of the ledger serves all connections of a day.
  for await (const read of readAhead([...new Set(due.map(({ day }) => day))].sort(), (day) => readDay(db, tenantId, day))) {
    const answers = due.filter(({ day }) => day === read.day).map((each) => ({ connectionId: each.connectionId, ...compareDay(each, read, connections, book) }));
    await db.withTenant(tenantId, async (tx) => {
      for (const answer of answers) await saveReconciliation(tx, tenantId, { day: read.day, computedAt: read.cut.takenAt, cut: formatCut(read.cut), basis: basisOf(read.day), ...answer });
    });
    count += answers.length;
    if (signal?.aborted) break;
  }
  return count;
}

/** The next day is read while this one is compared, so that the database and we work at once. */
async function* readAhead(days: readonly string[], read: (day: string) => Promise<ReadDay>): AsyncGenerator<ReadDay> {
  let next: Promise<ReadDay> | null = null;
  try {
    for (const [i, day] of days.entries()) {
      const current = await (next ?? read(day));
      next = i + 1 < days.length ? read(days[i + 1]!) : null;
      // If it fails, that is told when it is its turn.
      next?.catch(() => {});
      yield current;
    }
  } finally {
    await next?.catch(() => {});
  }
}

interface ReadDay {
  readonly day: string;
  readonly cut: Cut;
  readonly cells: readonly ProviderCell[];
  readonly hours: readonly BilledUsage[];
  /** Of connections without hours. */
  readonly days: readonly BilledUsage[];
  readonly bill: readonly BilledRow[];
}

/** Ledger, usage and bill as they stood at one moment. */
async function readDay(db: Database, tenantId: string, day: string): Promise<ReadDay> {
  const startMs = Date.parse(`${day}T00:00:00Z`);
  const around = (ms: number): { readonly fromMs: number; readonly toMs: number } => ({ fromMs: startMs - ms, toMs: startMs + DAY_MS + ms });
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const cut = await readCut(tx);
    const hours = await readUsageBuckets(tx, { ...around(HOUR_MS), width: '1h' });
    const byTheHour = new Set(hours.map(({ connectionId }) => connectionId));
    const days = (await readUsageBuckets(tx, { ...around(DAY_MS), width: '1d' })).filter(({ connectionId }) => !byTheHour.has(connectionId));
    // The ledger is read no further than some usage can be compared with it.
    const cells = await readProviderCells(tx, { ...around(days.length > 0 ? DAY_MS : HOUR_MS), cut });
    return { day, cut, cells, hours, days, bill: await readBilledDays(tx, { from: day, to: dayAfter(day) }) };
  });
}

function compareDay({ connectionId, provider }: BilledDay, read: ReadDay, connections: readonly StoredConnection[], book: PriceBook): ReconciledDay {
  const ownerOf = createOwnerOf(connections, [...read.hours, ...read.days], read.bill);
  const own = <T extends { readonly connectionId: string }>(rows: readonly T[]): T[] => rows.filter((row) => row.connectionId === connectionId);
  const [bill, hours] = [own(read.bill), own(read.hours)];
  const usage = hours.length > 0 ? hours : own(read.days);
  const providers = [...new Set(provider === 'import' ? bill.map(providerOf) : [provider])];
  return sumDays(providers.map((each) => reconcileDay({
    day: read.day, provider: each, width: hours.length > 0 ? '1h' : '1d', book, cells: read.cells.filter((cell) => canonicalProvider(cell.provider) === each && ownerOf(each, cell.account) === connectionId),
    usage: provider === 'import' ? usage.filter(({ dimensions }) => providerOf({ provider, dimensions }) === each) : usage, bill: provider === 'import' ? bill.filter((row) => providerOf(row) === each) : bill,
  })));
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
