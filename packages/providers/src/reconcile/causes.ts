/** What a difference between ledger and bill can come from. The parts of a residue always sum to it. */

/** In the order in which they are looked for; a part that is found is not looked for again. */
export const CAUSES = ['missing', 'failed', 'tier', 'cache_class', 'timing', 'price_version', 'rounding', 'unexplained'] as const;
export type Cause = (typeof CAUSES)[number];

/** Pico-dollars; positive: the bill is higher than the ledger. */
export type Causes = Readonly<Record<Cause, bigint>>;

export const CAUSE_WORDS: Readonly<Record<Cause, string>> = {
  missing: 'Requests that the provider counts and the ledger does not have',
  failed: 'Calls that failed or broke off, and were billed all the same',
  tier: 'Served in another service tier than recorded',
  cache_class: 'Cached or written to the cache otherwise than recorded',
  timing: 'Counted on the neighbouring day, across midnight UTC',
  price_version: 'Billed at another price than the price book holds',
  rounding: 'Less than a cent a line of the bill',
  unexplained: 'Nothing that is known explains it',
};

export function noCauses(): Record<Cause, bigint> {
  return { missing: 0n, failed: 0n, tier: 0n, cache_class: 0n, timing: 0n, price_version: 0n, rounding: 0n, unexplained: 0n };
}

export function sumCauses(causes: Causes): bigint {
  return CAUSES.reduce((sum, cause) => sum + causes[cause], 0n);
}

export function addCauses(to: Record<Cause, bigint>, from: Causes): void {
  for (const cause of CAUSES) to[cause] += from[cause];
}
