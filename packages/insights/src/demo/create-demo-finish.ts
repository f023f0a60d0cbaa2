import type { FinishDemo } from '@outlay/ledger/demo';
import type { Database, Log, SecretBox } from '@outlay/platform';
import type { PriceBooks } from '@outlay/pricing';
import { setUpDemoBills } from '@outlay/providers/demo';
import { auditedBy } from '@outlay/tenancy';
import { setUpDemoAlerts } from './set-up-demo-alerts';

export interface DemoFinishDependencies {
  readonly db: Database;
  readonly box: SecretBox;
  readonly prices: PriceBooks;
  readonly log: Log;
}

/** After the last event: what providers say, and what the rules saw. */
export function createDemoFinish(deps: DemoFinishDependencies): FinishDemo {
  return async ({ acting, madeBy, timeZone, endMs, outlier, chapters, signal }) => {
    const by = auditedBy(acting);
    await setUpDemoBills(deps, { by, endMs, discountFromMs: chapters.discountMs, signal });
    if (signal.aborted) return;
    await setUpDemoAlerts({ ...deps, signal }, { by, timeZone, endMs, incidentDaysMs: [chapters.outlierMs, chapters.contextSpikeMs], outlier, digestTo: madeBy === null ? acting.email : null });
  };
}
