/** An alert rule as a team keeps it. Pure shapes; the table is `alert_rules`. */
export const RULE_KINDS = ['spike', 'budget', 'forecast', 'cap_reached', 'error_share', 'retry_share', 'unpriced', 'sync_broken', 'drift', 'balance_broken', 'credits_low', 'no_data'] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

export const RULE_SCOPES = ['tenant', 'workflow', 'customer', 'model', 'key', 'provider'] as const;
export type RuleScope = (typeof RULE_SCOPES)[number];

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** In the team's zone, `22:00` to `07:00`: `from` inclusive, `to` exclusive, over midnight where `to` is earlier. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

/** JSON of a rule's thresholds; each kind reads its own (`rule-settings.ts`). Money is pico-dollars as text. */
export type RuleSettings = Readonly<Record<string, unknown>>;

export interface AlertRule {
  readonly id: string;
  readonly kind: RuleKind;
  readonly name: string;
  readonly scope: RuleScope;
  /** Null: each one of the scope by itself; of scope `tenant` always. */
  readonly subject: string | null;
  readonly settings: RuleSettings;
  readonly channelIds: readonly string[];
  /** What it does by itself when it fires: `{kind, ...}`; null: nothing. */
  readonly action: Readonly<Record<string, unknown>> | null;
  /** Told again so often while it fires; null: once. */
  readonly renotifyMinutes: number | null;
  readonly quietHours: QuietHours | null;
  readonly mutedUntil: string | null;
  readonly enabled: boolean;
  /** Made with the team: changed and switched off, never removed. */
  readonly builtIn: boolean;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

const MINUTE_MS = 60_000;

/** How long a condition must hold before its alert fires, and be gone before it is resolved: a single bad minute is noise to some. */
export const PATIENCE: Readonly<Record<RuleKind, { readonly pendingMs: number; readonly calmMs: number }>> = {
  spike: { pendingMs: 0, calmMs: 15 * MINUTE_MS },
  budget: { pendingMs: 0, calmMs: 5 * MINUTE_MS },
  // A forecast is made hourly and moves a little each time.
  forecast: { pendingMs: 0, calmMs: 120 * MINUTE_MS },
  cap_reached: { pendingMs: 0, calmMs: 10 * MINUTE_MS },
  error_share: { pendingMs: 2 * MINUTE_MS, calmMs: 15 * MINUTE_MS },
  retry_share: { pendingMs: 2 * MINUTE_MS, calmMs: 15 * MINUTE_MS },
  unpriced: { pendingMs: 0, calmMs: 5 * MINUTE_MS },
  sync_broken: { pendingMs: 0, calmMs: 5 * MINUTE_MS },
  drift: { pendingMs: 0, calmMs: 30 * MINUTE_MS },
  balance_broken: { pendingMs: 0, calmMs: 5 * MINUTE_MS },
  credits_low: { pendingMs: 0, calmMs: 30 * MINUTE_MS },
  no_data: { pendingMs: 0, calmMs: 2 * MINUTE_MS },
};
