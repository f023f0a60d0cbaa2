/**
 * Makes the trace that ships with the demo. It is synthetic: arrivals follow a Poisson process of 0.8 requests a second
 * with two bursts of three times that, and sizes are drawn from log-normal distributions, a mixture of short support
 * messages, documents and long reports. The numbers are our own choice, made to look like a small product at work.
 */
import { createRandom, type Random } from '@outlay/fakes';

const ROWS = 400;
const SEED = 20260901;
const START_MS = Date.UTC(2026, 8, 1, 9);
const RATE_PER_SECOND = 0.8;
const BURSTS = [{ fromS: 120, toS: 165 }, { fromS: 300, toS: 330 }];
const BURST_FACTOR = 3;
const KINDS = [
  { share: 0.55, medianContext: 650, spread: 0.8, medianGenerated: 140 },
  { share: 0.33, medianContext: 3_400, spread: 0.55, medianGenerated: 220 },
  { share: 0.12, medianContext: 8_200, spread: 0.4, medianGenerated: 520 },
];

/** The text of `trace.csv`; the same on every run. */
export function writeTrace(): string {
  const random = createRandom(SEED, 'demo trace');
  const lines = ['TIMESTAMP,ContextTokens,GeneratedTokens'];
  let seconds = 0;
  for (let row = 0; row < ROWS; row += 1) {
    const at = seconds;
    const rate = RATE_PER_SECOND * (BURSTS.some((burst) => at >= burst.fromS && at < burst.toS) ? BURST_FACTOR : 1);
    seconds += -Math.log(1 - random.next()) / rate;
    const kind = pickKind(random.next());
    const context = drawLogNormal(random, kind.medianContext, kind.spread, 24, 16_000);
    const generated = drawLogNormal(random, kind.medianGenerated, 0.7, 4, 1_600);
    lines.push(`${new Date(START_MS + seconds * 1000).toISOString().replace('T', ' ').replace('Z', '')},${context},${generated}`);
  }
  return `${lines.join('\n')}\n`;
}

function pickKind(roll: number): (typeof KINDS)[number] {
  let sum = 0;
  return KINDS.find((kind) => { sum += kind.share; return roll < sum; }) ?? KINDS[0]!;
}

function drawLogNormal(random: Random, median: number, spread: number, low: number, high: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Math.round(Math.min(high, Math.max(low, median * Math.exp(spread * normal))));
}
