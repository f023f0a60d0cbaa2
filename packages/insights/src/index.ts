export { backtestSeriesForecast, backtestSpikes, bucketSeries, inferGranularity, parseGranularity, parseSeries, type SeriesAlert, type SeriesPoint } from './backtest-series';
export { compareModels, listModelFigures } from './list-model-figures';
export { type ListedNotice, listNotices } from './list-notices';
export { listSpenders } from './list-spenders';
export { OUTLIER_RULE } from './outliers';
export { type Advice, DECISION_THRESHOLDS } from './decision-column';
export { judgeOverview, type JudgedLine, type JudgedWorkflow, type MarginOverview, type PlanFacts } from './margin-overview';
export { type Finding, judgeWorkflow, type Reason, THRESHOLDS, type WorkflowFacts, type WorkflowState } from './workflow-state';
export { describeRules, explainFinding, findRows, type RowsBehind, type StateRule } from './workflow-words';
