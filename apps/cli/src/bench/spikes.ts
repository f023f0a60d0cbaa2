/**
 * `npm run bench -- spikes`: goal A1. The production detector on labelled tenants of the frozen generator, with stated seeds, and on a real trace of requests into which incidents are put. No
 * database: a series goes in bucket by bucket, and what it said is compared with what was planted.
 */
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type DetectorResult, generateTenants, INCIDENT_KINDS, type LabelledSeries, measureDetector, parseTime, TENANT_KINDS } from '@outlay/insights/bench';
import type { BenchReport, Goal } from './goals';

export interface SpikesOptions {
  /** A CSV of requests: time, input tokens, output tokens. Left out by name where it is absent. */
  readonly traceFile: string;
  readonly progress: (text: string) => void;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const BUCKET_MS = 5 * MINUTE_MS;
/** Different ones than the tests', so that nothing was fitted to them. */
const SPIKE_SEEDS = [901, 902, 903] as const;
const TENANTS = 24;
const DAYS = 49;
const QUIET_DAYS = 21;
const TRACE_SEEDS = [911, 912, 913, 914] as const;

export async function benchSpikes({ traceFile, progress }: SpikesOptions): Promise<BenchReport> {
  const figures: Record<string, number> = {};
  const results: DetectorResult[] = [];
  const startedMs = performance.now();
  for (const seed of SPIKE_SEEDS) {
    progress(`Seed ${seed}: ${TENANTS} tenants, ${DAYS} days, judged from day ${QUIET_DAYS} on`);
    results.push(measureDetector(generateTenants({ seed, tenants: TENANTS, days: DAYS, quietDays: QUIET_DAYS, bucketMs: BUCKET_MS, incidentEveryDays: 4 }), QUIET_DAYS));
  }
  figures['tenant-days a second, generator included'] = (SPIKE_SEEDS.length * TENANTS * DAYS) / ((performance.now() - startedMs) / 1_000);
  const all = joinResults(results);
  tell(figures, 'generator', all);
  for (const kind of TENANT_KINDS) {
    const own = all.incidents.filter((each) => each.tenantKind === kind && each.kind !== 'flash');
    figures[`${kind}: caught in time, %`] = shareOf(own.filter(({ inTime }) => inTime).length, own.length);
    figures[`${kind}: false alarms a tenant and week`] = all.falseAlarms.filter(({ tenantKind }) => tenantKind === kind).length / (all.tenantWeeks / TENANT_KINDS.length);
  }
  if (existsSync(traceFile)) {
    const requests = await readTrace(traceFile);
    progress(`Trace of ${requests.length} requests, seeds ${TRACE_SEEDS.join(', ')}`);
    tell(figures, 'trace', joinResults(TRACE_SEEDS.map((seed) => measureDetector([tileTrace(requests, seed)], QUIET_DAYS))));
  } else progress(`Left out: the trace ${traceFile} is not there.`);
  const slow = all.incidents.filter(({ kind }) => kind !== 'flash');
  const goals: Goal[] = [
    { id: 'A1', what: 'incidents of minutes and hours caught before a tenth of a day, %', value: shareOf(slow.filter(({ inTime }) => inTime).length, slow.length), goal: 98, better: 'higher' },
    { id: 'A1', what: 'false alarms a tenant and week', value: all.falseAlarms.length / all.tenantWeeks, goal: 1, better: 'lower' },
  ];
  return { bench: 'spikes', goals, figures };
}

function joinResults(results: readonly DetectorResult[]): DetectorResult {
  return { incidents: results.flatMap(({ incidents }) => incidents), falseAlarms: results.flatMap(({ falseAlarms }) => falseAlarms), tenantWeeks: results.reduce((sum, { tenantWeeks }) => sum + tenantWeeks, 0) };
}

function tell(figures: Record<string, number>, name: string, { incidents, falseAlarms, tenantWeeks }: DetectorResult): void {
  for (const kind of INCIDENT_KINDS) {
    const own = incidents.filter((each) => each.kind === kind);
    if (own.length === 0) continue;
    const delays = own.flatMap(({ delayMinutes }) => (delayMinutes === null ? [] : [delayMinutes])).sort((a, b) => a - b);
    figures[`${name}, ${kind}: incidents`] = own.length;
    figures[`${name}, ${kind}: caught in time, %`] = shareOf(own.filter(({ inTime }) => inTime).length, own.length);
    figures[`${name}, ${kind}: missed`] = own.length - delays.length;
    if (delays.length > 0) {
      figures[`${name}, ${kind}: minutes to the alert, median`] = delays[delays.length >> 1]!;
      figures[`${name}, ${kind}: minutes to the alert, p90`] = delays[Math.floor(delays.length * 0.9)]!;
    }
  }
  figures[`${name}: false alarms a tenant and week`] = falseAlarms.length / tenantWeeks;
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole;
}

interface TracedRequest {
  readonly atMs: number;
  readonly usd: number;
}

/** Tokens at $2.50 and $10 a million: what a request of the trace would have cost. */
async function readTrace(file: string): Promise<TracedRequest[]> {
  const requests: TracedRequest[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const [time = '', input, output] = line.split(',');
    const atMs = parseTime(time);
    if (atMs !== null) requests.push({ atMs, usd: (Number(input) * 2.5 + Number(output) * 10) / 1e6 });
  }
  return requests.sort((a, b) => a.atMs - b.atMs);
}

/**
 * The trace is an hour long, and a baseline needs weeks: each bucket is five minutes of the trace, drawn at random, of which as many requests are kept as the hour of the day has. An incident is
 * further draws on top. So the bursts within a bucket are real, the season is not.
 */
function tileTrace(requests: readonly TracedRequest[], seed: number): LabelledSeries {
  const random = createRandom(seed);
  const startMs = Date.UTC(2026, 0, 5);
  const length = (DAYS * DAY_MS) / BUCKET_MS;
  const [first, last] = [requests[0]!.atMs, requests.at(-1)!.atMs - BUCKET_MS];
  const draw = (share: number): number => {
    const from = first + random() * (last - first);
    let usd = 0;
    for (let i = firstAt(requests, from); i < requests.length && requests[i]!.atMs < from + BUCKET_MS; i++) if (random() < share) usd += requests[i]!.usd;
    return usd;
  };
  const incidents = [];
  for (let day = QUIET_DAYS + random() * 4; day < DAYS - 1; day += 2 + random() * 3) {
    const kind = random() < 0.5 ? ('burst' as const) : ('leak' as const);
    const minutes = kind === 'burst' ? 10 + random() * 80 : 180 + random() * 420;
    const at = startMs + Math.floor((day * DAY_MS) / MINUTE_MS) * MINUTE_MS;
    incidents.push({ kind, startMs: at, endMs: at + Math.ceil(minutes) * MINUTE_MS, factor: kind === 'burst' ? 3 + random() * 17 : 1.5 + random() * 1.5 });
  }
  const values = new Float64Array(length);
  const usual = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const atMs = startMs + i * BUCKET_MS;
    const hour = (atMs % DAY_MS) / 3_600_000;
    const weekend = Math.floor(atMs / DAY_MS) % 7 === 2 || Math.floor(atMs / DAY_MS) % 7 === 3 ? 0.5 : 1;
    const share = (0.55 + 0.45 * Math.cos(((hour - 14) / 24) * 2 * Math.PI)) * weekend;
    usual[i] = draw(share);
    const incident = incidents.find((each) => atMs >= each.startMs && atMs < each.endMs);
    values[i] = usual[i]!;
    for (let rest = incident === undefined ? 0 : incident.factor - 1; rest > 0; rest--) values[i]! += draw(Math.max(share, 0.25) * Math.min(rest, 1));
  }
  return { name: `trace-${seed}`, kind: 'steady', startMs, bucketMs: BUCKET_MS, values, usual, incidents };
}

/** In the order of time. */
function firstAt(requests: readonly TracedRequest[], fromMs: number): number {
  let [low, high] = [0, requests.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (requests[middle]!.atMs < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
