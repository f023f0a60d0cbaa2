import type { LedgerRow } from './prepare-row';

export interface TimelineEntry {
  readonly row: LedgerRow;
  /** Milliseconds since the run's first call began. */
  readonly offsetMs: number;
  /** Where the bar of the call stands, between 0 and 1; null where its duration is not known. */
  readonly bar: { readonly start: number; readonly width: number } | null;
  readonly current: boolean;
}

const MIN_WIDTH = 0.012;

/**
 * The events of a run as they hold, and the one that is looked at, in the order they happened, each with its place on a common scale. An event's time is
 * when its call began, so its bar ends one latency later.
 */
export function prepareTimeline(events: readonly LedgerRow[], currentId: string): TimelineEntry[] {
  const ordered = events.filter((row) => row.valid || row.id === currentId).sort((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt) || (a.attempt ?? 0) - (b.attempt ?? 0) || a.revision - b.revision || (a.id < b.id ? -1 : 1));
  const spans = ordered.map((row) => {
    const start = Date.parse(row.occurredAt);
    return { start, end: start + (row.subject === 'call' ? (row.latencyMs ?? 0) : 0) };
  });
  const begin = Math.min(...spans.map((span) => span.start));
  const whole = Math.max(...spans.map((span) => span.end)) - begin;
  return ordered.map((row, index) => {
    const span = spans[index] ?? { start: begin, end: begin };
    const drawable = row.subject === 'call' && row.latencyMs !== null && whole > 0;
    const width = drawable ? Math.max((span.end - span.start) / whole, MIN_WIDTH) : 0;
    return {
      row,
      offsetMs: span.start - begin,
      bar: drawable ? { start: Math.min((span.start - begin) / whole, 1 - width), width } : null,
      current: row.id === currentId,
    };
  });
}
