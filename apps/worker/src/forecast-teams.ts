/** The hourly round of forecasts. What is missed by an hour is caught up by the next: a row of a day holds its last state. */
import { makeForecasts } from '@outlay/insights';
import type { Database, Log } from '@outlay/platform';
import { eachTeam } from '@outlay/tenancy';

export interface ForecastDeps {
  readonly db: Database;
  readonly log: Log;
  readonly now?: () => number;
  readonly signal?: AbortSignal;
}

/** One team, or every team. One that fails does not keep the others. */
export async function forecastTeams({ db, log, now = Date.now, signal }: ForecastDeps, tenantId?: string): Promise<void> {
  let made = 0;
  for await (const team of eachTeam(db)) {
    if (signal?.aborted) return;
    if (tenantId !== undefined && team.tenantId !== tenantId) continue;
    try {
      made += await makeForecasts(db, team.tenantId, now());
    } catch (error) {
      log.warn({ tenantId: team.tenantId, err: error }, 'The forecast of a team could not be made; the next round tries again.');
    }
  }
  if (made > 0) log.debug({ made }, 'Forecasts were made.');
}
