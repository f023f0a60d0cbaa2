import { formatDuration } from '../ui/format-number';

/** A stretch of time in which nothing ran, drawn shorter than it was. */
export interface Pause {
  readonly at: number;
  readonly width: number;
  readonly label: string;
}

export interface Places {
  /** Between 0 and 1. */
  readonly placeOf: (timeMs: number) => number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  readonly pauses: readonly Pause[];
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a pause takes of the width, and all of them together at most. */
const PAUSE_SHARE = 0.07;
const PAUSES_SHARE_MAX = 0.4;
const PAUSE_MIN_MS = 2_000;

/**
 * Where moments stand on the scale of a run. Waiting that is longer than all work together is drawn as a pause: a run that slept overnight would
 * otherwise be two hairlines at the edges.
 */
export function preparePlaces(spans: readonly Span[]): Places {
  const busy = joinSpans(spans);
  if (busy.length === 0) return { placeOf: () => 0, ticks: [], pauses: [] };
  const beginMs = busy[0]!.fromMs;
  const endMs = busy.at(-1)!.toMs;
  const workMs = busy.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const gaps = busy.slice(1).map((span, n) => ({ fromMs: busy[n]!.toMs, toMs: span.fromMs }));
  const pauses = workMs === 0 ? [] : gaps.filter(({ fromMs, toMs }) => toMs - fromMs > Math.max(workMs, PAUSE_MIN_MS));
  const pauseShare = pauses.length === 0 ? 0 : Math.min(PAUSE_SHARE, PAUSES_SHARE_MAX / pauses.length);
  const pausedMs = pauses.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const drawnMs = endMs - beginMs - pausedMs;
  const perMs = drawnMs === 0 ? 0 : (1 - pauseShare * pauses.length) / drawnMs;
  const placeOf = (timeMs: number): number => {
    let place = (Math.min(Math.max(timeMs, beginMs), endMs) - beginMs) * perMs;
    for (const pause of pauses) {
      const passed = Math.min(Math.max(timeMs - pause.fromMs, 0), pause.toMs - pause.fromMs);
      place += (passed / (pause.toMs - pause.fromMs)) * pauseShare - passed * perMs;
    }
    return Math.min(Math.max(place, 0), 1);
  };
  return {
    placeOf,
    ticks: ticksOf(beginMs, endMs, pauses, placeOf),
    pauses: pauses.map(({ fromMs, toMs }) => ({ at: placeOf(fromMs), width: pauseShare, label: `${describePause(toMs - fromMs)} without a call` })),
  };
}

function joinSpans(spans: readonly Span[]): Span[] {
  const joined: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1);
    if (last && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else joined.push({ fromMs, toMs });
  }
  return joined;
}

const TICKS = 4;
const TICKS_APART = 0.12;

/** Even steps; with pauses, the begin of each stretch of work. */
function ticksOf(beginMs: number, endMs: number, pauses: readonly Span[], placeOf: (timeMs: number) => number): Places['ticks'] {
  const moments = pauses.length === 0 ? Array.from({ length: TICKS + 1 }, (_, n) => beginMs + ((endMs - beginMs) * n) / TICKS) : [beginMs, ...pauses.map(({ toMs }) => toMs), endMs];
  const ticks: { at: number; label: string }[] = [];
  for (const moment of moments) {
    const at = placeOf(moment);
    if (ticks.length === 0 || at - ticks.at(-1)!.at >= TICKS_APART) ticks.push({ at, label: moment === beginMs ? '0' : describePause(moment - beginMs) });
  }
  return ticks;
}

const HOUR_MS = 3_600_000;

/** Beyond an hour, minutes are enough: `2 h 5 min`, `3 days`. */
export function describePause(ms: number): string {
  if (ms < HOUR_MS) return formatDuration(ms);
  if (ms >= 48 * HOUR_MS) return `${Math.round(ms / (24 * HOUR_MS))} days`;
  const minutes = Math.round((ms % HOUR_MS) / 60_000);
  return `${Math.floor(ms / HOUR_MS)} h${minutes > 0 ? ` ${minutes} min` : ''}`;
}
