/**
 * What a committed ledger row counts in the gate. Pure. Signed: a correction's reversal takes out of a counter what its original put in. Estimated rows and ceilings of unpriced ones count as
 * everything else does: a limit may not wait until the truth is known.
 *
 * Which counters a row counts in follows from the policy at hand, which is that of now, whenever the row occurred: counters are set and asked for by it. A process that has not heard of a new cap yet
 * misses the row in its counter: where several decide on one store, counters are set from the ledger once more after a while.
 */
import { TOKEN_CLASSES } from '@outlay/kernel';
import { type EventRow, modelFamily } from '@outlay/ledger';
import { type Allowance, allowanceOf, type CustomerPolicy, type TenantPolicy } from '@outlay/plans';
import { allowanceCounts } from './allowance-counts';
import { millionthsOfText, nanoOfPico } from './amounts';
import { calendarOf, configuredCaps, subjectsOf } from './configured-caps';
import { allowanceKey, counterKey } from './counter-key';
import type { Metric } from './decide';
import type { Spend } from './gate-store';
import { keptWindowAt } from './kept-windows';
import type { Labels } from './run-ask';

/** Counted for every customer, whatever is configured: risk block, caps of plans, caps that a caller names for one run. */
const ALWAYS = [['customer', 'day'], ['customer', 'month'], ['tenant', 'day']] as const;

/** `customer`: the policy of the row's customer; null when it names none. */
export function rowSpends(row: EventRow, tenant: TenantPolicy, customer: CustomerPolicy | null): Spend[] {
  const atMs = Date.parse(row.occurred_at);
  const owners = [...subjectsOf(labelsOf(row)), { scope: 'model' as const, subject: modelOf(row) }];
  const keysOf = (metric: Metric): Set<string> => {
    const keys = new Set<string>();
    for (const { scope, subject } of owners) {
      if (scope === 'model' && subject === '') continue;
      const calendar = calendarOf(scope, tenant, customer);
      const windows = new Set(configuredCaps(tenant).of(scope, subject).flatMap((cap) => (cap.metric === metric && cap.window !== null ? [cap.window] : [])));
      if (metric === 'cost') for (const [always, window] of ALWAYS) if (always === scope) windows.add(window);
      for (const window of windows) keys.add(counterKey({ scope, subject }, metric, keptWindowAt(window, atMs, calendar)));
    }
    return keys;
  };
  const spends: Spend[] = [];
  const push = (metric: Metric, amount: number, keys: ReadonlySet<string>, runId = row.run_id): void => {
    if (amount !== 0 && (keys.size > 0 || runId !== null)) spends.push({ runId, metric, amount, keys: [...keys] });
  };

  if (row.subject === 'call') {
    push('cost', nanoOfPico(row.ceiling_pico), keysOf('cost'));
    push('tokens', tokensOf(row), withAllowance('tokens', keysOf('tokens'), row, customer, atMs));
    if (row.part === 0) push('calls', row.sign, keysOf('calls'));
    return spends;
  }
  const units = row.units === null ? 0 : millionthsOfText(row.units);
  const usableOnly = customer?.entitlement?.definition.chargeOnlyUsable ?? false;
  // What a plan does not charge is still what the run used of its own hold and of caps on units.
  if (usableOnly && row.outcome !== 'usable') push('units', units, keysOf('units'));
  else push('units', units, withAllowance('units', keysOf('units'), row, customer, atMs));
  return spends;
}

function withAllowance(measure: Allowance['measure'], keys: Set<string>, row: EventRow, customer: CustomerPolicy | null, atMs: number): Set<string> {
  const entitlement = customer?.entitlement ?? null;
  const allowance = entitlement === null ? null : allowanceOf(entitlement.definition, measure, row.workflow ?? '');
  if (customer !== null && entitlement !== null && allowance !== null) {
    keys.add(allowanceKey(customer.customerId, allowance, allowanceCounts(entitlement.definition, allowance), keptWindowAt(allowance.window, atMs, entitlement.calendar)));
  }
  return keys;
}

function labelsOf(row: EventRow): Labels {
  return { environment: row.environment, workflow: row.workflow, customerId: row.customer_id, userId: row.user_id, feature: row.feature, apiKeyId: row.api_key_id };
}

function modelOf(row: EventRow): string {
  return modelFamily(row.model_served ?? row.model_requested ?? '');
}

function tokensOf(row: EventRow): number {
  return TOKEN_CLASSES.reduce((sum, name) => sum + row[name], 0);
}
