/** The round that compares ledgers with bills. What it could not compare is due again in the next one. */
import type { Database, Log } from '@outlay/platform';
import type { PriceBooks } from '@outlay/pricing';
import { reconcileDays } from '@outlay/providers';
import { eachTeam } from '@outlay/tenancy';

export interface ReconcileDeps {
  readonly db: Database;
  readonly log: Log;
  readonly prices: PriceBooks;
  readonly now?: () => number;
  readonly signal?: AbortSignal;
  /** Told that a team has something new to see. */
  readonly onActivity?: ((tenantId: string) => void) | undefined;
}

/** One connection, one team, or every team. One that fails does not keep the others. */
export async function reconcileTeams({ db, log, prices, now = Date.now, signal, onActivity }: ReconcileDeps, tenantId?: string, connectionId?: string): Promise<void> {
  const reconcile = async (team: string): Promise<void> => {
    try {
      const days = await reconcileDays({ db, bookOf: async (of) => (await prices.of(of)).book, now, signal }, team, connectionId ?? null);
      // Whoever asked sees that it was done, also where nothing had changed.
      if (days === 0 && connectionId === undefined) return;
      onActivity?.(team);
      log.debug({ tenantId: team, days }, 'A ledger was compared with its bills.');
    } catch (error) {
      log.warn({ tenantId: team, err: error }, 'A ledger could not be compared with its bills; the next round tries again.');
    }
  };
  if (tenantId !== undefined) return await reconcile(tenantId);
  for await (const team of eachTeam(db)) {
    if (signal?.aborted) return;
    await reconcile(team.tenantId);
  }
}
