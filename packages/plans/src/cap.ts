/** A cap as a team sets it: a limit on a metric of a scope, in a window. Pure shapes; the table is `caps`. */
import type { WindowKind } from './calendar-window';

export const CAP_SCOPES = ['tenant', 'environment', 'workflow', 'customer', 'user', 'feature', 'model', 'key'] as const;
export type CapScope = (typeof CAP_SCOPES)[number];

/** `runs`: open at once. `starts`: runs that begin within any minute. */
export const CAP_METRICS = ['cost', 'units', 'tokens', 'calls', 'runs', 'starts'] as const;
export type CapMetric = (typeof CAP_METRICS)[number];

export const CAP_MODES = ['soft', 'degrade', 'hard'] as const;
export type CapMode = (typeof CAP_MODES)[number];

export interface Cap {
  readonly id: string;
  readonly name: string;
  readonly scope: CapScope;
  /** Null: each one of the scope by itself; of scope `tenant` always. */
  readonly subject: string | null;
  readonly metric: CapMetric;
  /** Null for `runs`, which are counted while they are open, and for `starts`. */
  readonly window: WindowKind | null;
  readonly mode: CapMode;
  /** Cost in pico-dollars, units and counts as they are; a decimal as text. */
  readonly limit: string;
  readonly source: 'person' | 'api' | 'alert' | 'demo';
  readonly expiresAt: string | null;
  readonly disabledAt: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

/** The risk block of the design: hard, on by default, for each customer and day. */
export interface RiskSettings {
  readonly enabled: boolean;
  readonly floorPico: bigint;
  /** Times the mean of the last 28 days. */
  readonly factor: string;
}

/** A model that a workflow may use, in order of preference. `cheaper`: taken when a limit in mode `degrade` is passed. */
export interface RouteModel {
  readonly model: string;
  readonly cheaper: boolean;
}

/** What a team has set for a workflow; without a row the defaults. */
export interface WorkflowPolicy {
  readonly route: readonly RouteModel[];
  readonly onGateUnavailable: 'allow' | 'deny' | 'degrade';
  readonly timeToLiveMs: number;
}

/** Everything of a team that a begin looks at and that is not one customer's. */
export interface TenantPolicy {
  readonly timeZone: string;
  /** Enabled, not expired ones are picked by the caller, at its own clock. */
  readonly caps: readonly Cap[];
  readonly risk: RiskSettings;
  readonly workflows: ReadonlyMap<string, WorkflowPolicy>;
}
