/** What a cap is called when nobody names it, and what it guarantees. Pure. */
import { formatPico, formatUsd } from '@outlay/kernel';
import type { Cap } from './cap';

type Said = Pick<Cap, 'scope' | 'subject' | 'metric' | 'window' | 'mode' | 'limit'>;

const WINDOW_WORDS = { day: 'a day', week: 'a week', month: 'a month', period: 'a billing period' } as const;

/** `$5.00 a day for each customer` */
export function nameCap(cap: Said): string {
  return `${limitWords(cap)} ${cap.window === null ? (cap.metric === 'starts' ? 'a minute' : 'at once') : WINDOW_WORDS[cap.window]} for ${ownerWords(cap)}`;
}

/** `$5.00`, `20 units`, `3 open runs` */
function limitWords({ metric, limit }: Pick<Said, 'metric' | 'limit'>): string {
  if (metric === 'cost') return formatUsd(BigInt(limit));
  const word = metric === 'runs' ? 'open run' : metric === 'starts' ? 'run' : metric.slice(0, -1);
  return `${limit} ${word}${limit === '1' ? '' : 's'}`;
}

function ownerWords({ scope, subject }: Pick<Said, 'scope' | 'subject'>): string {
  if (scope === 'tenant') return 'the whole team';
  const word = scope === 'key' ? 'API key' : scope;
  return subject === null ? `each ${word}` : `${word} ${subject}`;
}

/** By how much a cap may be passed although it holds. */
export function overshootWords({ mode, metric }: Pick<Said, 'mode' | 'metric'>): string {
  if (mode === 'soft') return 'It warns and stops nothing.';
  if (mode === 'degrade') return 'It asks for a cheaper model and stops nothing.';
  if (metric === 'starts') return '0: no more runs begin within any minute than it allows.';
  if (metric === 'runs') return '0: no more runs begin than it allows.';
  return '0 by runs whose input, output, models and calls are bounded; by an estimated run at most what it costs above its estimate. Spend that did not ask the gate counts afterwards.';
}

/** A limit as people and programs write it: dollars for cost. */
export function statedLimit({ metric, limit }: Pick<Said, 'metric' | 'limit'>): string {
  return metric === 'cost' ? formatPico(BigInt(limit)) : limit;
}
