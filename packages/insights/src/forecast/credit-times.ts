/** When prepaid credits will be used up, from what was burned each day. */
import { formatRational, type Rational } from '@outlay/kernel';
import { creditText, readCreditBurns } from '@outlay/plans';
import type { PoolClient } from 'pg';
import { aheadOf } from './cap-times';
import { timeUntil } from './limit-times';
import { HISTORY_DAYS, type TeamDay } from './outlook-facts';

export interface CreditTime {
  readonly customerId: string;
  /** Credits, a decimal. */
  readonly available: string;
  /** Credits a day: the mean of the last seven whole days. */
  readonly burnPerDay: string;
  /** Null: not within a quarter. */
  readonly emptyAt: string | null;
  readonly earliestAt: string | null;
  readonly latestAt: string | null;
}

const CUSTOMERS_MAX = 50;

/** Customers who burn credits, the soonest to be empty first; one of them with `customerId`. Run in a snapshot. */
export async function readCreditTimes(tx: PoolClient, tenantId: string, team: TeamDay, customerId?: string): Promise<CreditTime[]> {
  const burns = await readCreditBurns(tx, tenantId, { customerId, daysBefore: HISTORY_DAYS, timeZone: team.timeZone, limit: CUSTOMERS_MAX }, team.nowMs);
  const iso = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString());
  const times = burns.map(({ customerId: name, available, days }): CreditTime => {
    const whole = days.slice(0, -1);
    const first = whole.findIndex((value) => value > 0);
    const history = first === -1 ? [days.at(-1)!] : whole.slice(first);
    const { reachedAtMs, earliestAtMs, latestAtMs } = timeUntil(toNumber(available), aheadOf(history, team));
    const week = history.slice(-7);
    return {
      customerId: name, available: creditText(available), burnPerDay: formatRational({ num: BigInt(Math.round((week.reduce((sum, value) => sum + value, 0) / week.length) * 100)), den: 100n }, 2),
      emptyAt: iso(reachedAtMs), earliestAt: iso(earliestAtMs), latestAt: iso(latestAtMs),
    };
  });
  return times.sort((a, b) => (a.emptyAt ?? a.earliestAt ?? '9').localeCompare(b.emptyAt ?? b.earliestAt ?? '9'));
}

function toNumber({ num, den }: Rational): number {
  return Number((num * 1_000_000n) / den) / 1_000_000;
}
