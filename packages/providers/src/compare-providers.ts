/** Cost and tokens of all providers in one schema: what we recorded beside what they report and bill. By UTC days, as bills are. */
import { DAY_MS, DomainError, TOKEN_CLASSES, type TokenClass } from '@outlay/kernel';
import { modelFamily, readModels } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { canonicalProvider } from '@outlay/pricing';
import { type BilledRow, type BilledUsage, readBilledDays, readUsageBuckets } from './store-bill';

export interface CompareInput {
  /** UTC days, `[from, to)`: `2026-11-01`. */
  readonly from: string;
  readonly to: string;
  readonly groupBy: 'provider' | 'model';
}

type Tokens = Partial<Record<TokenClass, number>>;

export interface ComparedRow {
  readonly provider: string;
  /** Without its date; null by provider, '' for what names none. */
  readonly model: string | null;
  /** Null where the ledger has nothing. */
  readonly ledger: { readonly costPico: bigint; readonly calls: number; readonly unpriced: number; readonly tokens: Tokens; readonly tokensTotal: number } | null;
  /** What the provider says was used, at our prices; null where it says nothing. */
  readonly reported: { readonly pricedPico: bigint; readonly unpriced: number; readonly requests: number; readonly tokens: Tokens; readonly tokensTotal: number } | null;
  /** What it bills; null where it bills nothing, or nothing yet. */
  readonly billed: { readonly amountPico: bigint; readonly provisionalPico: bigint } | null;
}

const DAYS_MAX = 92;

/** The dearest first. Errors: `invalid_input` on `from` or `to`. */
export async function compareProviders(db: Database, tenantId: string, { from, to, groupBy }: CompareInput, nowMs = Date.now()): Promise<ComparedRow[]> {
  const [fromMs, toMs] = [dayMs('from', from), dayMs('to', to)];
  if (toMs <= fromMs) throw new DomainError('invalid_input', { field: 'to', message: 'A day after the first one.' });
  if (toMs - fromMs > DAYS_MAX * DAY_MS) throw new DomainError('invalid_input', { field: 'from', message: `At most ${DAYS_MAX} days at once.` });
  const { models } = await readModels(db, tenantId, { fromMs, toMs }, nowMs);
  const { bill, usage } = await db.withTenantSnapshot(tenantId, async (tx) => ({ bill: await readBilledDays(tx, { from, to }), usage: await readUsage(tx, fromMs, toMs) }));
  const rows = new Map<string, Mutable>();
  const rowOf = (provider: string, model: string | null): Mutable => {
    const named = { provider: canonicalProvider(provider), model: groupBy === 'provider' ? null : modelFamily(model ?? '') };
    const key = JSON.stringify(named);
    const row = rows.get(key) ?? { ...named, ledger: null, reported: null, billed: null };
    rows.set(key, row);
    return row;
  };
  for (const each of models) {
    const row = rowOf(each.provider, each.model);
    row.ledger ??= { costPico: 0n, calls: 0, unpriced: 0, tokens: {}, tokensTotal: 0 };
    row.ledger.costPico += BigInt(each.costPico);
    row.ledger.calls += each.calls;
    row.ledger.unpriced += each.unpriced;
    addTokens(row.ledger, each.quantities);
  }
  for (const each of usage) {
    if (each.requests === 0 && Object.keys(each.quantities).length === 0) continue;
    const row = rowOf(providerOf(each), each.model);
    row.reported ??= { pricedPico: 0n, unpriced: 0, requests: 0, tokens: {}, tokensTotal: 0 };
    row.reported.pricedPico += each.pricedPico ?? 0n;
    row.reported.unpriced += each.pricedPico === null ? 1 : 0;
    row.reported.requests += each.requests;
    addTokens(row.reported, each.quantities);
  }
  for (const each of bill) {
    const row = rowOf(providerOf(each), each.model);
    row.billed ??= { amountPico: 0n, provisionalPico: 0n };
    row.billed.amountPico += each.amountPico;
    if (each.provisional) row.billed.provisionalPico += each.amountPico;
  }
  return [...rows.values()].sort((a, b) => Number(weight(b) - weight(a)) || (a.provider + (a.model ?? '') < b.provider + (b.model ?? '') ? -1 : 1));
}

interface Counted {
  tokens: Tokens;
  tokensTotal: number;
}

interface Mutable {
  readonly provider: string;
  readonly model: string | null;
  ledger: (Counted & { costPico: bigint; calls: number; unpriced: number }) | null;
  reported: (Counted & { pricedPico: bigint; unpriced: number; requests: number }) | null;
  billed: { amountPico: bigint; provisionalPico: bigint } | null;
}

/** Hours where a provider counts them, else days: never both, they are the same use. */
async function readUsage(tx: Parameters<typeof readUsageBuckets>[0], fromMs: number, toMs: number): Promise<BilledUsage[]> {
  const hours = await readUsageBuckets(tx, { fromMs, toMs, width: '1h' });
  const byTheHour = new Set(hours.map(({ connectionId }) => connectionId));
  return [...hours, ...(await readUsageBuckets(tx, { fromMs, toMs, width: '1d' })).filter(({ connectionId }) => !byTheHour.has(connectionId))];
}

/** An imported file names the provider of each line. */
function providerOf({ provider, dimensions }: Pick<BilledRow, 'provider' | 'dimensions'>): string {
  return provider === 'import' ? (dimensions['provider'] ?? 'import') : provider;
}

function addTokens(to: Counted, from: Readonly<Record<string, number>>): void {
  for (const name of TOKEN_CLASSES) {
    const count = from[name] ?? 0;
    if (count === 0) continue;
    to.tokens[name] = (to.tokens[name] ?? 0) + count;
    to.tokensTotal += count;
  }
}

function weight({ ledger, reported, billed }: Mutable): bigint {
  return billed?.amountPico ?? ledger?.costPico ?? reported?.pricedPico ?? 0n;
}

function dayMs(field: string, day: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at)) throw new DomainError('invalid_input', { field, message: 'A day such as 2026-11-01.' });
  return at;
}
