/** What a table of ledger rows can be grouped by: more than a rollup holds, because it reads the rows. */
import { modelOf, type Params } from './event-conditions';

const column = (name: string) => (): string => `e.${name}`;

const SQL = {
  workflow: column('workflow'), model: () => modelOf('e'), provider: column('provider'), customer: column('customer_id'), user: column('user_id'), feature: column('feature'),
  environment: column('environment'), run: () => 'coalesce(e.run_ref, e.run_id::text)', status: column('status'), cost_basis: column('cost_basis'), attempt_kind: column('attempt_kind'),
  prompt_version: column('prompt_version'), policy_version: column('policy_version'), app_version: column('app_version'), price_version_id: () => 'e.price_version_id::text',
  /** A day of the team's zone. */
  day: (params: Params, timeZone: string) => `to_char(e.occurred_at AT TIME ZONE ${params.add(timeZone)}, 'YYYY-MM-DD')`,
} as const satisfies Record<string, (params: Params, timeZone: string) => string>;

export type RowGrouping = keyof typeof SQL;
export const ROW_GROUPINGS = Object.keys(SQL) as readonly RowGrouping[];

/** Only a call has these; a run's outcome has none. */
export const CALL_GROUPINGS: ReadonlySet<RowGrouping> = new Set(['model', 'provider', 'status', 'cost_basis', 'attempt_kind', 'price_version_id']);

export function groupingSql(groupBy: readonly RowGrouping[], params: Params, timeZone: string): string[] {
  return groupBy.map((name) => SQL[name](params, timeZone));
}
