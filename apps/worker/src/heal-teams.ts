/** The job that looks whether rows without price have one by now, team by team. */
import { healQuarantine } from '@outlay/ledger';
import { eachTeam } from '@outlay/tenancy';
import type { RepriceDeps } from './reprice-rows';

export interface HealDeps extends RepriceDeps {
  readonly onRepricing?: (tenantId: string) => Promise<void>;
}

export async function healTeams({ db, log, prices, onRepricing }: HealDeps, tenantId?: string): Promise<void> {
  // What another process recorded a moment ago is why this job was called.
  if (tenantId === undefined) await prices.check();
  else await prices.refresh(tenantId);
  const teams = tenantId === undefined ? eachTeam(db) : [{ tenantId }];
  for await (const team of teams) {
    try {
      const { book, mark, price } = await prices.of(team.tenantId);
      const run = await healQuarantine({ db, book, mark, price }, team.tenantId);
      if (run === null) continue;
      log.info({ tenantId: team.tenantId, run: run.id, startsItself: run.startsItself }, 'Rows without a price have one now: a re-pricing is planned.');
      await onRepricing?.(team.tenantId);
    } catch (error) {
      log.warn({ tenantId: team.tenantId, err: error }, 'The quarantine of a team could not be searched; the next round tries again.');
    }
  }
}
