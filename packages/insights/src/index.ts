export { compareModels, listModelFigures, type ModelComparison, type ModelRow, type ModelRows } from './list-model-figures';
export { listSpenders, type NamedOutlier, type SpenderRows } from './list-spenders';
export { OUTLIER_MEASURES, OUTLIER_RULE } from './outliers';
