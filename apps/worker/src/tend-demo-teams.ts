/** The job behind demo teams: their history is written, and those that were removed are erased. The database says which are due: a message that is lost costs a minute. */
import { createDemoFinish } from '@outlay/insights/demo';
import { fillDemoTeam } from '@outlay/ledger/demo';
import { createDemoPlans } from '@outlay/plans/demo';
import type { Database, Log, SecretBox } from '@outlay/platform';
import type { PriceBooks } from '@outlay/pricing';
import { eraseTeam, findDueDemoFills, findRemovedDemoTeams } from '@outlay/tenancy';

export interface DemoDeps {
  readonly db: Database;
  readonly log: Log;
  readonly prices: PriceBooks;
  /** Absent: a history without bills and alerts, for nothing can be sealed. */
  readonly box?: SecretBox | undefined;
  readonly now?: () => number;
  readonly signal?: AbortSignal;
}

/** One team, or every team. One that fails does not keep the others. */
export async function tendDemoTeams({ db, log, prices, box, now, signal }: DemoDeps, tenantId?: string): Promise<void> {
  const isMeant = (id: string): boolean => tenantId === undefined || id === tenantId;
  for (const id of (await findRemovedDemoTeams(db)).filter(isMeant)) {
    try {
      await eraseTeam(db, id);
      log.info({ tenantId: id }, 'A demo team was erased.');
    } catch (error) {
      log.warn({ tenantId: id, err: error }, 'A demo team could not be erased; the next round tries again.');
    }
  }
  for (const id of (await findDueDemoFills(db)).filter(isMeant)) {
    try {
      const warn = (sentence: string, error: unknown): void => log.warn({ err: error }, sentence);
      const filled = await fillDemoTeam({ db, prices, now, signal, warn, setUpPlans: createDemoPlans(db, { warn, now, signal }), ...(box === undefined ? {} : { finish: createDemoFinish({ db, box, prices, log }) }) }, id);
      if (filled !== null) log.info({ tenantId: id, ...filled }, filled.complete ? 'A demo team is full.' : 'The filling of a demo team was stopped.');
    } catch (error) {
      log.warn({ tenantId: id, err: error }, 'A demo team could not be filled.');
    }
  }
}
