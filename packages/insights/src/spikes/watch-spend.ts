/**
 * The watch: every minute, each team that spent anything or has an alert open. A process remembers the teams it has seen; which of several processes does a minute's work does not matter,
 * because what is open in the database decides what is news.
 */
import { readActiveTenants } from '@outlay/ledger';
import type { Database, Log } from '@outlay/platform';
import type { PriceBooks } from '@outlay/pricing';
import { type BilledUsage, listConnectedTenants, listConnections } from '@outlay/providers';
import { eachTeam, findUntoldDemoTeams } from '@outlay/tenancy';
import { setImmediate } from 'node:timers/promises';
import { actByRules } from './act-by-rule';
import { listTenantsWithOpenAlerts } from './store-spikes';
import { FORGET_MS, type MemoryDeps, openTeamMemory, refreshPolled, refreshTeamMemory, type TeamMemory, type WatchedTeam } from './team-memory';
import { judgeTeam } from './watch-team';

export interface SpendWatchDeps {
  readonly db: Database;
  readonly log: Log;
  readonly prices: PriceBooks;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  /** Told that a team has something new to see. */
  readonly onActivity?: ((tenantId: string) => void) | undefined;
}

export interface SpendWatch {
  /** One round; one team, or all. A team that fails does not keep the others. */
  run(tenantId?: string): Promise<void>;
}

/** Older ones are forgotten first. */
const TEAMS_MAX = 2_000;
/** Rows are seen by their commit, which may come some time after `recorded_at`. */
const RECORDED_BACK_MS = 3 * 60_000;

interface Kept {
  memory: TeamMemory;
  readonly timeZone: string;
  /** When it was last looked at. */
  seenMs: number;
}

export function createSpendWatch({ db, log, prices, now, signal, onActivity }: SpendWatchDeps): SpendWatch {
  const kept = new Map<string, Kept>();
  let lastMs = 0;

  const look = async (team: WatchedTeam, connections: readonly { readonly id: string; readonly name: string }[], nowMs: number): Promise<void> => {
    const { price } = await prices.of(team.tenantId);
    const priceOf = (row: BilledUsage): number => {
      const extras = Object.entries(row.quantities);
      const { ceilingPico } = price(team.tenantId, { provider: row.provider, model: row.model, at: row.bucket.getTime(), quantities: Object.fromEntries(extras), isRequest: false });
      return Number(ceilingPico) / 1e12;
    };
    const deps: MemoryDeps = { db, nowMs, priceOf, pause: () => setImmediate() };
    const known = kept.get(team.tenantId);
    const usable = known !== undefined && known.timeZone === team.timeZone && nowMs - known.seenMs < FORGET_MS;
    const memory = usable ? known.memory : await openTeamMemory(team, connections, deps);
    kept.delete(team.tenantId);
    kept.set(team.tenantId, { memory, timeZone: team.timeZone, seenMs: nowMs });
    if (kept.size > TEAMS_MAX) kept.delete(kept.keys().next().value!);
    await refreshTeamMemory(memory, team, deps);
    if (connections.length > 0) await refreshPolled(memory, team, connections, deps);
    const { acting, changed } = await judgeTeam(memory, team, { db, log, nowMs, price: (input) => price(team.tenantId, input) });
    await actByRules(db, log, team.tenantId, acting, nowMs);
    if (changed) onActivity?.(team.tenantId);
  };

  return {
    run: async (tenantId) => {
      const nowMs = now();
      const teams: WatchedTeam[] = [];
      const untold = tenantId === undefined ? await findUntoldDemoTeams(db) : new Set<string>();
      for await (const team of eachTeam(db)) if (!untold.has(team.tenantId) && (tenantId === undefined || team.tenantId === tenantId)) teams.push(team);
      const withinMs = RECORDED_BACK_MS + (lastMs === 0 ? 60 * 60_000 : Math.max(nowMs - lastMs, 0));
      // Whoever asks for one team wants it looked at.
      const active = tenantId === undefined ? await readActiveTenants(db, teams.map((team) => team.tenantId), withinMs) : new Set([tenantId]);
      const [open, connected] = [await listTenantsWithOpenAlerts(db), await listConnectedTenants(db)];
      lastMs = nowMs;
      for (const team of teams) {
        if (signal?.aborted) return;
        if (![active, open, connected].some((teamsWith) => teamsWith.has(team.tenantId))) continue;
        try {
          await look(team, connected.has(team.tenantId) ? await listConnections(db, team.tenantId, nowMs) : [], nowMs);
        } catch (error) {
          // What it remembers may be half new: the next round reads it again.
          kept.delete(team.tenantId);
          log.warn({ tenantId: team.tenantId, err: error }, 'The spend of a team could not be watched; the next round tries again.');
        }
      }
    },
  };
}
