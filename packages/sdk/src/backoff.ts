/** Pauses between attempts, for deliveries and for model calls. Pure but for the random number it is given. */

/** Full jitter: between half of and the whole exponential step, so that many senders do not return together. */
export function backoffMs(failures: number, baseMs: number, maxMs: number, random: number): number {
  const step = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(step * (0.5 + random / 2));
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date; undefined when absent or past. */
export function retryAfterMs(headers: { get(name: string): string | null } | undefined, nowMs: number): number | undefined {
  const ms = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (ms > 0) return ms;
  const text = headers?.get('retry-after');
  if (!text) return undefined;
  const wait = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return wait > 0 ? wait : undefined;
}
