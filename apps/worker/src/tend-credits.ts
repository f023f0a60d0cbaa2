/**
 * The job behind prepaid credits: what plans grant at the start of a period, lots whose time has come, and outcomes that nobody burned right after their commit. The database
 * says what is due, so a message that is lost costs a minute.
 */
import { catchUpBurns, createBurnRules, expireCredits, grantPeriods } from '@outlay/plans';
import type { Database, Log } from '@outlay/platform';
import { eachTeam } from '@outlay/tenancy';

export interface CreditDeps {
  readonly db: Database;
  readonly log: Log;
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal;
}

/** One team, or every team. One that fails does not keep the others. */
export async function tendCredits({ db, log, now = Date.now, signal }: CreditDeps, tenantId?: string): Promise<void> {
  // Grants before burns, so that a burn of the new period finds them; expiries last, so that what occurred before the end still burns the old lot.
  for await (const team of eachTeam(db)) {
    if (signal?.aborted) return;
    if (tenantId !== undefined && team.tenantId !== tenantId) continue;
    try {
      const granted = await grantPeriods(db, team.tenantId, now());
      const burned = await catchUpBurns({ db, ruleAt: createBurnRules(db), now, ...(signal === undefined ? {} : { signal }) }, team.tenantId);
      if (granted.size + burned.runs > 0) log.info({ tenantId: team.tenantId, granted: granted.size, runs: burned.runs }, 'Credits were granted or burned.');
    } catch (error) {
      log.warn({ tenantId: team.tenantId, err: error }, 'Credits of a team could not be tended; the next round tries again.');
    }
  }
  const expired = await expireCredits(db, now(), { tenantId, onFailed: (id, error) => log.warn({ tenantId: id, err: error }, 'Credits could not be expired; the next round tries again.') });
  if (expired > 0) log.info({ customers: expired }, 'Credits expired or rolled over.');
}
