/**
 * Spend of made-up tenants with incidents in known places, for measuring detectors. Seeded: the same seed gives the same tenants for ever. Written and frozen before any
 * detector, which reads none of these parameters.
 *
 * What a tenant spends in a bucket is a sum of calls: their number is overdispersed Poisson around a rate with daily and weekly season, growth, holidays and jobs at fixed
 * hours; their price is log-normal. Incidents multiply the rate, of the moment or, at night, of half the day's mean, because a loop does not sleep.
 */
export const TENANT_KINDS = ['steady', 'office_hours', 'round_the_clock', 'bursty', 'growing', 'nightly_job', 'holidays', 'quiet'] as const;
export type TenantKind = (typeof TENANT_KINDS)[number];

/** `burst`: 3 to 20 times for 10 to 90 minutes. `leak`: 1.5 to 3 times for 3 to 10 hours. `flash`: 5 to 40 times for less than 10 minutes, the gate's work. */
export const INCIDENT_KINDS = ['burst', 'leak', 'flash'] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

interface Incident {
  readonly kind: IncidentKind;
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  readonly factor: number;
}

export interface LabelledSeries {
  readonly name: string;
  readonly kind: TenantKind;
  readonly startMs: number;
  readonly bucketMs: number;
  /** US dollars a bucket. */
  readonly values: Float64Array;
  /** What the bucket would have cost without its incident. */
  readonly usual: Float64Array;
  readonly incidents: readonly Incident[];
}

export interface GeneratorOptions {
  readonly seed: number;
  readonly tenants: number;
  readonly days: number;
  /** No incident before this many days. */
  readonly quietDays: number;
  readonly bucketMs: number;
  /** Days between two incidents of a tenant, on average. */
  readonly incidentEveryDays: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A Monday. */
const START_MS = Date.UTC(2026, 0, 5);

export function generateTenants(options: GeneratorOptions): LabelledSeries[] {
  return Array.from({ length: options.tenants }, (_, i) => generateTenant(options, i));
}

function generateTenant(options: GeneratorOptions, index: number): LabelledSeries {
  const { days, bucketMs } = options;
  const random = createRandom(options.seed * 7_919 + index);
  const kind = TENANT_KINDS[index % TENANT_KINDS.length]!;
  const shape = drawShape(kind, random, days);
  const incidents = drawIncidents(options, kind, random);
  const length = Math.round((days * DAY_MS) / bucketMs);
  const values = new Float64Array(length);
  const usual = new Float64Array(length);
  // Slow drift of the level: customers come and go.
  let drift = 0;
  // Traffic is correlated: a busy quarter of an hour is followed by another.
  let mood = 0;
  const perHour = bucketMs / HOUR_MS;
  const keep = Math.exp(-bucketMs / (20 * MINUTE_MS));
  for (let i = 0; i < length; i++) {
    const atMs = i * bucketMs;
    if (atMs % DAY_MS === 0) drift = 0.9 * drift + gauss(random) * shape.drift;
    mood = keep * mood + Math.sqrt(1 - keep * keep) * gauss(random) * shape.mood;
    const season = shape.rateAt(atMs);
    const rate = season * Math.exp(drift + mood - (shape.mood * shape.mood) / 2);
    const base = drawSpend(rate * perHour, shape, random);
    usual[i] = base;
    const incident = incidents.find(({ startMs, endMs }) => START_MS + atMs >= startMs && START_MS + atMs < endMs);
    values[i] = incident ? base + drawSpend((incident.factor - 1) * Math.max(rate, shape.meanRate / 2) * perHour, shape, random) : base;
  }
  return { name: `${kind}-${index}`, kind, startMs: START_MS, bucketMs, values, usual, incidents };
}

interface Shape {
  /** Calls an hour. */
  rateAt(atMs: number): number;
  readonly meanRate: number;
  readonly priceMean: number;
  readonly priceSpread: number;
  /** Gamma shape of the number of calls: small is bursty. */
  readonly dispersion: number;
  readonly drift: number;
  readonly mood: number;
}

function drawShape(kind: TenantKind, random: () => number, days: number): Shape {
  const meanRate = kind === 'quiet' ? logUniform(random, 3, 12) : logUniform(random, 60, 4_000);
  const peakHour = 9 + random() * 9;
  const depth = { steady: 0.55, office_hours: 0.95, round_the_clock: 0.1, bursty: 0.6, growing: 0.6, nightly_job: 0.6, holidays: 0.7, quiet: 0.8 }[kind];
  const weekend = { steady: 0.8, office_hours: 0.15, round_the_clock: 1, bursty: 0.7, growing: 0.7, nightly_job: 0.6, holidays: 0.5, quiet: 0.4 }[kind];
  const weekly = kind === 'growing' ? 0.05 + random() * 0.2 : (random() - 0.4) * 0.04;
  const jobHour = Math.floor(random() * 24);
  const jobMinutes = 15 + random() * 45;
  const jobFactor = 3 + random() * 4;
  const holidays = kind === 'holidays' ? new Set([15, 16, 17, 30, 31].map((day) => Math.min(day + Math.floor(random() * 5), days - 1))) : new Set<number>();
  const rateAt = (atMs: number): number => {
    const hour = (atMs % DAY_MS) / HOUR_MS;
    const day = Math.floor(atMs / DAY_MS);
    const wave = Math.cos(((hour - peakHour) / 24) * 2 * Math.PI);
    const daily = kind === 'office_hours' ? 1 - depth + depth * 2.4 / (1 + Math.exp(-6 * (wave - 0.15))) : 1 + depth * wave;
    const weekday = day % 7 >= 5 ? weekend : 1;
    const grown = Math.pow(1 + weekly, day / 7);
    const holiday = holidays.has(day) ? 0.2 : 1;
    const job = kind === 'nightly_job' && hour >= jobHour && hour < jobHour + jobMinutes / 60 ? jobFactor : 1;
    return meanRate * daily * weekday * grown * holiday * job;
  };
  return {
    rateAt, meanRate, priceMean: logUniform(random, 0.002, 0.08), priceSpread: 0.5 + random() * 0.7,
    dispersion: kind === 'bursty' ? 1.2 : kind === 'quiet' ? 2 : 8, drift: kind === 'bursty' ? 0.08 : 0.04, mood: kind === 'bursty' ? 0.35 : kind === 'quiet' ? 0.25 : 0.1,
  };
}

function drawIncidents({ days, quietDays, incidentEveryDays }: GeneratorOptions, kind: TenantKind, random: () => number): Incident[] {
  const incidents: Incident[] = [];
  for (let day = quietDays + random() * incidentEveryDays; day < days - 1; day += incidentEveryDays * (0.6 + 0.8 * random())) {
    const draw = random();
    const incidentKind: IncidentKind = draw < 0.45 ? 'burst' : draw < 0.9 ? 'leak' : 'flash';
    const minutes = incidentKind === 'burst' ? logUniform(random, 10, 90) : incidentKind === 'leak' ? logUniform(random, 180, 600) : logUniform(random, 2, 9);
    const factor = incidentKind === 'burst' ? logUniform(random, 3, 20) : incidentKind === 'leak' ? 1.5 + random() * 1.5 : logUniform(random, 5, 40);
    const startMs = START_MS + Math.floor((day * DAY_MS) / MINUTE_MS) * MINUTE_MS;
    // A quiet tenant has too few calls for a factor to mean anything: its loops are counted in calls instead.
    incidents.push({ kind: incidentKind, startMs, endMs: startMs + Math.ceil(minutes) * MINUTE_MS, factor: kind === 'quiet' ? factor * 3 : factor });
  }
  return incidents;
}

/** A compound: gamma-mixed Poisson calls, log-normal prices (their sum by its mean and variance when there are many). */
function drawSpend(mean: number, { priceMean, priceSpread, dispersion }: Shape, random: () => number): number {
  if (mean <= 0) return 0;
  const calls = poisson(mean * gamma(dispersion, random) / dispersion, random);
  if (calls === 0) return 0;
  const variance = Math.exp(priceSpread * priceSpread) - 1;
  if (calls > 60) return Math.max(priceMean * (calls + Math.sqrt(calls * variance) * gauss(random)), priceMean * calls * 0.2);
  let sum = 0;
  for (let i = 0; i < calls; i++) sum += priceMean * Math.exp(priceSpread * gauss(random) - (priceSpread * priceSpread) / 2);
  return sum;
}

function poisson(mean: number, random: () => number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * gauss(random)));
  const limit = Math.exp(-mean);
  let product = random();
  let count = 0;
  for (; product > limit; count++) product *= random();
  return count;
}

/** Marsaglia and Tsang. */
function gamma(shape: number, random: () => number): number {
  if (shape < 1) return gamma(shape + 1, random) * Math.pow(random(), 1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = gauss(random);
    const v = Math.pow(1 + c * x, 3);
    if (v > 0 && Math.log(random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function logUniform(random: () => number, from: number, to: number): number {
  return Math.exp(Math.log(from) + random() * (Math.log(to) - Math.log(from)));
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
