import type { Outputs } from '../api/trpc';
import { formatDuration } from '../ui/format-number';
import { preparePlaces, type Pause } from './prepare-places';

export type RunDetail = Outputs['runs']['get'];
export type RunEvent = RunDetail['events'][number];

export interface WaterfallRow {
  readonly event: RunEvent;
  /** Milliseconds from the run's begin to the call's; an outcome's moment. */
  readonly offsetMs: number;
  /** Between 0 and 1; `width` 0 where the duration is not known, and for an outcome. */
  readonly start: number;
  readonly width: number;
  /** Where in the bar the first token came, between 0 and 1; null where nobody measured it. */
  readonly firstToken: number | null;
  /** `starts after 2.1 s, takes 3.4 s`: the bar in words. */
  readonly words: string;
}

export interface Waterfall {
  readonly rows: readonly WaterfallRow[];
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  readonly pauses: readonly Pause[];
  /** Rows that a correction took out, and the rows that take them out. */
  readonly superseded: number;
  readonly durationMs: number;
}

/** `occurred_at` is when a call began and `latency_ms` how long it took: its bar goes from there to there. */
export function prepareWaterfall(events: readonly RunEvent[], withSuperseded: boolean): Waterfall {
  const superseded = events.filter((event) => !event.valid).length;
  const shown = events.filter((event) => event.valid || withSuperseded)
    .sort((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt) || Number(a.subject === 'outcome') - Number(b.subject === 'outcome') || (a.attempt ?? 0) - (b.attempt ?? 0) || a.part - b.part || a.revision - b.revision || a.sign - b.sign || (a.id < b.id ? -1 : 1));
  const spans = shown.map((event) => {
    const fromMs = Date.parse(event.occurredAt);
    return { fromMs, toMs: fromMs + (event.subject === 'call' ? (event.latencyMs ?? 0) : 0) };
  });
  const beginMs = Math.min(...spans.map(({ fromMs }) => fromMs));
  const places = preparePlaces(spans);
  const rows = shown.map((event, index): WaterfallRow => {
    const { fromMs, toMs } = spans[index]!;
    const start = places.placeOf(fromMs);
    const { latencyMs, ttftMs } = event;
    return {
      event, offsetMs: fromMs - beginMs, start, width: places.placeOf(toMs) - start,
      firstToken: ttftMs !== null && latencyMs !== null && latencyMs > 0 && ttftMs <= latencyMs ? ttftMs / latencyMs : null,
      words: wordsOf(event, fromMs - beginMs),
    };
  });
  return { rows, ticks: places.ticks, pauses: places.pauses, superseded, durationMs: spans.length === 0 ? 0 : Math.max(...spans.map(({ toMs }) => toMs)) - beginMs };
}

function wordsOf(event: RunEvent, offsetMs: number): string {
  const at = offsetMs === 0 ? 'at the begin' : `after ${formatDuration(offsetMs)}`;
  if (event.subject === 'outcome') return `stated ${at}`;
  const took = event.latencyMs === null ? 'duration not measured' : `takes ${formatDuration(event.latencyMs)}`;
  return `starts ${at}, ${took}${event.ttftMs === null ? '' : `, first token after ${formatDuration(event.ttftMs)}`}`;
}

export interface RunTotals {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly failed: number;
  readonly corrected: number;
}

const CACHED = ['cache_read', 'cache_read_audio', 'cache_read_image'] as const;

/** What the run's rows sum to, corrections included: every row counts with its sign, and quantities of a reversal are negative already. */
export function prepareRunTotals(events: readonly RunEvent[]): RunTotals {
  const calls = events.filter(({ subject }) => subject === 'call');
  return {
    inputTokens: calls.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    cachedTokens: calls.reduce((sum, event) => sum + cachedOf(event), 0),
    outputTokens: calls.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
    failed: calls.filter(({ valid, part, status }) => valid && part === 0 && (status === 'failed' || status === 'aborted')).length,
    corrected: events.filter(({ valid, kind }) => valid && kind === 'restatement').length,
  };
}

export function cachedOf({ quantities }: Pick<RunEvent, 'quantities'>): number {
  return CACHED.reduce((sum, name) => sum + (quantities[name] ?? 0), 0);
}

export type RunEnd = 'usable' | 'unusable' | 'open' | 'unknown';

export function runEnd({ outcome, openUntil }: Pick<RunDetail, 'outcome' | 'openUntil'>, nowMs: number): RunEnd {
  return outcome ?? (Date.parse(openUntil) > nowMs ? 'open' : 'unknown');
}
