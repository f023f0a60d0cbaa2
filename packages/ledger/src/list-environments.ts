/** The environments that a team's events name, from the rollups: when each was seen, and what it did and cost lately. */
import { DAY_MS } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { readEnvironments, type SeenEnvironment } from './store-environments';

export const LATELY_DAYS = 30;

/** By cost of the last 30 local days, today among them. */
export async function listEnvironments(db: Database, tenantId: string, nowMs: number): Promise<readonly SeenEnvironment[]> {
  return await db.withTenant(tenantId, (tx) => readEnvironments(tx, new Date(nowMs - (LATELY_DAYS - 1) * DAY_MS)));
}
