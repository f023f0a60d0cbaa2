/** Customers, or their users, with who stands out among them and why. */
import type { Database } from '@outlay/platform';
import { readSpenders, type Ranking, type SpenderFact, type SpenderList, type SpenderListInput, type WorkflowSpend } from '@outlay/ledger';
import { explainOutlier } from './explain-outlier';
import { type Finding, findOutliers, OUTLIER_RULE, type Outlier } from './outliers';

interface NamedOutlier {
  readonly customerId: string;
  readonly userId: string | null;
  readonly costPico: string;
  /** The farthest off first. */
  readonly findings: readonly Finding[];
  /** Why, in one sentence. */
  readonly sentence: string;
  readonly workflows: readonly WorkflowSpend[];
  readonly trend: readonly (string | null)[];
}

export type SpenderRows = Omit<SpenderList<never>, 'notable'> & {
  /** The dearest of those that stand out, at most `OUTLIERS_MAX`. */
  readonly outliers: readonly NamedOutlier[];
  readonly outlierCount: number;
};

const OUTLIERS_MAX = 5;
const NOUNS: Record<Ranking, string> = { customer: 'customer', user: 'user' };

/** `about` names a customer who is among the outliers if it is one, however many are dearer. Errors: `invalid_input` for a span that is too long to show. */
export async function listSpenders(
  db: Database, tenantId: string, { about, ...input }: Omit<SpenderListInput, 'populationMinPico'> & { readonly about?: string }, nowMs: number,
): Promise<SpenderRows> {
  let outlierCount = 0;
  const judge = (population: readonly SpenderFact[], days: number): (Outlier<SpenderFact> & { readonly days: number })[] => {
    const outliers = findOutliers(population);
    outlierCount = outliers.length;
    return outliers.filter(({ customerId }, index) => index < OUTLIERS_MAX || customerId === about).map((outlier) => ({ ...outlier, days }));
  };
  const { notable, ...list } = await readSpenders(db, tenantId, { ...input, populationMinPico: OUTLIER_RULE.amountMinPico }, { nowMs, judge });
  return {
    ...list, outlierCount,
    outliers: notable.map(({ judgement, workflows, trend }) => ({
      customerId: judgement.customerId, userId: judgement.userId, costPico: String(judgement.costPico), findings: judgement.findings, workflows, trend,
      sentence: explainOutlier(judgement, { noun: NOUNS[input.ranking], days: judgement.days, workflows }),
    })),
  };
}
