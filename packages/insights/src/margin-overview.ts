/** Overview with a verdict on each workflow: the ledger's figures, judged by the rules of `workflow-state.ts`. */
import { type Overview, type Totals, type WorkflowTotals } from '@outlay/ledger';
import { judgeWorkflow, type WorkflowState } from './workflow-state';
import { describeRules, explainFinding, findRows, type RowsBehind, type StateRule } from './workflow-words';

export type JudgedWorkflow = Omit<WorkflowTotals, 'before' | 'days'> & {
  /** What one usable outcome is called, `outcome` unless the team says otherwise. */
  readonly unitName: string;
  readonly state: WorkflowState;
  /** In one sentence. */
  readonly why: string;
  /** Where the rows behind it are, beside the workflow and the filter of the page. */
  readonly rows: RowsBehind;
};

export interface MarginOverview extends Omit<Overview, 'workflows' | 'previous'> {
  /** Null when nothing is compared. States are decided by the span before all the same. */
  readonly previous: Totals | null;
  readonly workflows: readonly JudgedWorkflow[];
  readonly rules: readonly StateRule[];
}

/** The name of an outcome of which a team says nothing. */
const OUTCOME = 'outcome';

/** Pure. */
export function judgeOverview(overview: Overview, { compare }: { readonly compare: 'previous' | 'none' }): MarginOverview {
  return {
    ...overview, previous: compare === 'none' ? null : overview.previous, rules: describeRules(),
    workflows: overview.workflows.map(({ before, days, ...totals }) => {
      const unitName = totals.unitName ?? OUTCOME;
      const finding = judgeWorkflow({
        workflow: totals.workflow, calls: totals.calls, answered: totals.calls - totals.failed, inputTokens: totals.inputTokens, before, days,
        unpriced: totals.unpriced, untagged: totals.untagged, usable: totals.usable, unusable: totals.unusable,
        costPico: BigInt(totals.costPico), retryCostPico: BigInt(totals.retryCostPico), fallbackCostPico: BigInt(totals.fallbackCostPico), failedCostPico: BigInt(totals.failedCostPico),
        costUsablePico: BigInt(totals.costUsablePico), costUnusablePico: BigInt(totals.costUnusablePico),
        costPerUsablePico: totals.costPerUsablePico === null ? null : BigInt(totals.costPerUsablePico), targetCostPico: totals.targetCostPico === null ? null : BigInt(totals.targetCostPico),
      });
      return { ...totals, unitName, state: finding.state, why: explainFinding(finding, { workflow: totals.workflow, unitName }), rows: findRows(finding.reason, overview.timeZone) };
    }),
  };
}
