/** What a run asks for at its begin, parsed: absent is null or empty. */
export interface RunAsk {
  /** The API key's. */
  readonly environment: string;
  readonly apiKeyId: string | null;
  /** The one that the caller names, when it names one. */
  readonly statedEnvironment: string | null;
  readonly customerId: string | null;
  readonly userId: string | null;
  readonly workflow: string | null;
  readonly feature: string | null;
  /** The caller's own route, in its order. */
  readonly models: readonly string[];
  readonly features: readonly string[];
  readonly tools: readonly string[];
  /** What one call sends at most: tokens when the caller counted them, else bytes of text. */
  readonly inputTokens: number | null;
  readonly inputBytes: number | null;
  readonly maxOutputTokens: number | null;
  readonly maxCalls: number | null;
  readonly quantities: Readonly<Record<string, number>>;
  /** Units of its outcome, a decimal; null: 1. */
  readonly units: string | null;
  /** The caller's own estimate in dollars, a decimal. */
  readonly estimateUsd: string | null;
  readonly caps: InlineCaps;
}

/** Caps that the caller names for this run; dollars as decimals. They join the team's own: the strictest wins. */
export interface InlineCaps {
  readonly maxContextTokens?: number | null;
  readonly softDailyCostUsd?: string | null;
  readonly hardDailyCostUsd?: string | null;
  readonly maxRunCostUsd?: string | null;
}

/** Who a run or a ledger row is, by scope; null where it names nobody. */
export interface Labels {
  readonly environment: string;
  readonly workflow: string | null;
  readonly customerId: string | null;
  readonly userId: string | null;
  readonly feature: string | null;
  readonly apiKeyId: string | null;
}
