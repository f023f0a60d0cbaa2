/** What the ledger knows of a workflow's runs and of a customer's usual spend: read rarely, because it changes slowly, and kept for a while. */
import type { RunHistory } from './reserve-run';

export interface GateFacts {
  history(tenantId: string, workflow: string | null, nowMs: number): RunHistory | null | Promise<RunHistory | null>;
  /** Mean of a day's cost over the last 28 days; null when none is known. */
  dailyMean(tenantId: string, customerId: string, nowMs: number): bigint | null | Promise<bigint | null>;
}

export interface FactReaders {
  history(tenantId: string, workflow: string, nowMs: number): Promise<RunHistory | null>;
  dailyMean(tenantId: string, customerId: string, nowMs: number): Promise<bigint | null>;
}

const HISTORY_MS = 60_000;
const MEAN_MS = 600_000;
const ENTRIES_MAX = 20_000;

export function createGateFacts(readers: FactReaders): GateFacts {
  const histories = createKept<RunHistory | null>(HISTORY_MS);
  const means = createKept<bigint | null>(MEAN_MS);
  return {
    history: (tenantId, workflow, nowMs) => (workflow === null ? null : histories(`${tenantId}/${workflow}`, nowMs, () => readers.history(tenantId, workflow, nowMs))),
    dailyMean: (tenantId, customerId, nowMs) => means(`${tenantId}/${customerId}`, nowMs, () => readers.dailyMean(tenantId, customerId, nowMs)),
  };
}

/** An old value is answered while a new one is read; only the first reader of a key waits. */
function createKept<T>(forMs: number): (key: string, nowMs: number, read: () => Promise<T>) => T | Promise<T> {
  const kept = new Map<string, { value: T; readMs: number }>();
  const reading = new Map<string, Promise<T>>();
  const readOnce = (key: string, nowMs: number, read: () => Promise<T>): Promise<T> => {
    const under = reading.get(key);
    if (under !== undefined) return under;
    const promise = read().then((value) => {
      if (kept.size >= ENTRIES_MAX) kept.clear();
      kept.set(key, { value, readMs: nowMs });
      return value;
    }).finally(() => reading.delete(key));
    reading.set(key, promise);
    return promise;
  };
  return (key, nowMs, read) => {
    const entry = kept.get(key);
    if (entry === undefined) return readOnce(key, nowMs, read);
    if (nowMs - entry.readMs >= forMs) readOnce(key, nowMs, read).catch(() => undefined);
    return entry.value;
  };
}
