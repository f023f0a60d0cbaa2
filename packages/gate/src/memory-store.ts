/** The gate's counters and holds in one process: the rule of `decide.ts` on maps. Every method is one step; nothing else runs between its reading and its writing. */
import { randomInt } from 'node:crypto';
import type { BeginRequest, Decision, Metric } from './decide';
import { type Begun, DUE_AT_ONCE, type GateStore, type OpenHold, type SeenState, type SlotCut, type Spend } from './gate-store';
import { counterKeysOf, decideAsSeen, extendedKeys, metricsByKey, remainingOf, runsKeysOf, shapeNumber } from './hold-amounts';
import type { RateState } from './rate-limit';

/** A counter that nobody asked for so long, and in which nothing is held, is forgotten; who needs it again reads it from the ledger. */
export const IDLE_MS = 3 * 86_400_000;
/** Batches that may wait for one reader: more than that, and it reads again. */
const WAITING_MAX = 1_000;

interface Told {
  readonly slot: number;
  readonly batch: number;
  readonly amount: number;
}

interface Entry {
  /** Null: missing. Batches since then wait in `waiting` for whoever reads it, whose cut must not lie before `since`. */
  used: number | null;
  held: number;
  /** Batches that are in `used` already although they have not been told: the cut it was set at, where that was ahead. */
  ahead: Map<number, number>;
  since: SlotCut;
  waiting: Told[];
  touchedMs: number;
}

interface Hold {
  readonly runId: string;
  expiresMs: number;
  readonly amounts: Partial<Record<Metric, number>>;
  readonly spent: Partial<Record<Metric, number>>;
  readonly metricByKey: Map<string, Metric>;
  readonly ahead: Map<number, number>;
  /** What it saw when it began; null for a hold that was restored. */
  readonly first: { readonly shape: number; readonly nowMs: number; readonly seen: SeenState } | null;
}

interface Tenant {
  restored: boolean;
  readonly loss: number;
  readonly applied: Map<number, number>;
  /** Batches told between `lost` and `restore`. */
  readonly waiting: { readonly slot: number; readonly batch: number; readonly spends: readonly Spend[] }[];
  attendedMs: number | null;
  /** No hold ends before. */
  nextExpiryMs: number;
  readonly entries: Map<string, Entry>;
  readonly rates: Map<string, { readonly state: RateState; readonly touchedMs: number }>;
  readonly holds: Map<string, Hold>;
}

export function createMemoryStore(): GateStore {
  const tenants = new Map<string, Tenant>();
  /** Ended by a begin that came before the sweep: told by the next sweep. */
  let ended: { tenantId: string; runId: string }[] = [];
  let sweptMs = Number.NEGATIVE_INFINITY;

  const watched = (tenantId: string): Tenant => {
    const known = tenants.get(tenantId);
    if (known) return known;
    const tenant: Tenant = { restored: false, loss: randomInt(2 ** 32), applied: new Map(), waiting: [], attendedMs: null, nextExpiryMs: Infinity, entries: new Map(), rates: new Map(), holds: new Map() };
    tenants.set(tenantId, tenant);
    return tenant;
  };
  const restored = (tenantId: string): Tenant | undefined => {
    const tenant = tenants.get(tenantId);
    return tenant?.restored ? tenant : undefined;
  };
  const endDue = (tenantId: string, tenant: Tenant, nowMs: number): void => {
    if (nowMs < tenant.nextExpiryMs) return;
    tenant.nextExpiryMs = Infinity;
    for (const hold of tenant.holds.values()) {
      if (hold.expiresMs <= nowMs) {
        end(tenant, hold);
        ended.push({ tenantId, runId: hold.runId });
      } else tenant.nextExpiryMs = Math.min(tenant.nextExpiryMs, hold.expiresMs);
    }
  };

  /** Looks at what the request needs; own: what to see of the run's own hold besides. */
  const look = (tenant: Tenant, request: BeginRequest, own: (key: string) => number): SeenState | { readonly missing: readonly string[] } => {
    const runs = runsKeysOf(request);
    const missing: string[] = [];
    const counters: Record<string, { used: number; held: number }> = {};
    for (const key of counterKeysOf(request)) {
      const entry = entryOf(tenant, key, runs.has(key));
      entry.touchedMs = request.nowMs;
      if (entry.used === null) missing.push(key);
      else counters[key] = { used: entry.used, held: entry.held + own(key) };
    }
    if (missing.length > 0) return { missing };
    const rates: Record<string, RateState> = {};
    for (const { key } of request.rates) {
      const state = tenant.rates.get(key);
      if (state) rates[key] = state.state;
    }
    return { counters, rates };
  };
  const decided = (tenantId: string, request: BeginRequest, find: (tenant: Tenant) => Hold | undefined, take: (tenant: Tenant, decision: Decision, seen: SeenState, hold: Hold | undefined) => void, again = false): Begun => {
    const tenant = watched(tenantId);
    if (!tenant.restored) return { kind: 'lost' };
    endDue(tenantId, tenant, request.nowMs);
    const hold = find(tenant);
    const metrics = metricsByKey(request);
    // An extension asks for the difference: its hold counts as if it stood in all windows of its new life already. Who only asks again does not stand in its own way.
    const own = (key: string): number => (hold && again === hold.metricByKey.has(key) ? (again ? -1 : 1) * remainingOf(metrics.get(key)!, hold.amounts, hold.spent) : 0);
    const seen = look(tenant, request, own);
    if ('missing' in seen) return { kind: 'missing', keys: seen.missing };
    const decision = decideAsSeen(seen, request);
    take(tenant, decision, seen, hold);
    return { kind: 'decided', decision, seen, again };
  };
  const takeRates = (tenant: Tenant, decision: Decision, touchedMs: number): void => {
    if (decision.verdict !== 'deny') for (const { key, next } of decision.rates) tenant.rates.set(key, { state: next, touchedMs });
  };

  const store: GateStore = {
    begin: (tenantId, { runId, expiresMs }, request) => {
      const tenant = watched(tenantId);
      if (tenant.restored) endDue(tenantId, tenant, request.nowMs);
      const known = tenant.holds.get(runId);
      const shape = shapeNumber(counterKeysOf(request), request.rates);
      if (tenant.restored && known?.first?.shape === shape) {
        const { seen, nowMs } = known.first;
        return Promise.resolve({ kind: 'decided', decision: decideAsSeen(seen, { ...request, nowMs }), seen, again: true });
      }
      // A hold that was restored, or looked at other counters, stays as it is: its run gets the answer that it would get now.
      if (tenant.restored && known) return Promise.resolve(decided(tenantId, request, () => known, () => undefined, true));
      return Promise.resolve(decided(tenantId, request, () => undefined, (into, decision, seen) => {
        if (decision.verdict === 'deny') return;
        takeRates(into, decision, request.nowMs);
        open(into, {
          runId, expiresMs, amounts: { ...request.reservation.amounts }, spent: {}, metricByKey: new Map(decision.holds.map(({ key, metric }) => [key, metric])), ahead: new Map(), first: { shape, nowMs: request.nowMs, seen },
        });
      }));
    },
    extend: (tenantId, { runId, expiresMs }, request) => {
      const tenant = watched(tenantId);
      if (tenant.restored) {
        endDue(tenantId, tenant, request.nowMs);
        if (!tenant.holds.has(runId)) return Promise.resolve(null);
      }
      return Promise.resolve(decided(tenantId, request, (into) => into.holds.get(runId), (into, decision, _seen, hold) => {
        if (decision.verdict === 'deny' || !hold) return;
        takeRates(into, decision, request.nowMs);
        close(into, hold);
        for (const [metric, amount] of Object.entries(request.reservation.amounts) as [Metric, number][]) hold.amounts[metric] = (hold.amounts[metric] ?? 0) + amount;
        // Windows that only its longer life touches count all that it may still spend.
        for (const [key, metric] of extendedKeys(request, decision, hold.amounts)) hold.metricByKey.set(key, metric);
        hold.expiresMs = Math.max(hold.expiresMs, expiresMs);
        open(into, hold);
      }));
    },
    check: (tenantId, request) => Promise.resolve(decided(tenantId, request, () => undefined, () => undefined)),
    apply: (tenantId, slot, batch, spends) => {
      const tenant = tenants.get(tenantId);
      if (!tenant || batch <= (tenant.applied.get(slot) ?? 0)) return Promise.resolve();
      tenant.applied.set(slot, batch);
      if (tenant.restored) count(tenant, slot, batch, spends);
      else if (tenant.waiting.push({ slot, batch, spends }) > WAITING_MAX) tenants.delete(tenantId);
      return Promise.resolve();
    },
    set: (tenantId, cut, used) => {
      const tenant = restored(tenantId);
      if (tenant) for (const [key, amount] of used) setFromLedger(tenant, key, cut, amount);
      return Promise.resolve();
    },
    setUsed: (tenantId, used) => {
      const tenant = restored(tenantId);
      if (tenant) for (const [key, amount] of used) Object.assign(entryOf(tenant, key, false), { used: amount, waiting: [] });
      return Promise.resolve();
    },
    fedTo: (tenantId) => {
      const tenant = tenants.get(tenantId);
      return Promise.resolve({ cut: new Map(tenant?.applied), attendedMs: tenant?.attendedMs ?? null });
    },
    attend: (tenantIds, atMs) => {
      for (const tenant of tenantIds.map((id) => tenants.get(id))) if (tenant) tenant.attendedMs = Math.max(tenant.attendedMs ?? atMs, atMs);
      return Promise.resolve();
    },
    release: (tenantId, runId) => {
      const tenant = restored(tenantId);
      const hold = tenant?.holds.get(runId);
      if (!tenant || !hold) return Promise.resolve(false);
      close(tenant, hold);
      return Promise.resolve(true);
    },
    expire: (nowMs) => {
      for (const [tenantId, tenant] of tenants) endDue(tenantId, tenant, nowMs);
      if (nowMs - sweptMs > IDLE_MS / 24) {
        sweptMs = nowMs;
        for (const tenant of tenants.values()) forgetIdle(tenant, nowMs);
      }
      const told = ended;
      ended = [];
      return Promise.resolve(told);
    },
    restore: (tenantId, cut, holds, loss = null) => {
      const isWatched = tenants.has(tenantId);
      const tenant = watched(tenantId);
      if (!isWatched || (loss !== null && loss !== tenant.loss)) return Promise.resolve(false);
      if (loss !== null && tenant.restored) return Promise.resolve(true);
      const told = tenant.restored ? [] : tenant.waiting.splice(0).filter(({ slot, batch }) => batch > (cut.get(slot) ?? 0));
      if (!tenant.restored) raise(tenant.applied, cut);
      for (const { runId, expiresMs, reserves, spent } of holds) {
        if (tenant.holds.has(runId)) continue;
        const amounts: Partial<Record<Metric, number>> = {};
        for (const { metric, amount } of reserves) amounts[metric] = Math.max(amounts[metric] ?? 0, amount);
        const ahead = new Map([...cut].filter(([slot, batch]) => batch > (tenant.applied.get(slot) ?? 0)));
        open(tenant, { runId, expiresMs, amounts, spent: { ...spent }, metricByKey: new Map(reserves.map(({ key, metric }) => [key, metric])), ahead, first: null });
      }
      tenant.restored = true;
      for (const { slot, batch, spends } of told) count(tenant, slot, batch, spends);
      return Promise.resolve(true);
    },
    watch: (tenantId) => {
      const { restored: isRestored, loss } = watched(tenantId);
      return Promise.resolve(isRestored ? null : loss);
    },
    isRestored: (tenantId) => Promise.resolve(watched(tenantId).restored),
    holds: (tenantId, dueMs) => {
      const all = [...(restored(tenantId)?.holds.values() ?? [])];
      return Promise.resolve((dueMs === undefined ? all : all.filter(({ expiresMs }) => expiresMs <= dueMs).slice(0, DUE_AT_ONCE)).map(toOpenHold));
    },
    find: (tenantId, runId) => {
      const hold = restored(tenantId)?.holds.get(runId);
      return Promise.resolve(hold === undefined ? null : toOpenHold(hold));
    },
    close: () => Promise.resolve(),
  };
  return store;
}

function entryOf(tenant: Tenant, key: string, ofRuns: boolean): Entry {
  const known = tenant.entries.get(key);
  if (known) {
    if (ofRuns && known.used === null) known.used = 0;
    return known;
  }
  const entry: Entry = { used: ofRuns ? 0 : null, held: 0, ahead: new Map(), since: new Map(tenant.applied), waiting: [], touchedMs: Number.NEGATIVE_INFINITY };
  tenant.entries.set(key, entry);
  return entry;
}

/** Puts what a hold still reserves into its counters. */
function open(tenant: Tenant, hold: Hold): void {
  for (const [key, metric] of hold.metricByKey) entryOf(tenant, key, metric === 'runs').held += remainingOf(metric, hold.amounts, hold.spent);
  tenant.holds.set(hold.runId, hold);
  tenant.nextExpiryMs = Math.min(tenant.nextExpiryMs, hold.expiresMs);
}

/** And takes it out again. */
function close(tenant: Tenant, hold: Hold): void {
  for (const [key, metric] of hold.metricByKey) entryOf(tenant, key, metric === 'runs').held -= remainingOf(metric, hold.amounts, hold.spent);
  tenant.holds.delete(hold.runId);
}

const end = close;

function count(tenant: Tenant, slot: number, batch: number, spends: readonly Spend[]): void {
  const amounts = new Map<string, number>();
  for (const { amount, keys } of spends) for (const key of keys) amounts.set(key, (amounts.get(key) ?? 0) + amount);
  for (const [key, amount] of amounts) {
    const entry = tenant.entries.get(key);
    if (!entry || isAhead(entry.ahead, slot, batch)) continue;
    if (entry.used !== null) entry.used += amount;
    else if (entry.waiting.push({ slot, batch, amount }) > WAITING_MAX) Object.assign(entry, { waiting: [], since: new Map(tenant.applied) });
  }
  const spentByRun = new Map<string, { metric: Metric; amount: number }[]>();
  for (const { runId, metric, amount } of spends) if (runId !== null) spentByRun.set(runId, [...(spentByRun.get(runId) ?? []), { metric, amount }]);
  for (const [runId, list] of spentByRun) {
    const hold = tenant.holds.get(runId);
    if (!hold || isAhead(hold.ahead, slot, batch)) continue;
    close(tenant, hold);
    for (const { metric, amount } of list) hold.spent[metric] = (hold.spent[metric] ?? 0) + amount;
    open(tenant, hold);
  }
}

/** Is the batch in the sum already? A cut that has been reached is forgotten. */
function isAhead(ahead: Map<number, number>, slot: number, batch: number): boolean {
  const reached = ahead.get(slot);
  if (reached === undefined) return false;
  if (batch >= reached) ahead.delete(slot);
  return batch <= reached;
}

function setFromLedger(tenant: Tenant, key: string, cut: SlotCut, amount: number): void {
  const entry = entryOf(tenant, key, false);
  if (entry.used === null) {
    if (!covers(cut, entry.since)) return;
    entry.used = entry.waiting.filter(({ slot, batch }) => batch > (cut.get(slot) ?? 0)).reduce((sum, told) => sum + told.amount, amount);
    entry.waiting = [];
  } else {
    const position = new Map(tenant.applied);
    raise(position, entry.ahead);
    if (!covers(cut, position)) return;
    entry.used = amount;
  }
  entry.ahead = new Map([...cut].filter(([slot, batch]) => batch > (tenant.applied.get(slot) ?? 0)));
}

function covers(cut: SlotCut, other: SlotCut): boolean {
  return [...other].every(([slot, batch]) => (cut.get(slot) ?? 0) >= batch);
}

function raise(position: Map<number, number>, to: SlotCut): void {
  for (const [slot, batch] of to) position.set(slot, Math.max(position.get(slot) ?? 0, batch));
}

function forgetIdle(tenant: Tenant, nowMs: number): void {
  for (const [key, entry] of tenant.entries) {
    // What was set and not asked for yet is as if asked for now.
    if (entry.touchedMs === Number.NEGATIVE_INFINITY) entry.touchedMs = nowMs;
    if (entry.held === 0 && entry.touchedMs < nowMs - IDLE_MS) tenant.entries.delete(key);
  }
  for (const [key, { touchedMs }] of tenant.rates) if (touchedMs < nowMs - IDLE_MS) tenant.rates.delete(key);
}

function toOpenHold({ runId, expiresMs, amounts, spent, metricByKey }: Hold): OpenHold {
  return { runId, expiresMs, reserves: [...metricByKey].map(([key, metric]) => ({ key, metric, amount: amounts[metric] ?? 0 })), spent: Object.fromEntries(Object.entries(spent).filter(([, amount]) => amount > 0)) };
}
