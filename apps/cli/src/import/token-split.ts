/**
 * Disjoint token classes from counts of which nobody says whether they overlap. The same product stores "prompt tokens" with the cached ones for one
 * provider and without them for another; the total, where there is one, tells which. Pure.
 */
import { err, ok, type Result, type TokenQuantities } from '@outlay/kernel';

export interface TokenCounts {
  readonly prompt: number;
  readonly completion: number;
  readonly cacheRead: number;
  /** Written for 5 minutes, unless `cacheWrite1h` says otherwise. */
  readonly cacheWrite: number;
  readonly cacheWrite1h?: number;
  readonly reasoning: number;
  readonly total: number | undefined;
  /** What to believe where no total tells: does `prompt` hold the cached ones already? */
  readonly promptHoldsCache: boolean;
}

export function splitTokens({ prompt, completion, cacheRead, cacheWrite, cacheWrite1h = 0, reasoning, total, promptHoldsCache }: TokenCounts): Result<TokenQuantities, string> {
  const counts = [prompt, completion, cacheRead, cacheWrite, cacheWrite1h, reasoning];
  if (counts.some((count) => !Number.isSafeInteger(count) || count < 0)) return err('A token count is no whole number from 0 up.');
  const cache = cacheRead + cacheWrite;
  const holds = cache === 0 || prompt < cache ? false : total === prompt + completion ? true : total === prompt + completion + cache ? false : promptHoldsCache;
  if (total !== undefined && total > 0 && total !== prompt + completion && total !== prompt + completion + cache && total !== prompt + completion + reasoning + (holds ? 0 : cache)) {
    return err(`The token counts contradict each other: ${prompt} + ${completion}${cache > 0 ? ` (and ${cache} of the cache)` : ''} is not the total of ${total}.`);
  }
  // Where the total has a place for them, thoughts stand beside the answer; else inside of it.
  const besides = reasoning > 0 && total !== undefined && total === prompt + completion + reasoning + (holds ? 0 : cache);
  if (!besides && reasoning > completion) return err(`${reasoning} reasoning tokens are more than the ${completion} of the answer.`);
  return ok(withoutZeros({
    input_uncached: prompt - (holds ? cache : 0), cache_read: cacheRead, cache_write_5m: cacheWrite - cacheWrite1h, cache_write_1h: cacheWrite1h,
    output_text: completion - (besides ? 0 : reasoning), output_reasoning: reasoning,
  }));
}

function withoutZeros(quantities: TokenQuantities): TokenQuantities {
  return Object.fromEntries(Object.entries(quantities).filter(([, count]) => count !== 0));
}
