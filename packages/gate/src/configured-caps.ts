/**
 * A team's caps, indexed by whom they are about, so that a begin and a ledger row find theirs without looking at all of them. Pure; made once for each policy.
 */
import { type CounterScope, modelFamily } from '@outlay/ledger';
import type { Calendar, Cap, CustomerPolicy, TenantPolicy } from '@outlay/plans';
import type { Labels } from './run-ask';

export interface ConfiguredCaps {
  /** Also disabled and expired ones: their counters go on, in case they hold again. */
  of(scope: CounterScope, subject: string): readonly Cap[];
}

const NONE: readonly Cap[] = [];
const indexed = new WeakMap<TenantPolicy, ConfiguredCaps>();

export function configuredCaps(policy: TenantPolicy): ConfiguredCaps {
  let found = indexed.get(policy);
  if (found === undefined) indexed.set(policy, (found = indexCaps(policy.caps)));
  return found;
}

function indexCaps(caps: readonly Cap[]): ConfiguredCaps {
  const general = new Map<CounterScope, Cap[]>();
  const named = new Map<string, Cap[]>();
  const push = <K>(map: Map<K, Cap[]>, key: K, cap: Cap): void => void (map.get(key)?.push(cap) ?? map.set(key, [cap]));
  for (const cap of caps) {
    if (cap.scope === 'tenant' || cap.subject === null) push(general, cap.scope, cap);
    else push(named, `${cap.scope}:${cap.scope === 'model' ? modelFamily(cap.subject) : cap.subject}`, cap);
  }
  return {
    of: (scope, subject) => {
      const own = named.get(`${scope}:${subject}`);
      const all = general.get(scope) ?? NONE;
      return own === undefined ? all : [...all, ...own];
    },
  };
}

/** A cap that holds now. */
export function isInForce(cap: Cap, nowMs: number): boolean {
  return cap.disabledAt === null && (cap.expiresAt === null || Date.parse(cap.expiresAt) > nowMs);
}

/** The scopes that have one subject, with it; models are told apart, because a run may name several. */
export function subjectsOf(labels: Labels): { readonly scope: Exclude<CounterScope, 'model'>; readonly subject: string }[] {
  const { environment, workflow, customerId, userId, feature, apiKeyId } = labels;
  const named = [['workflow', workflow], ['customer', customerId], ['user', userId], ['feature', feature], ['key', apiKeyId]] as const;
  return [
    { scope: 'tenant', subject: '' },
    { scope: 'environment', subject: environment },
    ...named.flatMap(([scope, subject]) => (subject === null || subject === '' ? [] : [{ scope, subject }])),
  ];
}

/** Windows are in the customer's calendar for what is a customer's, and in the team's for everything else, where a period is a month. */
export function calendarOf(scope: CounterScope, policy: TenantPolicy, customer: CustomerPolicy | null): Calendar {
  if ((scope === 'customer' || scope === 'user') && customer !== null) return customer.calendar;
  return { timeZone: policy.timeZone, anchorDay: '2000-01-01', interval: 'month' };
}
