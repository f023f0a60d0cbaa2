/** What a proof of the books checks: one list from which the job, the doctor and the page take their words. Pure. */

export type Law = 2 | 3 | 4 | 8 | 11;

interface Check {
  readonly law: Law;
  readonly title: string;
  /** What holds when it passes, as a sentence for a person who pays the bill. */
  readonly says: string;
  /** What is counted while it is checked. */
  readonly unit: 'run' | 'cell' | 'row' | 'correction' | 'archived month' | 'posting';
}

const checks = {
  runs: { law: 3, title: 'Runs', unit: 'run', says: 'Every run costs what its events sum to, and has the outcome that its newest outcome row states.' },
  usage_rollup: { law: 3, title: 'Quarter hours by workflow and model', unit: 'cell', says: 'Every 15-minute cell by environment, workflow and model is the sum of its events.' },
  usage_rollup_day: { law: 3, title: 'Days by workflow and model', unit: 'cell', says: 'Every day cell, in the time zone of the team, is the sum of its events.' },
  customer_rollup: { law: 3, title: 'Quarter hours by customer', unit: 'cell', says: 'Every 15-minute cell by customer and workflow is the sum of its events.' },
  customer_rollup_day: { law: 3, title: 'Days by customer', unit: 'cell', says: 'Every day cell of a customer is the sum of its events.' },
  archive: { law: 3, title: 'Archived months', unit: 'archived month', says: 'The seal of every archived total holds: nobody changed what a month summed to when its rows went to files.' },
  pairs: { law: 2, title: 'Corrections', unit: 'correction', says: 'Every correction is a pair: a reversal that takes out exactly what stood before, and a restatement that puts the right row in.' },
  cut: { law: 11, title: 'The past', unit: 'row', says: 'What the last proof saw is still there: no row was added to it, none is gone, none costs something else.' },
  credits: { law: 3, title: 'Credits', unit: 'posting', says: 'Every posting sums to zero, every balance is the sum of its entries, and every outcome burned exactly what its snapshot says.' },
  prices: { law: 4, title: 'Prices', unit: 'row', says: 'Every priced row, priced again from its raw usage and its price version, costs what is stored.' },
  classes: { law: 8, title: 'Token classes', unit: 'row', says: "The token classes of every row are those of its raw usage, and sum to the provider's own total." },
} as const satisfies Record<string, Check>;

export type CheckName = keyof typeof checks;

export const CHECKS: Readonly<Record<CheckName, Check>> = checks;

export const CHECK_NAMES = Object.keys(CHECKS) as CheckName[];

/** Where a fault stands, so that a page can open it. Times are ISO, `to` is exclusive; an absent label was not told apart. */
export type FaultPlace =
  | { readonly kind: 'event'; readonly id: string }
  | { readonly kind: 'run'; readonly runId: string }
  | {
    readonly kind: 'rows'; readonly from: string; readonly to: string;
    readonly environment?: string; readonly workflow?: string; readonly provider?: string; readonly model?: string; readonly customerId?: string;
  };

export interface Fault {
  readonly message: string;
  readonly place: FaultPlace | null;
}

export interface CheckResult {
  readonly name: CheckName;
  /** `running` is under way, or was when its worker stopped. `skipped` says nothing either way: `note` says why. */
  readonly state: 'running' | 'passed' | 'failed' | 'skipped';
  /** Of the check's unit. */
  readonly checked: number;
  readonly ms: number;
  /** The first that differs. */
  readonly fault: Fault | null;
  readonly note: string | null;
}

/** What another room proves of the same team: handed in by whoever may know both, because the ledger knows none of them. */
export interface RoomCheck {
  readonly name: Extract<CheckName, 'credits'>;
  prove(tenantId: string): Promise<{ readonly checked: number; readonly fault: Fault | null }>;
}

export const ROOM_CHECKS: readonly RoomCheck['name'][] = ['credits'];

export function toResult(name: CheckName, checked: number, ms: number, fault: Fault | null): CheckResult {
  return { name, state: fault === null ? 'passed' : 'failed', checked, ms: Math.round(ms), fault, note: null };
}

export function skip(name: CheckName, note: string): CheckResult {
  return { name, state: 'skipped', checked: 0, ms: 0, fault: null, note };
}
