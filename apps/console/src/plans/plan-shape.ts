/** What a plan version says, as the server answers it. The server parses it; here are only the shapes that the pages draw and edit. Decimals are text. */
export const INTERVALS = ['month', 'quarter', 'year'] as const;
export const WINDOWS = ['day', 'week', 'month', 'period'] as const;
export const MODEL_TIERS = ['standard', 'premium', 'reasoning', 'search'] as const;
export const RATE_KEYS = ['customer', 'user', 'api_key', 'workflow'] as const;
export const ROUNDINGS = ['half_even', 'half_up', 'down', 'up'] as const;
export const CAP_MODES = ['soft', 'degrade', 'hard'] as const;
export const CREDIT_LIVES = ['month', 'quarter', 'year', 'never'] as const;

export type Interval = (typeof INTERVALS)[number];
export type Window = (typeof WINDOWS)[number];

interface Tier {
  readonly upTo: string | null;
  readonly price: string;
  readonly flat?: string | undefined;
}

export type Overage =
  | { readonly kind: 'flat'; readonly price: string; readonly per: string }
  | { readonly kind: 'graduated' | 'volume'; readonly tiers: readonly Tier[]; readonly per: string };

export type Exhausted = { readonly mode: 'hard' } | { readonly mode: 'soft'; readonly overage: Overage };

export interface Allowance {
  readonly id: string;
  readonly unit: string;
  readonly measure: 'units' | 'tokens';
  readonly workflows?: readonly string[] | undefined;
  readonly window: Window;
  readonly included: string;
  readonly exhausted: Exhausted;
}

export interface Credits {
  readonly granted: string;
  readonly expires: (typeof CREDIT_LIVES)[number];
  readonly weights: Readonly<Record<string, string>>;
  readonly weight: string;
}

export interface RateLimit {
  readonly id: string;
  readonly key: (typeof RATE_KEYS)[number];
  readonly limit: number;
  readonly windowSeconds: number;
  readonly algorithm: { readonly kind: 'sliding_window' } | { readonly kind: 'token_bucket'; readonly burst: number };
}

export interface PlanDefinition {
  readonly currency: string;
  readonly baseFee: string;
  readonly interval: Interval;
  readonly allowances: readonly Allowance[];
  readonly credits: Credits | null;
  readonly rateLimits: readonly RateLimit[];
  readonly models?: { readonly tiers: readonly (typeof MODEL_TIERS)[number][]; readonly named: readonly string[] } | undefined;
  readonly gates: Readonly<Record<string, boolean>>;
  readonly limits: { readonly contextTokens?: number | undefined; readonly quantities: Readonly<Record<string, number>> };
  readonly costCaps: readonly { readonly window: 'day' | 'month'; readonly usd: string; readonly mode: (typeof CAP_MODES)[number] }[];
  readonly chargeOnlyUsable: boolean;
  readonly rounding: (typeof ROUNDINGS)[number];
}
