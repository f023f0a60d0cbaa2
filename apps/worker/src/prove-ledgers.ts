/** The jobs that prove the books of teams. The database says which proofs are due: a message that is lost costs a minute. */
import { advanceBalance, type ArchiveSeal, listDueBalances, requestNightlyBalances } from '@outlay/ledger';
import { creditCheck } from '@outlay/plans';
import type { Database, Log } from '@outlay/platform';
import type { PriceBooks } from '@outlay/pricing';

export interface ProveDeps {
  readonly db: Database;
  readonly log: Log;
  readonly prices: PriceBooks;
  /** Null without the master key: seals are then not checked, and the proof says so. */
  readonly seal: ArchiveSeal | null;
  /** Aborted when the worker stops: a proof of minutes breaks off, and the next worker goes on with it. */
  readonly signal: AbortSignal;
}

export async function proveLedgers({ db, log, prices, seal, signal }: ProveDeps, tenantId?: string): Promise<void> {
  const due = (await listDueBalances(db)).filter((balance) => tenantId === undefined || balance.tenantId === tenantId);
  if (due.length === 0) return;
  // A price that another process recorded a moment ago may stand in a row already.
  await prices.check();
  for (const each of due) {
    if (signal.aborted) return;
    try {
      await prices.refresh(each.tenantId);
      const { versionById } = await prices.of(each.tenantId);
      const proof = await advanceBalance({ db, seal, signal, rooms: [creditCheck(db)], versionById: (id) => versionById(each.tenantId, id) }, each);
      if (proof === null || proof.state === 'running') continue;
      const failed = proof.checks.filter(({ state }) => state === 'failed');
      const facts = { tenantId: each.tenantId, proof: each.id, rows: proof.rowsRead };
      if (proof.state === 'failed') log.error({ ...facts, failure: proof.failure }, 'A proof of the books could not be finished.');
      else if (failed.length > 0) log.error({ ...facts, checks: failed.map(({ name }) => name) }, 'The books of a team are not right: its page "Trial balance" names the first row of each check.');
      else log.info(facts, 'The books of a team were proved.');
    } catch (error) {
      log.warn({ tenantId: each.tenantId, proof: each.id, err: error }, 'A proof of the books could not go on; the next round tries again.');
    }
  }
}

export async function planProofs({ db, log }: Pick<ProveDeps, 'db' | 'log'>, nowMs: number): Promise<void> {
  const teams = await requestNightlyBalances(db, nowMs);
  if (teams.length > 0) log.debug({ teams: teams.length }, 'Proofs of the night were asked for.');
}
