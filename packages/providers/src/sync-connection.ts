/**
 * One sync of one connection: claim, read what is due stream by stream, plan the next. A worker that dies in the middle leaves whole pages behind and watermarks that fit them: the next one
 * goes on there, and what is read twice is the same revision.
 */
import { randomInt } from 'node:crypto';
import { newId } from '@outlay/kernel/ids';
import type { Adapter, ProviderKind } from './adapter';
import { SyncFault } from './adapter';
import { dueStreams, planAfterFault, planAfterSuccess } from './plan-sync';
import { held, LEASE_MS, LeaseLost, markStream, type ReadDependencies, readStream, type SyncRun } from './read-stream';
import { claimConnection, giveBack, insertSync, keepLease, saveSync, saveSyncEnd } from './store';

export interface SyncDependencies extends ReadDependencies {
  readonly adapters: Readonly<Partial<Record<ProviderKind, Adapter>>>;
  readonly log: (sentence: string, error: unknown) => void;
  readonly random?: () => number;
}

export interface SyncReport {
  readonly syncId: string;
  readonly provider: ProviderKind;
  readonly pages: number;
  readonly rowsRead: number;
  readonly rowsChanged: number;
  /** What kept it from reading everything that was due; the first one. */
  readonly fault: SyncFault | null;
}

const DAY_MS = 86_400_000;
/** These concern one stream; the others are read all the same, and it is asked again in its own rhythm. */
const OF_ONE_STREAM: readonly SyncFault['kind'][] = ['units', 'not_found', 'unexpected'];

/** Between 0 and 1. */
function chance(): number {
  return randomInt(1_000_000) / 1_000_000;
}

/** Where a connection's secret stands: its row's identity is bound to the sealed text. */
export function credentialsRow(connectionId: string): readonly string[] {
  return ['provider_connections', connectionId, 'credentials'];
}

export interface SyncCause {
  readonly cause: 'schedule' | 'person';
  /** That a person was promised. */
  readonly syncId?: string | undefined;
}

/** Null when somebody else has it, it is not due, or it is gone. Never throws for what the provider does: that is its report, and the connection's words. */
export async function syncConnection(deps: SyncDependencies, tenantId: string, connectionId: string, { cause, syncId = newId() }: SyncCause): Promise<SyncReport | null> {
  const { db, random = chance } = deps;
  const connection = await db.withTenant(tenantId, async (tx) => {
    const claimed = await claimConnection(tx, connectionId, LEASE_MS, cause === 'person');
    if (claimed !== null) await insertSync(tx, tenantId, { id: syncId, connectionId, cause });
    return claimed;
  });
  if (connection === null) return null;
  const adapter = deps.adapters[connection.provider];
  const count = { pages: 0, rowsRead: 0, rowsChanged: 0 };
  let fault: SyncFault | null = null;
  let isWhole = true;
  const run: SyncRun | null = adapter === undefined ? null : { tenantId, syncId, connection, adapter, count, marks: { ...connection.watermarks }, lease: connection.leasedUntil! };
  try {
    if (run === null) throw new SyncFault('not_found', `This version of Outlay cannot ask ${connection.provider}: import its files.`);
    ({ fault, isWhole } = await readDue(deps, run, cause === 'person'));
  } catch (error) {
    if (error instanceof LeaseLost || deps.signal?.aborted === true) return await breakOff(deps, { tenantId, connectionId, syncId, lease: run?.lease ?? null }, { syncId, provider: connection.provider, ...count });
    isWhole = false;
    fault = error instanceof SyncFault ? error : new SyncFault('unexpected', 'Outlay could not store what the provider said. The next sync tries again.', null, error);
    if (!(error instanceof SyncFault)) deps.log('A provider connection could not be synced.', error);
  }
  const every = Math.min(...(adapter?.streams.map(({ everyMs }) => everyMs) ?? [DAY_MS]));
  // A stream that has a fault of its own keeps the connection from being well, and its others from nothing.
  const ofStreams = Object.entries(run?.marks ?? {}).find(([, mark]) => mark.error)?.[1].error ?? null;
  const next = fault !== null && !isWhole ? planAfterFault(fault, connection.failures, random()) : { ...planAfterSuccess(every, random()), ...(ofStreams === null ? {} : { state: 'failing' as const, failures: connection.failures + (fault === null ? 0 : 1) }) };
  const words = fault?.words ?? ofStreams;
  try {
    await db.withTenant(tenantId, async (tx) => {
      if (run !== null) await held(keepLease(tx, connectionId, run.lease, LEASE_MS));
      await saveSync(tx, syncId, { state: fault === null ? 'done' : 'failed', ...count, progress: '', error: fault?.words ?? null });
      await saveSyncEnd(tx, connectionId, { ...next, error: words, succeeded: fault === null });
    });
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    return await breakOff(deps, { tenantId, connectionId, syncId, lease: null }, { syncId, provider: connection.provider, ...count });
  }
  await deps.onPage?.(tenantId, connectionId);
  return { syncId, provider: connection.provider, ...count, fault };
}

/** `isWhole`: some stream was read, so the connection as such works. Errors: what concerns the whole connection. */
async function readDue(deps: SyncDependencies, run: SyncRun, isAsked: boolean): Promise<{ readonly fault: SyncFault | null; readonly isWhole: boolean }> {
  const { now = Date.now } = deps;
  const { streams } = run.adapter;
  const lastMs = Object.fromEntries(Object.entries(run.marks).map(([stream, { readMs }]) => [stream, readMs]));
  const due = isAsked ? streams : streams.filter(({ id }) => dueStreams(streams, lastMs, now()).includes(id));
  const faults: SyncFault[] = [];
  for (const stream of due) {
    try {
      await readStream(deps, run, stream);
    } catch (error) {
      if (!(error instanceof SyncFault) || !OF_ONE_STREAM.includes(error.kind)) throw error;
      faults.push(error);
      const mark = run.marks[stream.id];
      await markStream(deps, run, stream.id, { at: mark?.at ?? null, ...(mark?.deepMs === undefined ? {} : { deepMs: mark.deepMs }), readMs: now(), error: error.words });
    }
  }
  return { fault: faults[0] ?? null, isWhole: faults.length === 0 || faults.length < due.length };
}

interface Broken {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly syncId: string;
  readonly lease: Date | null;
}

/** Overtaken, changed by a person, or this worker stops: its pages stand, and whoever comes next goes on behind them, at once. */
async function breakOff({ db, onPage }: SyncDependencies, { tenantId, connectionId, syncId, lease }: Broken, counted: Omit<SyncReport, 'fault'>): Promise<SyncReport> {
  const fault = new SyncFault('unavailable', 'It was broken off: the worker stopped, or the connection was changed. The next sync goes on behind its last page.');
  await db.withTenant(tenantId, (tx) => giveBack(tx, { connectionId, syncId, lease, words: fault.words }));
  await onPage?.(tenantId, connectionId);
  return { ...counted, fault };
}
