export type { Comparison, ComparedRow, Group } from './compare-totals';
export { DemoError } from './read-ledger';
export { parseTrace, type TraceResult, type TraceRow } from './read-trace';
export type { Output } from './report-progress';
export { runDemo, type DemoOptions, type DemoResult } from './run-demo';
export { writeTrace } from './write-trace';
