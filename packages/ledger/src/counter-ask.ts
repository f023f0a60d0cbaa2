/** What a counter of the gate counts, said so that the ledger can sum it. Pure shapes: gate makes them, `read-used-at.ts` answers them. */
export const COUNTER_SCOPES = ['tenant', 'environment', 'workflow', 'customer', 'user', 'feature', 'model', 'key'] as const;
export type CounterScope = (typeof COUNTER_SCOPES)[number];

export interface CounterAsk {
  /** The counter's name: told back, not read. */
  readonly key: string;
  readonly scope: CounterScope;
  /** The id or name within the scope; '' for the tenant. */
  readonly subject: string;
  /** `runs`, which are open or not, have no sum in the ledger: always 0. */
  readonly metric: 'cost' | 'units' | 'tokens' | 'calls' | 'runs';
  /** Only units of usable outcomes. */
  readonly usableOnly: boolean;
  /** `[fromMs, toMs)` of `occurred_at`: edges of quarters of an hour, as midnights of every zone are. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Only these workflows, or all but these; null: all. */
  readonly workflows: { readonly only: readonly string[] } | { readonly except: readonly string[] } | null;
}
