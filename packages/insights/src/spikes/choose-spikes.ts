/**
 * One incident is one alert, although the team, a workflow, a customer, a model and a key all show it: which of them names it best, and which only repeat it. Pure.
 */
import type { Spike } from './judge-series';
import type { SpikeScope } from './spike-settings';

export interface ChosenSpike extends Spike {
  /** `scope subject` of those that show the same. */
  readonly also: readonly string[];
}

/** Whoever can be acted upon best comes first. */
const NARROW: readonly SpikeScope[] = ['customer', 'workflow', 'key', 'model', 'provider', 'tenant'];
const WHOLE: readonly SpikeScope[] = ['tenant', 'provider'];
/** A part that explains this share of the whole stands for it. */
const STANDS_FOR = 0.7;
const SAME_START_MS = 60 * 60_000;

function keyOf({ scope, subject }: Pick<Spike, 'scope' | 'subject'>): string {
  return `${scope} ${subject}`;
}

/** `others`: whether the scope has further spenders. The only workflow of a team is the team. */
export function chooseSpikes(spikes: readonly Spike[], others: (scope: SpikeScope) => boolean): ChosenSpike[] {
  const left = [...spikes].sort((a, b) => b.excessUsd - a.excessUsd);
  const chosen: ChosenSpike[] = [];
  while (left.length > 0) {
    const whole = left.find(({ scope }) => WHOLE.includes(scope)) ?? left[0]!;
    const same = left.filter((each) => each === whole || isSame(whole, each));
    const best = NARROW.flatMap((scope) => same.filter((each) => each.scope === scope))
      .find((each) => each === whole || (each.excessUsd >= whole.excessUsd * STANDS_FOR && others(each.scope))) ?? whole;
    chosen.push({ ...best, also: same.filter((each) => each !== best).map(keyOf) });
    for (const each of same) left.splice(left.indexOf(each), 1);
  }
  return chosen;
}

/** An alert that is open already, as far as it decides whether a spike is news. */
export interface OpenSpike {
  readonly scope: SpikeScope;
  readonly subject: string;
  readonly startMs: number;
  readonly excessUsd: number;
  readonly also: readonly string[];
}

/** Whether this is what an open alert tells already. Much more than it told is news. */
export function isTold(open: OpenSpike, spike: ChosenSpike): boolean {
  if (open.scope === spike.scope && open.subject === spike.subject) return true;
  const repeats = open.also.includes(keyOf(spike)) || spike.also.includes(keyOf(open)) || isSame(open, spike);
  return repeats && spike.excessUsd <= Math.max(open.excessUsd, 0.01) * 3;
}

type Compared = Pick<Spike, 'scope' | 'excessUsd' | 'startMs'>;

function isSame(a: Compared, b: Compared): boolean {
  const [whole, part] = WHOLE.includes(a.scope) ? [a, b] : WHOLE.includes(b.scope) ? [b, a] : [null, null];
  if (whole !== null) return part.excessUsd <= whole.excessUsd * 1.3;
  const ratio = a.excessUsd / Math.max(b.excessUsd, 1e-9);
  return ratio >= 0.5 && ratio <= 2 && a.scope !== b.scope && Math.abs(a.startMs - b.startMs) <= SAME_START_MS;
}
