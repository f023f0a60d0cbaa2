/** Overview with a verdict on each workflow: the ledger's figures, judged by the rules of `workflow-state.ts`, and what to do about it, by those of `decision-column.ts`. */
import { type EndedRuns, type Overview, type Totals, type WorkflowTotals } from '@outlay/ledger';
import { type Advice, type Decided, decideColumn, type DecisionFacts, describeDecisions, explainDecision } from './decision-column';
import { type PlanUse, type ProductLine, prepareProductLines, sumWorth } from './product-lines';
import { judgeWorkflow, shareOfWorth, type WorkflowFacts, type WorkflowState } from './workflow-state';
import { describeRules, explainFinding, findRows, type RowsBehind, type StateRule } from './workflow-words';

export type JudgedWorkflow = Omit<WorkflowTotals, 'before' | 'days'> & {
  /** What one usable outcome is called, `outcome` unless the team says otherwise. */
  readonly unitName: string;
  readonly state: WorkflowState;
  /** In one sentence. */
  readonly why: string;
  /** Where the rows behind it are, beside the workflow and the filter of the page. */
  readonly rows: RowsBehind;
  readonly advice: Advice;
  readonly adviceWhy: string;
  /** Of ended runs under a plan with a rate; null where there are none, or they are worth nothing. */
  readonly marginShare: number | null;
};

export interface MarginOverview extends Omit<Overview, 'workflows' | 'previous'> {
  /** Null when nothing is compared. States are decided by the span before all the same. */
  readonly previous: Totals | null;
  readonly workflows: readonly JudgedWorkflow[];
  readonly rules: readonly StateRule[];
  /** What customers buy, allowance by allowance, and what to do about it. */
  readonly lines: readonly JudgedLine[];
  readonly decisionRules: ReturnType<typeof describeDecisions>;
}

export type JudgedLine = ProductLine & { readonly advice: Advice; readonly adviceWhy: string };

/** What Overview knows of plans and caps, beside the ledger. */
export interface PlanFacts {
  readonly ended: readonly EndedRuns[];
  /** Soft caps of single workflows that are passed now. */
  readonly softCaps: readonly { readonly workflow: string; readonly name: string; readonly share: number }[];
  readonly uses: readonly PlanUse[];
}

const NO_PLAN_FACTS: PlanFacts = { ended: [], softCaps: [], uses: [] };

/** The name of an outcome of which a team says nothing. */
const OUTCOME = 'outcome';

/** Pure. */
export function judgeOverview(overview: Overview, { compare, plans = NO_PLAN_FACTS }: { readonly compare: 'previous' | 'none'; readonly plans?: PlanFacts }): MarginOverview {
  const lines = prepareProductLines(plans.ended, plans.uses);
  const byWorkflow = new Map(overview.workflows.map((each) => [each.workflow, each]));
  return {
    ...overview, previous: compare === 'none' ? null : overview.previous, rules: describeRules(), decisionRules: describeDecisions(),
    workflows: overview.workflows.map((totals) => judge(totals, overview.timeZone, plans, lines)),
    lines: lines.map((line) => {
      const totals = byWorkflow.get(line.workflow);
      const decided = decideColumn({ ...wasteOf(totals), outcomes: line.outcomes, marginShare: line.marginShare, p95Use: line.p95Use });
      return { ...line, ...adviceOf(decided, line.unit) };
    }),
  };
}

function judge({ before, days, ...totals }: WorkflowTotals, timeZone: string, plans: PlanFacts, lines: readonly ProductLine[]): JudgedWorkflow {
  const unitName = totals.unitName ?? OUTCOME;
  const worth = sumWorth(plans.ended.filter(({ workflow }) => workflow === totals.workflow));
  const facts: WorkflowFacts = {
    workflow: totals.workflow, calls: totals.calls, answered: totals.calls - totals.failed, inputTokens: totals.inputTokens, before, days,
    unpriced: totals.unpriced, untagged: totals.untagged, usable: totals.usable, unusable: totals.unusable,
    costPico: BigInt(totals.costPico), retryCostPico: BigInt(totals.retryCostPico), fallbackCostPico: BigInt(totals.fallbackCostPico), failedCostPico: BigInt(totals.failedCostPico),
    costUsablePico: BigInt(totals.costUsablePico), costUnusablePico: BigInt(totals.costUnusablePico),
    costPerUsablePico: totals.costPerUsablePico === null ? null : BigInt(totals.costPerUsablePico), targetCostPico: totals.targetCostPico === null ? null : BigInt(totals.targetCostPico),
    margin: worth, softCap: plans.softCaps.filter(({ workflow }) => workflow === totals.workflow).toSorted((a, b) => b.share - a.share)[0] ?? null,
  };
  const finding = judgeWorkflow(facts);
  const uses = lines.flatMap(({ workflow, p95Use }) => (workflow === totals.workflow && p95Use !== null ? [p95Use] : []));
  const marginShare = shareOfWorth(worth);
  const decided = decideColumn({ ...wasteOf({ ...totals, before }), outcomes: totals.usable + totals.unusable, marginShare, p95Use: uses.length === 0 ? null : Math.max(...uses) });
  return {
    ...totals, unitName, state: finding.state, why: explainFinding(finding, { workflow: totals.workflow, unitName }), rows: findRows(finding.reason, timeZone),
    ...adviceOf(decided, unitName), marginShare,
  };
}

function adviceOf(decided: Decided, unitName: string): { readonly advice: Advice; readonly adviceWhy: string } {
  return { advice: decided.advice, adviceWhy: explainDecision(decided, unitName) };
}

type WasteTotals = Pick<WorkflowTotals, 'costPico' | 'retryCostPico' | 'costUsablePico' | 'costUnusablePico' | 'costPerUsablePico' | 'before'>;

function wasteOf(totals: WasteTotals | undefined): Pick<DecisionFacts, 'trend' | 'retryShare' | 'failureShare'> {
  if (totals === undefined) return { trend: null, retryShare: 0, failureShare: 0 };
  const [now, then] = [totals.costPerUsablePico, totals.before.costPerUsablePico];
  const unusable = BigInt(totals.costUnusablePico);
  return {
    trend: now === null || then === null || then === '0' ? null : ratio(BigInt(now), BigInt(then)),
    retryShare: ratio(BigInt(totals.retryCostPico), BigInt(totals.costPico)), failureShare: ratio(unusable, unusable + BigInt(totals.costUsablePico)),
  };
}

function ratio(part: bigint, whole: bigint): number {
  return whole <= 0n ? 0 : Number((part * 1_000_000n) / whole) / 1_000_000;
}
