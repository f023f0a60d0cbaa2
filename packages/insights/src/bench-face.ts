/** What the cli's bench needs to measure the detector on labelled series. Nothing in the product imports this. */
export { parseTime } from './backtest-series';
export { generateTenants, INCIDENT_KINDS, type LabelledSeries, TENANT_KINDS } from './spikes/incident-generator';
export { type DetectorResult, measureDetector } from './spikes/measure-detector';
