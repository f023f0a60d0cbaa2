/** What a process remembers of one team's spend: the history is read once, from then on only what is new. Another process may remember less; the alerts in the database make them agree. */
import { DAY_MS, zoneOffsetMs } from '@outlay/kernel';
import { modelFamily, readFirstRowMs, readSpendSeries, readSpendSubjects, type SpendSeries } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { type BilledUsage, readUsageBuckets } from '@outlay/providers';
import { unroutedSpend } from './polled-spend';
import { TEAM_SHARE_MIN } from './judge-series';
import { BUCKET_MS, createSpendState, HOUR_MS, type Point, replaySeries, type SpendState } from './spend-series';
import type { SpikeScope } from './spike-settings';

export interface WatchedTeam {
  readonly tenantId: string;
  readonly timeZone: string;
}

export interface Connection {
  readonly id: string;
  readonly name: string;
}

export interface TeamMemory {
  readonly sinceMs: number;
  /** Whoever of the ledger never spent so much within hours is not looked at closely. */
  readonly asleepBelowUsd: number;
  readonly ledger: Map<string, SpendState>;
  readonly polled: Map<string, SpendState>;
  /** The ledger's dollars by model family and bucket, of the last hours. */
  readonly models: Map<string, Map<number, number>>;
  closedMs: number;
  /** Up to where polled buckets are told; the provider's clock, not ours. */
  polledMs: number;
}

export interface MemoryDeps {
  readonly db: Database;
  readonly nowMs: number;
  /** What a polled bucket without a price counts as, in dollars. */
  readonly priceOf: (row: BilledUsage) => number;
  readonly pause: () => Promise<void>;
}

const HISTORY_DAYS = 28;
/** Rows of a bucket that has just ended may still be on their way. */
const GRACE_MS = 45_000;
const AHEAD_MS = 5 * 60_000;
/** Of each kind. */
const SUBJECTS_MAX = 60;
/** Whoever spent less in all its history has no season to learn. */
const HISTORY_MIN_USD = 0.5;
const STATES_MAX = 400;
const POLLED_BACK_MS = 3 * HOUR_MS;
/** A provider that says nothing for so long has nothing to say. */
const POLLED_SILENT_MS = 30 * 60_000;
/** After a longer absence the history is read anew. */
export const FORGET_MS = 12 * HOUR_MS;

export async function openTeamMemory(team: WatchedTeam, connections: readonly Connection[], deps: MemoryDeps): Promise<TeamMemory> {
  const { db, nowMs, pause } = deps;
  const fromMs = nowMs - HISTORY_DAYS * DAY_MS;
  const closedMs = closedAt(nowMs);
  const firstMs = await db.withTenant(team.tenantId, (tx) => readFirstRowMs(tx, { fromMs, toMs: nowMs + AHEAD_MS }));
  const history = firstMs === null ? [] : await readHistory(db, team.tenantId, firstMs, nowMs);
  const spentUsd = history.find(({ scope }) => scope === 'tenant')?.points.reduce((sum, { usd }) => sum + usd, 0) ?? 0;
  const memory: TeamMemory = {
    sinceMs: firstMs ?? nowMs, asleepBelowUsd: asleepBelow((spentUsd * DAY_MS) / Math.max(nowMs - (firstMs ?? nowMs), DAY_MS)), ledger: new Map(), polled: new Map(), models: new Map(), closedMs,
    polledMs: floorTo(nowMs - POLLED_SILENT_MS),
  };
  for (const series of history) {
    if (series.scope !== 'tenant' && series.points.reduce((sum, { usd }) => sum + usd, 0) < HISTORY_MIN_USD) continue;
    const state = createState(team, series.scope, series.subject, series.subject, memory.sinceMs, memory.asleepBelowUsd);
    memory.ledger.set(`${series.scope} ${series.subject}`, state);
    await replaySeries(state, series.points, closedMs, pause);
  }
  if (connections.length > 0) await replayPolled(memory, team, connections, history, deps);
  return memory;
}

async function readHistory(db: Database, tenantId: string, firstMs: number, nowMs: number): Promise<{ scope: SpendSeries['scope']; subject: string; points: Point[] }[]> {
  const subjects = await db.withTenant(tenantId, (tx) => readSpendSubjects(tx, { fromMs: firstMs, toMs: nowMs }, SUBJECTS_MAX));
  const all = new Map<string, { scope: SpendSeries['scope']; subject: string; points: Point[] }>();
  // Day by day: no statement reads more than a day's rows, and no transaction is open for longer.
  for (let fromMs = Math.floor(firstMs / BUCKET_MS) * BUCKET_MS; fromMs < nowMs + AHEAD_MS; fromMs += DAY_MS) {
    const toMs = Math.min(fromMs + DAY_MS, nowMs + AHEAD_MS);
    for (const { scope, subject, points } of await db.withTenant(tenantId, (tx) => readSpendSeries(tx, { fromMs, toMs, bucketMs: BUCKET_MS }, subjects))) {
      const known = all.get(`${scope} ${subject}`);
      if (known === undefined) all.set(`${scope} ${subject}`, { scope, subject, points: [...points] });
      else known.points.push(...points);
    }
  }
  return [...all.values()];
}

/** What came since: one read of the open buckets, and of the whole last hour whenever one closes, for rows that came late. */
export async function refreshTeamMemory(memory: TeamMemory, team: WatchedTeam, { db, nowMs }: MemoryDeps): Promise<void> {
  const closedMs = closedAt(nowMs);
  const fromMs = closedMs > memory.closedMs ? Math.min(memory.closedMs, floorTo(nowMs - HOUR_MS)) : memory.closedMs;
  const series = await db.withTenant(team.tenantId, (tx) => readSpendSeries(tx, { fromMs, toMs: nowMs + AHEAD_MS, bucketMs: BUCKET_MS }));
  const seen = new Set<string>();
  for (const { scope, subject, points } of series) {
    const key = `${scope} ${subject}`;
    seen.add(key);
    let state = memory.ledger.get(key);
    if (state === undefined && (scope === 'tenant' || (memory.ledger.size < STATES_MAX && points.reduce((sum, { usd }) => sum + usd, 0) >= HISTORY_MIN_USD))) {
      memory.ledger.set(key, (state = createState(team, scope, subject, subject, Math.max(memory.sinceMs, fromMs), memory.asleepBelowUsd)));
    }
    state?.update(fromMs, points);
    if (scope === 'model') rememberModel(memory, subject, points, nowMs);
  }
  for (const [key, state] of memory.ledger) {
    if (!seen.has(key)) state.update(fromMs, []);
    state.close(closedMs);
    if (memory.ledger.size > STATES_MAX / 2 && state.scope !== 'tenant' && state.isIdle(nowMs)) memory.ledger.delete(key);
  }
  memory.closedMs = closedMs;
}

export async function refreshPolled(memory: TeamMemory, team: WatchedTeam, connections: readonly Connection[], { db, nowMs, priceOf }: MemoryDeps): Promise<void> {
  const fromMs = floorTo(nowMs - POLLED_BACK_MS);
  const rows = await db.withTenant(team.tenantId, (tx) => readUsageBuckets(tx, { fromMs, toMs: nowMs + AHEAD_MS, width: '1m' }));
  const { series, untilMs } = unroutedSpend(rows, memory.models, priceOf, nameIn(connections));
  // The last bucket that anything is known of is not over.
  const closedMs = Math.max(memory.polledMs, floorTo(nowMs - POLLED_SILENT_MS), untilMs === null ? 0 : Math.min(untilMs - BUCKET_MS, closedAt(nowMs)));
  const seen = new Set<string>();
  for (const { scope, subject, name, points } of series) {
    const key = `${scope} ${subject}`;
    seen.add(key);
    let state = memory.polled.get(key);
    if (state === undefined && points.reduce((sum, { usd }) => sum + usd, 0) >= HISTORY_MIN_USD) memory.polled.set(key, (state = createState(team, scope, subject, name, fromMs)));
    state?.update(fromMs, points);
  }
  for (const [key, state] of memory.polled) {
    if (!seen.has(key)) state.update(fromMs, []);
    state.close(closedMs);
  }
  memory.polledMs = closedMs;
}

/** When it is on the provider's side: buckets come some minutes late, and an hour that has come late is still an hour. */
export function polledNow({ polledMs }: TeamMemory, nowMs: number): number {
  return Math.min(nowMs, polledMs + BUCKET_MS);
}

async function replayPolled(memory: TeamMemory, team: WatchedTeam, connections: readonly Connection[], ledger: readonly { scope: string; subject: string; points: readonly Point[] }[], deps: MemoryDeps): Promise<void> {
  const { db, nowMs, priceOf, pause } = deps;
  const models = new Map<string, Map<number, number>>();
  for (const { scope, subject, points } of ledger) if (scope === 'model') addPoints(models, modelFamily(subject), points);
  for (const [family, buckets] of models) memory.models.set(family, new Map([...buckets].filter(([startMs]) => startMs > nowMs - POLLED_BACK_MS - HOUR_MS)));
  const all = new Map<string, { scope: SpikeScope; subject: string; name: string; points: Point[] }>();
  let sinceMs = nowMs;
  for (let fromMs = floorTo(nowMs - HISTORY_DAYS * DAY_MS); fromMs < nowMs; fromMs += DAY_MS) {
    const rows = await db.withTenant(team.tenantId, (tx) => readUsageBuckets(tx, { fromMs, toMs: Math.min(fromMs + DAY_MS, nowMs), width: '1m' }));
    for (const { points, ...series } of unroutedSpend(rows, models, priceOf, nameIn(connections)).series) {
      for (const { startMs } of points) sinceMs = Math.min(sinceMs, startMs);
      const known = all.get(`${series.scope} ${series.subject}`);
      if (known === undefined) all.set(`${series.scope} ${series.subject}`, { ...series, points: [...points] });
      else known.points.push(...points);
    }
    await pause();
  }
  const closedMs = floorTo(nowMs - POLLED_SILENT_MS);
  for (const { scope, subject, name, points } of all.values()) {
    const state = createState(team, scope, subject, name, sinceMs);
    memory.polled.set(`${scope} ${subject}`, state);
    await replaySeries(state, points, closedMs, pause);
  }
  memory.polledMs = closedMs;
}

function rememberModel(memory: TeamMemory, model: string, points: readonly Point[], nowMs: number): void {
  const family = modelFamily(model);
  const buckets = memory.models.get(family) ?? new Map<number, number>();
  memory.models.set(family, buckets);
  // Snapshots of one family count together only where they come together; the greater one is near enough to tell what is routed.
  for (const { startMs, usd } of points) buckets.set(startMs, Math.max(usd, buckets.get(startMs) ?? 0));
  for (const startMs of buckets.keys()) if (startMs < nowMs - POLLED_BACK_MS - HOUR_MS) buckets.delete(startMs);
}

function addPoints(models: Map<string, Map<number, number>>, family: string, points: readonly Point[]): void {
  const buckets = models.get(family) ?? new Map<number, number>();
  models.set(family, buckets);
  for (const { startMs, usd } of points) buckets.set(startMs, (buckets.get(startMs) ?? 0) + usd);
}

/** What is unusual of a spender must come to a share of the team's day: half of that, because the team may grow smaller, and never less than the detector's own minimum. */
function asleepBelow(teamDayUsd: number): number {
  return Math.max(HISTORY_MIN_USD, (teamDayUsd * TEAM_SHARE_MIN) / 2);
}

/** The team itself is always looked at closely. */
export function createState({ timeZone }: WatchedTeam, scope: SpikeScope, subject: string, name: string, sinceMs: number, asleepBelowUsd = 0): SpendState {
  const offsets = new Map<number, number>();
  const offsetMs = (atMs: number): number => {
    const hour = Math.floor(atMs / HOUR_MS);
    let offset = offsets.get(hour);
    if (offset === undefined) {
      offsets.clear();
      offsets.set(hour, (offset = zoneOffsetMs(hour * HOUR_MS, timeZone)));
    }
    return offset;
  };
  return createSpendState({ scope, subject, name, offsetMs, sinceMs, asleepBelowUsd: scope === 'tenant' ? 0 : asleepBelowUsd });
}

function nameIn(connections: readonly Connection[]): (id: string) => string {
  return (id) => connections.find((each) => each.id === id)?.name ?? id;
}

function floorTo(timeMs: number): number {
  return Math.floor(timeMs / BUCKET_MS) * BUCKET_MS;
}

function closedAt(nowMs: number): number {
  return floorTo(nowMs - GRACE_MS);
}
