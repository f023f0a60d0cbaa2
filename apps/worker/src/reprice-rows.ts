/** The job that drives re-pricing runs. The database says which are due: a message that is lost costs a minute. */
import { advanceRepricing, createLedgerWriter, listDueRepricings } from '@outlay/ledger';
import type { Database, Log } from '@outlay/platform';
import type { PriceBooks } from '@outlay/pricing';

export interface RepriceDeps {
  readonly db: Database;
  readonly log: Log;
  readonly prices: PriceBooks;
}

/** Errors: `unavailable`, `overloaded` of the last run that could not go on; it goes on with the next round. */
export async function repriceRows({ db, log, prices }: RepriceDeps, tenantId?: string): Promise<void> {
  const due = (await listDueRepricings(db)).filter((run) => tenantId === undefined || run.tenantId === tenantId);
  if (due.length === 0) return;
  // A run was planned by what another process knew: this one must know no less.
  await prices.check();
  const warn = (sentence: string, error: unknown): void => log.warn({ err: error }, sentence);
  // A slot of its own, held only while there is work: re-pricing never waits in the queue of what comes in, nor the other way round.
  const writer = await createLedgerWriter(db, { connections: 1, log: warn });
  try {
    for (const each of due) {
      try {
        await prices.refresh(each.tenantId);
        const { price } = await prices.of(each.tenantId);
        const run = await advanceRepricing({ db, writer, price }, each);
        if (run === null) continue;
        const { state, corrected, changedMeanwhile, refused } = run;
        log.info({ tenantId: each.tenantId, run: run.id, state, corrected, changedMeanwhile, refused, requestId: run.requestId }, 'A re-pricing got on.');
      } catch (error) {
        log.warn({ tenantId: each.tenantId, run: each.id, err: error }, 'A re-pricing could not go on; the next round tries again.');
      }
    }
  } finally {
    await writer.close();
  }
}
