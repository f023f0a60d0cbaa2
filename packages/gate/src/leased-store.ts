/**
 * Leases: a process takes a slice of a hot customer's budget in Redis and decides from it without asking. The slice is a hold like any other, so it counts as held everywhere, and no hard
 * limit is passed; what it costs is room that others cannot use meanwhile, a small share of what is left, so that near a limit every begin is asked again. Runs become holds of their own in Redis with
 * the next `expire`, many at once. A process that dies leaves its slice to its expiry. A flushed Redis is noticed with the next `expire`: until then at most the free slice is given twice.
 */
import { randomUUID } from 'node:crypto';
import { type BeginRequest, type Counter, type Decision, type Metric, METRICS } from './decide';
import type { Begun, GateStore, OpenHold, Spend } from './gate-store';
import { type Amounts, decideAsSeen, metricsByKey } from './hold-amounts';

interface CarvedRun {
  readonly runId: string;
  readonly expiresMs: number;
  readonly amounts: Amounts;
  readonly spent: Amounts;
}

/** What a store needs for its holds to be leases. */
export interface LeaseHost {
  /** Makes holds of their own out of a lease, in the same counters. Answers runs that were open already; null when the lease is gone. */
  carve(tenantId: string, leaseId: string, runs: readonly CarvedRun[]): Promise<readonly string[] | null>;
}

export interface LeaseOptions {
  /** A shape of request that comes so often between two calls of `expire` is leased. */
  readonly hotBegins?: number;
  /** Of what a hard limit leaves, at most this part is a slice. */
  readonly share?: number;
  /** A lease outlives the runs that it may hold by so much. */
  readonly spareMs?: number;
}

const LEASE = 'lease:';
const SLICE_BEGINS_MAX = 2_000;

interface LocalRun {
  readonly runId: string;
  readonly expiresMs: number;
  readonly amounts: Amounts;
  readonly spent: Partial<Record<Metric, number>>;
  readonly first: Begun & { kind: 'decided' };
}

interface Lease {
  readonly id: string;
  expiresMs: number;
  readonly free: Partial<Record<Metric, number>>;
  slice: Amounts;
  /** What others use and hold, as of the last answer of the store. */
  others: Map<string, Counter>;
  /** Begun since then, by metric. */
  readonly taken: Partial<Record<Metric, number>>;
  readonly runs: Map<string, LocalRun>;
}

/** Requests that look at the same counters. */
interface Shape {
  readonly metricByKey: ReadonlyMap<string, Metric>;
  begins: number;
  /** Of the interval before: what the next may need. */
  before: number;
  lease: Lease | null;
  isAsking: boolean;
  /** The store denied one: what is free in the lease goes back for others. */
  wasDenied: boolean;
}

interface Tenant {
  readonly shapes: Map<string, Shape>;
  readonly leaseByRun: Map<string, Lease>;
  /** Begun in the store itself, or carved: until when. */
  readonly known: Map<string, { readonly expiresMs: number; readonly first: (Begun & { kind: 'decided' }) | null }>;
  readonly applied: Map<number, number>;
}

export function createLeasedStore(store: GateStore & LeaseHost, { hotBegins = 50, share = 0.02, spareMs = 30_000 }: LeaseOptions = {}): GateStore {
  const tenants = new Map<string, Tenant>();
  const tenantOf = (tenantId: string): Tenant => {
    const known = tenants.get(tenantId);
    if (known) return known;
    const tenant: Tenant = { shapes: new Map(), leaseByRun: new Map(), known: new Map(), applied: new Map() };
    tenants.set(tenantId, tenant);
    return tenant;
  };

  /** Takes a slice, or more of it. Whoever begins meanwhile asks the store. */
  const ask = async (tenantId: string, tenant: Tenant, shape: Shape, expiresMs: number, request: BeginRequest, decision: Decision): Promise<void> => {
    const amounts = sliceOf(request, decision, Math.min(Math.max(shape.before, shape.begins, hotBegins) * 2, SLICE_BEGINS_MAX), share);
    if (amounts === null || shape.isAsking) return;
    shape.isAsking = true;
    try {
      const asked: BeginRequest = { ...request, environmentMatches: true, suspended: false, route: [], sizes: [], missingFeatures: [], reservation: { amounts, bounded: true, most: {} } };
      const lease: Lease = shape.lease ?? { id: `${LEASE}${randomUUID()}`, expiresMs: 0, free: {}, slice: {}, others: new Map(), taken: {}, runs: new Map() };
      const run = { runId: lease.id, expiresMs: Math.max(lease.expiresMs, expiresMs + spareMs) };
      const answer = shape.lease ? await store.extend(tenantId, run, asked) : await store.begin(tenantId, run, asked);
      if (answer === null || answer.kind === 'lost') return drop(tenantId);
      if (answer.kind !== 'decided' || answer.decision.verdict === 'deny' || tenants.get(tenantId) !== tenant) return;
      lease.expiresMs = run.expiresMs;
      lease.slice = amounts;
      for (const metric of METRICS) {
        // What of the lease was in `held` already: free, or of its own runs.
        const own = [...lease.runs.values()].reduce((sum, each) => sum + left(each, metric), lease.free[metric] ?? 0);
        for (const [key, of] of shape.metricByKey) {
          const { used, held } = answer.seen.counters[key]!;
          if (of === metric) lease.others.set(key, { used, held: held - own });
        }
        lease.taken[metric] = own - (lease.free[metric] ?? 0);
        lease.free[metric] = (lease.free[metric] ?? 0) + (amounts[metric] ?? 0);
      }
      shape.lease = lease;
    } catch {
      // Without a lease every begin asks the store itself, and tells the same error to whoever can act on it.
    } finally {
      shape.isAsking = false;
    }
  };
  const drop = (tenantId: string): void => void tenants.delete(tenantId);

  const beginLocally = (tenant: Tenant, shape: Shape, lease: Lease, run: { readonly runId: string; readonly expiresMs: number }, request: BeginRequest): (Begun & { kind: 'decided' }) | null => {
    const { amounts } = request.reservation;
    if (run.expiresMs > lease.expiresMs || lease.expiresMs <= request.nowMs) return null;
    for (const metric of METRICS) if ((amounts[metric] ?? 0) > (lease.free[metric] ?? 0) && metricIn(shape, metric)) return null;
    const counters: Record<string, Counter> = {};
    for (const [key, metric] of shape.metricByKey) {
      const { used, held } = lease.others.get(key)!;
      counters[key] = { used, held: held + (lease.taken[metric] ?? 0) };
    }
    const seen = { counters, rates: {} };
    const decision = decideAsSeen(seen, request);
    if (decision.verdict === 'deny') return null;
    const first = { kind: 'decided', decision, seen, again: false } as const;
    for (const metric of METRICS) {
      const amount = amounts[metric] ?? 0;
      if (amount === 0) continue;
      lease.free[metric] = (lease.free[metric] ?? 0) - amount;
      lease.taken[metric] = (lease.taken[metric] ?? 0) + amount;
    }
    lease.runs.set(run.runId, { ...run, amounts, spent: {}, first });
    tenant.leaseByRun.set(run.runId, lease);
    return first;
  };
  const giveBack = (tenant: Tenant, lease: Lease, run: LocalRun): void => {
    lease.runs.delete(run.runId);
    tenant.leaseByRun.delete(run.runId);
    for (const metric of METRICS) {
      const amount = left(run, metric);
      if (amount > 0) lease.free[metric] = (lease.free[metric] ?? 0) + amount;
      lease.taken[metric] = (lease.taken[metric] ?? 0) - (run.amounts[metric] ?? 0);
    }
  };
  /** Its runs become holds of their own. What happens to them from now on reaches the store after that. */
  const carve = async (tenantId: string, tenant: Tenant, lease: Lease): Promise<void> => {
    const runs = [...lease.runs.values()];
    if (runs.length === 0) return;
    for (const run of runs) {
      lease.runs.delete(run.runId);
      tenant.leaseByRun.delete(run.runId);
      tenant.known.set(run.runId, run);
    }
    const twice = await store.carve(tenantId, lease.id, runs);
    if (twice === null) return drop(tenantId);
    for (const run of runs.filter(({ runId }) => twice.includes(runId))) for (const metric of METRICS) lease.free[metric] = (lease.free[metric] ?? 0) + left(run, metric);
  };
  const tick = async (tenantId: string, tenant: Tenant, nowMs: number, ended: { tenantId: string; runId: string }[]): Promise<void> => {
    for (const [runId, { expiresMs }] of tenant.known) if (expiresMs <= nowMs) tenant.known.delete(runId);
    for (const [name, shape] of tenant.shapes) {
      const { lease } = shape;
      const isIdle = shape.wasDenied || (shape.begins < hotBegins && shape.before < hotBegins);
      shape.wasDenied = false;
      shape.before = shape.begins;
      shape.begins = 0;
      if (!lease) {
        if (isIdle && !shape.isAsking) tenant.shapes.delete(name);
        continue;
      }
      for (const run of lease.runs.values()) {
        if (run.expiresMs > nowMs) continue;
        giveBack(tenant, lease, run);
        ended.push({ tenantId, runId: run.runId });
      }
      if (isIdle && !shape.isAsking) shape.lease = null;
      await carve(tenantId, tenant, lease);
      if (shape.lease === null) await store.release(tenantId, lease.id);
    }
    if (tenant.shapes.size === 0 && tenant.known.size === 0) drop(tenantId);
  };

  const localHolds = (tenantId: string): OpenHold[] =>
    [...(tenants.get(tenantId)?.shapes.values() ?? [])].flatMap(({ lease, metricByKey }) => [...(lease?.runs.values() ?? [])].map((run) => toOpenHold(run, metricByKey)));

  return {
    ...store,
    begin: async (tenantId, run, request) => {
      const tenant = tenantOf(tenantId);
      const local = tenant.leaseByRun.get(run.runId)?.runs.get(run.runId);
      const first = local?.first ?? tenant.known.get(run.runId)?.first;
      if (first) return { ...first, again: true };
      const shape = tenant.known.has(run.runId) ? null : shapeOf(tenant, request);
      if (shape) {
        shape.begins += 1;
        const begun = shape.lease && beginLocally(tenant, shape, shape.lease, run, request);
        if (begun) {
          if (!shape.isAsking && isLow(shape.lease!)) void ask(tenantId, tenant, shape, run.expiresMs, request, begun.decision);
          return begun;
        }
      }
      const answer = await store.begin(tenantId, run, request);
      if (answer.kind === 'lost') drop(tenantId);
      else if (answer.kind === 'decided' && answer.decision.verdict === 'deny' && shape) shape.wasDenied = true;
      else if (answer.kind === 'decided' && answer.decision.verdict !== 'deny') {
        tenant.known.set(run.runId, { expiresMs: run.expiresMs, first: null });
        if (shape && shape.begins >= hotBegins) void ask(tenantId, tenant, shape, run.expiresMs, request, answer.decision);
      }
      return answer;
    },
    extend: async (tenantId, run, request) => {
      const tenant = tenants.get(tenantId);
      const lease = tenant?.leaseByRun.get(run.runId);
      if (tenant && lease) await carve(tenantId, tenant, lease);
      return store.extend(tenantId, run, request);
    },
    apply: async (tenantId, slot, batch, spends) => {
      const tenant = tenants.get(tenantId);
      if (!tenant) return store.apply(tenantId, slot, batch, spends);
      const isNew = batch > (tenant.applied.get(slot) ?? 0);
      if (isNew) tenant.applied.set(slot, batch);
      return store.apply(tenantId, slot, batch, spends.map((spend) => (isNew ? spendOfLease(tenant, spend) : spend)));
    },
    release: async (tenantId, runId) => {
      const tenant = tenants.get(tenantId);
      const lease = tenant?.leaseByRun.get(runId);
      if (!tenant || !lease) {
        tenant?.known.delete(runId);
        return store.release(tenantId, runId);
      }
      giveBack(tenant, lease, lease.runs.get(runId)!);
      return true;
    },
    expire: async (nowMs) => {
      const ended: { tenantId: string; runId: string }[] = [];
      for (const [tenantId, tenant] of tenants) await tick(tenantId, tenant, nowMs, ended);
      return [...ended, ...(await store.expire(nowMs)).filter(({ runId }) => !runId.startsWith(LEASE))];
    },
    holds: async (tenantId, dueMs) => {
      const local = localHolds(tenantId).filter(({ expiresMs }) => dueMs === undefined || expiresMs <= dueMs);
      return [...(await store.holds(tenantId, dueMs)).filter(({ runId }) => !runId.startsWith(LEASE)), ...local];
    },
    find: async (tenantId, runId) => localHolds(tenantId).find((hold) => hold.runId === runId) ?? await store.find(tenantId, runId),
    close: async () => {
      for (const [tenantId, tenant] of tenants) {
        for (const { lease } of tenant.shapes.values()) {
          if (!lease) continue;
          await carve(tenantId, tenant, lease);
          await store.release(tenantId, lease.id);
        }
      }
      tenants.clear();
      await store.close();
    },
  };
}

/** Rates and limits of one model are asked of the store. */
function shapeOf(tenant: Tenant, request: BeginRequest): Shape | null {
  if (request.rates.length > 0 || request.limits.some(({ model, windows }) => model !== undefined || windows.length === 0)) return null;
  let name = '';
  for (const { windows } of request.limits) for (const { key } of windows) name += `${key}\n`;
  const known = tenant.shapes.get(name);
  if (known) return known;
  const metricByKey = metricsByKey(request);
  if (metricByKey.size === 0) return null;
  const shape: Shape = { metricByKey, begins: 0, before: 0, lease: null, isAsking: false, wasDenied: false };
  tenant.shapes.set(name, shape);
  return shape;
}

/** For so many begins like this one, but only a share of what the nearest hard limit leaves; null when that is not worth a lease. */
function sliceOf({ limits, reservation: { amounts } }: BeginRequest, decision: Decision, begins: number, share: number): Amounts | null {
  const slice: Partial<Record<Metric, number>> = {};
  for (const metric of METRICS) {
    const asked = amounts[metric] ?? 0;
    if (asked <= 0 || !limits.some((limit) => limit.metric === metric)) continue;
    const room = limits.reduce((least, limit, i) => {
      const { used, held } = decision.limits[i]!;
      return limit.metric === metric && limit.mode === 'hard' ? Math.min(least, limit.limit - used - held) : least;
    }, Infinity);
    const parts = Math.min(begins, Math.floor((room * share) / asked));
    if (parts < 2) return null;
    slice[metric] = parts * asked;
  }
  return slice;
}

/** A spend of a run inside the lease is a spend of the lease. */
function spendOfLease(tenant: Tenant, spend: Spend): Spend {
  const lease = spend.runId === null ? undefined : tenant.leaseByRun.get(spend.runId);
  const run = lease?.runs.get(spend.runId!);
  if (!lease || !run) return spend;
  const before = left(run, spend.metric);
  run.spent[spend.metric] = (run.spent[spend.metric] ?? 0) + spend.amount;
  const above = spend.amount - (before - left(run, spend.metric));
  if (above > 0) lease.free[spend.metric] = (lease.free[spend.metric] ?? 0) - above;
  return { ...spend, runId: lease.id };
}

const left = ({ amounts, spent }: Pick<LocalRun, 'amounts' | 'spent'>, metric: Metric): number => Math.max((amounts[metric] ?? 0) - (spent[metric] ?? 0), 0);
const metricIn = ({ metricByKey }: Shape, metric: Metric): boolean => {
  for (const each of metricByKey.values()) if (each === metric) return true;
  return false;
};
const isLow = ({ free, slice }: Lease): boolean => {
  for (const metric of METRICS) if (slice[metric] !== undefined && (free[metric] ?? 0) < slice[metric] / 2) return true;
  return false;
};

function toOpenHold({ runId, expiresMs, amounts, spent }: LocalRun, metricByKey: ReadonlyMap<string, Metric>): OpenHold {
  return { runId, expiresMs, reserves: [...metricByKey].flatMap(([key, metric]) => ((amounts[metric] ?? 0) > 0 ? [{ key, metric, amount: amounts[metric]! }] : [])), spent: { ...spent } };
}
