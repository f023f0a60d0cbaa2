/** Rows of an export -> wire events -> batches through the use case behind `POST /v1/usage`. A few batches in flight, never more. */
import { DomainError } from '@outlay/kernel';
import { type EventResult, LIMITS } from '@outlay/ledger';
import type { ImportFormat, WireEvent } from './format';
import { applyMapping, type Mapping } from './format-csv';
import type { ReportBuilder } from './mapping-report';
import type { FoundRow } from './read-rows';
import { sourceRow } from './source-row';

const BATCHES_IN_FLIGHT = 4;
const CHECKPOINT_MS = 2_000;
const ENVIRONMENT = /^[a-z0-9][a-z0-9-]{0,31}$/;

export interface ImportTarget {
  /** One batch of one environment; throws only when nothing more can be recorded. */
  readonly record: (environment: string, events: readonly WireEvent[]) => Promise<readonly EventResult[]>;
  /** Of rows that do not say theirs. */
  readonly environment: string;
}

export interface ImportOptions {
  readonly format: ImportFormat;
  /** On top of what the format does. */
  readonly mapping: Mapping;
  readonly skipRows: number;
  readonly onProgress: (rows: number) => void;
  /** Every row up to this one has its verdict. */
  readonly onCheckpoint: (rows: number) => Promise<void>;
}

interface Batch {
  readonly events: WireEvent[];
  readonly rows: number[];
}

/** Errors: of `record`; `invalid_input` when the file breaks off in the middle of what cannot be read on. */
export async function importRows(rows: AsyncIterable<FoundRow>, target: ImportTarget, report: ReportBuilder, options: ImportOptions): Promise<void> {
  const { format, mapping, skipRows } = options;
  const batches = new Map<string, Batch>();
  const inFlight = new Set<Promise<void>>();
  let failure: unknown = null;
  let last = 0;
  let savedMs = performance.now();
  const send = async (environment: string): Promise<void> => {
    const batch = batches.get(environment);
    batches.delete(environment);
    if (!batch) return;
    while (inFlight.size >= BATCHES_IN_FLIGHT) await Promise.race(inFlight);
    if (failure !== null) throw failure;
    const sent = target.record(environment, batch.events).then((results) => {
      results.forEach((result, i) => report.answered(batch.rows[i]!, result, statedCostOf(batch.events[i]!)));
    }).catch((error: unknown) => { failure ??= error; }).finally(() => inFlight.delete(sent));
    inFlight.add(sent);
  };
  /** All that was read has its verdict: rarely, because the writer idles meanwhile. */
  const settle = async (): Promise<void> => {
    for (const environment of batches.keys()) await send(environment);
    await Promise.all(inFlight);
    if (failure !== null) throw failure;
  };
  try {
    for await (const found of rows) {
      if (found.number <= skipRows) {
        last = found.number;
        continue;
      }
      const event = takeRow(found, format, mapping, report);
      last = found.number;
      if (event !== null) {
        const environment = environmentOf(event.environment, target.environment);
        let batch = batches.get(environment);
        if (!batch) batches.set(environment, (batch = { events: [], rows: [] }));
        batch.rows.push(found.number);
        if (batch.events.push(event.event) === LIMITS.eventsPerRequest) await send(environment);
      }
      if (found.number % 256 === 0) options.onProgress(found.number);
      if (performance.now() - savedMs > CHECKPOINT_MS) {
        await settle();
        await options.onCheckpoint(last);
        savedMs = performance.now();
      }
    }
    await settle();
  } catch (error) {
    await Promise.all(inFlight);
    if (!(error instanceof RangeError) && (error as NodeJS.ErrnoException).code?.startsWith('Z_') !== true) throw error;
    throw new DomainError('invalid_input', { field: 'FILE', message: `The file cannot be read on after row ${last}: ${error instanceof Error ? error.message : String(error)}. What came before is recorded.`, cause: error });
  }
  report.passed(Math.min(skipRows, last));
}

function takeRow(found: FoundRow, format: ImportFormat, mapping: Mapping, report: ReportBuilder): { event: WireEvent; environment: string | undefined } | null {
  if (found.row === null) {
    report.rejected(found.number, found.fault ?? 'It cannot be read.');
    return null;
  }
  report.sawFields(found.row);
  const row = sourceRow(found.row);
  const mapped = format.map(row, found.number);
  if ('skip' in mapped) {
    report.skipped(found.number, mapped.skip);
    return null;
  }
  if ('reject' in mapped) {
    report.rejected(found.number, mapped.reject);
    return null;
  }
  const { environment, ...event } = format.name === 'csv' ? { environment: mapped.environment, ...mapped.event } : applyMapping({ environment: mapped.environment, ...mapped.event }, row, mapping);
  return { event: withoutAbsent(event), environment: typeof environment === 'string' ? environment : undefined };
}

/** As the product writes it: `Production_EU` becomes `production-eu`; what cannot be made so goes where rows without one go. */
function environmentOf(stated: string | undefined, otherwise: string): string {
  const name = stated?.trim().toLowerCase().replace(/[^a-z0-9-]+/g, '-');
  return name !== undefined && ENVIRONMENT.test(name) ? name : otherwise;
}

function withoutAbsent(event: WireEvent): WireEvent {
  for (const name in event) if (event[name] === undefined) return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
  return event;
}

function statedCostOf(event: WireEvent): string | undefined {
  const cost = event['provider_cost'];
  return typeof cost === 'string' || typeof cost === 'number' ? String(cost) : undefined;
}
