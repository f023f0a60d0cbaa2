import { expect, it } from 'vitest';
import { explainOutlier } from './explain-outlier';
import type { Finding } from './outliers';

const USD = 1_000_000_000_000;
const outlier = (dollars: number, ...findings: Finding[]) => ({ costPico: BigInt(dollars * USD), previousCostPico: 0n, usable: 10, findings });
const finding = (measure: Finding['measure'], value: number, median: number): Finding => ({ measure, value, median, times: value / median, distance: 9 });
const context = (days: number, ...workflows: [string, number][]) => ({ noun: 'customer', days, workflows: workflows.map(([workflow, dollars]) => ({ workflow, costPico: String(dollars * USD) })) });

it('says what a day costs, how that compares, and where it goes', () => {
  expect(explainOutlier(outlier(287, finding('cost', 287 * USD, 24 * USD)), context(7, ['pdf_question', 230], ['report', 57]))).toBe('$41.00 a day, 12x the median customer; 80% of it in pdf_question.');
});

it('begins with the amount also when something else stands out', () => {
  expect(explainOutlier(outlier(70, finding('growth', 17.9, 1.2), finding('costPerUsable', 0.35 * USD, 0.035 * USD)), context(7)))
    .toBe('$10.00 a day, 18x what the period before cost (the median customer 1.2x), $0.35 for each usable outcome, 10x the median customer.');
});

it('names no workflow that has less than half of it, and one without a name by what it is', () => {
  const one = outlier(100, finding('cost', 100 * USD, 10 * USD));
  expect(explainOutlier(one, context(1, ['a', 49.9], ['b', 49.8]))).toBe('$100.00 a day, 10x the median customer.');
  expect(explainOutlier(one, context(1, ['', 50]))).toBe('$100.00 a day, 10x the median customer; 50% of it in calls without a workflow.');
});

it('gives no daily cost for less than a day', () => {
  expect(explainOutlier(outlier(5, finding('cost', 5 * USD, USD / 2)), context(1 / 24))).toBe('$5.00, 10x the median customer.');
});
