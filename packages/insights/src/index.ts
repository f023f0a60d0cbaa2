export { compareModels, listModelFigures, type ModelComparison, type ModelRow, type ModelRows } from './list-model-figures';
export { type ListedNotice, listNotices } from './list-notices';
export { listSpenders, type NamedOutlier, type SpenderRows } from './list-spenders';
export { OUTLIER_MEASURES, OUTLIER_RULE } from './outliers';
export { judgeOverview, type JudgedWorkflow, type MarginOverview } from './margin-overview';
export { type Finding, judgeWorkflow, type Reason, THRESHOLDS, type WorkflowFacts, type WorkflowState } from './workflow-state';
export { describeRules, explainFinding, findRows, type RowsBehind, type StateRule } from './workflow-words';
