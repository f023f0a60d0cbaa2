/** The story's plans for `fillDemoTeam`: set up before the first event, stamped on each, and their credits burned after the last, as of when things occurred. */
import type { SetUpPlans } from '@outlay/ledger/demo';
import type { Database } from '@outlay/platform';
import { auditedBy } from '@outlay/tenancy';
import { catchUpBurns } from '../catch-up-burns';
import { openPolicies } from '../open-policies';
import { createBurnRules } from '../read-burn-rule';
import { createEntitlementsOf } from '../stamp-usage';
import { setUpDemoPlans } from './set-up-demo-plans';

export function createDemoPlans(db: Database, options: { readonly warn: (sentence: string, error: unknown) => void; readonly now?: (() => number) | undefined; readonly signal?: AbortSignal | undefined }): SetUpPlans {
  const { warn, now = Date.now, signal } = options;
  return async ({ acting, ...story }) => {
    await setUpDemoPlans(db, { by: auditedBy(acting), ...story });
    const policies = await openPolicies(db, { warn, now });
    return {
      entitlementsOf: createEntitlementsOf(db, policies, now),
      finish: async () => void await catchUpBurns({ db, ruleAt: createBurnRules(db), now, bookedAt: 'occurred', ...(signal === undefined ? {} : { signal }) }, acting.tenantId),
      close: () => policies.close(),
    };
  };
}
