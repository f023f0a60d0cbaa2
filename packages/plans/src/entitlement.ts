/** What holds for a customer at one moment: the plan version it is on, with the overrides of its segment and its own. The shape that snapshots keep, so a charge can be re-derived from it alone. */
import type { Calendar } from './calendar-window';
import type { PlanDefinition } from './plan-definition';

/** Times are ISO strings: an entitlement is stored as canonical JSON, by its hash. */
export interface Entitlement {
  readonly plan: { readonly id: string; readonly key: string; readonly name: string };
  readonly version: { readonly id: string; readonly number: number };
  /** Plan < segment < customer: the definition that decides and rates. */
  readonly definition: PlanDefinition;
  /** Ids of the overrides that are in it. */
  readonly overrides: readonly string[];
  readonly calendar: Calendar;
  /** Since when exactly this holds: the latest of assignment and overrides. A billing period with several of them is rated in segments. */
  readonly since: string;
}

/** The customer as the gate sees it. `entitlement` is null for a customer without a plan, to whom only caps apply. */
export interface CustomerPolicy {
  readonly customerId: string;
  /** False: nobody has recorded it yet; it appears with its first run or event. */
  readonly known: boolean;
  readonly segment: string | null;
  readonly suspended: { readonly at: string; readonly reason: string | null } | null;
  readonly riskLiftedUntil: string | null;
  /** Its own zone and anchor, else the team's; also without a plan. */
  readonly calendar: Calendar;
  readonly entitlement: Entitlement | null;
}
