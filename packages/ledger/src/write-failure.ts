/** What a failed group means: pure, so that the writer's loop has nothing to guess. */
import { idTimeMs, isKeyId } from '@outlay/kernel/ids';

/** `archived`: the month takes no rows any more; `again`: the same statement may succeed (deadlock, serialisation, shutdown); `lost`: a new connection is needed first. */
export type Failure = 'again' | 'partition' | 'archived' | 'data' | 'lost';

export function failureOf(error: unknown): Failure {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string' || code.length !== 5) return 'lost';
  if (code === '40P01' || code === '40001' || code === '57014' || code === '55P03') return 'again';
  if (code === '23514' && /no partition/.test(String((error as Error).message))) return 'partition';
  if (code === '23514' && (error as { constraint?: unknown }).constraint === 'archived_month') return 'archived';
  if (code.startsWith('22') || code.startsWith('23')) return 'data';
  if (code.startsWith('08') || code.startsWith('57P') || code === '25P03') return 'lost';
  return 'again';
}

/** Exponential with full jitter, at most 2 s. */
export function retryDelayMs(attempt: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(2_000, 20 * 2 ** attempt));
}

/** One instant a month for which these ids need a partition; ids from a caller's key have theirs already. */
export function missingMonths(ids: readonly string[]): Date[] {
  const months = new Map<string, Date>();
  for (const id of ids) {
    if (isKeyId(id)) continue;
    const at = new Date(idTimeMs(id));
    months.set(at.toISOString().slice(0, 7), at);
  }
  return [...months.values()];
}
