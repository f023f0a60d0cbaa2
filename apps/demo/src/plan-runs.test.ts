import { describe, expect, it } from 'vitest';
import { planRuns, WORKFLOWS } from './plan-runs';
import { parseTrace } from './read-trace';
import { writeTrace } from './write-trace';

const trace = parseTrace(writeTrace());
const rows = trace.ok ? trace.rows : [];
const options = { seed: 1, environments: ['production', 'staging'] };
const plan = planRuns(rows, options);

const share = <T>(of: readonly T[], filter: (item: T) => boolean): number => of.filter(filter).length / of.length;

describe('planRuns', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planRuns(rows, options)).toEqual(plan);
    expect(planRuns(rows, { ...options, seed: 2 })).not.toEqual(plan);
    expect(planRuns(rows, { ...options, requests: 50 })).toEqual(plan.slice(0, 50));
  });

  it('follows the trace in time and size, and starts over when more is asked for', () => {
    expect(plan.map((run) => [run.atMs, run.contextTokens])).toEqual(rows.map((row) => [row.atMs, row.contextTokens]));
    const longer = planRuns(rows.slice(0, 3), { ...options, requests: 7 });
    expect(longer.map((run) => run.contextTokens)).toEqual([0, 1, 2, 0, 1, 2, 0].map((index) => rows[index]!.contextTokens));
    expect(longer.every((run, index) => index === 0 || run.atMs >= longer[index - 1]!.atMs)).toBe(true);
  });

  it('has all workflows, skewed customers, few staging runs, some trouble', () => {
    for (const workflow of WORKFLOWS) expect(share(plan, (run) => run.workflow === workflow)).toBeGreaterThan(0.08);
    expect(share(plan, (run) => run.customer.id === 'northwind-legal')).toBeGreaterThan(0.2);
    expect(new Set(plan.map((run) => run.customer.id)).size).toBeGreaterThan(8);
    expect(new Set(plan.map((run) => run.userId)).size).toBeGreaterThan(30);
    expect(share(plan, (run) => run.environment === 'staging')).toBeGreaterThan(0.04);
    expect(share(plan, (run) => run.environment === 'staging')).toBeLessThan(0.25);
    expect(share(plan, (run) => run.failures.length > 0)).toBeGreaterThan(0.03);
    expect(share(plan, (run) => !run.usable)).toBeGreaterThan(0.05);
  });

  it('plans sizes that a provider could report', () => {
    for (const run of plan) {
      expect(run.failures.every((failure) => run.calls.some((call) => call.name === failure.call))).toBe(true);
      expect(new Set(run.calls.map((call) => call.name)).size).toBe(run.calls.length);
      for (const { size } of run.calls) {
        for (const tokens of Object.values(size)) expect(Number.isSafeInteger(tokens) && tokens >= 0).toBe(true);
        expect(size.cacheRead + size.cacheWrite).toBeLessThanOrEqual(size.input);
        expect(size.reasoning).toBeLessThanOrEqual(size.output);
      }
      expect(run.tool === null || /^0\.\d{4}$/.test(run.tool.cost)).toBe(true);
    }
  });

  it('keeps to one environment when there is one', () => {
    expect(new Set(planRuns(rows, { seed: 1, environments: ['dev'] }).map((run) => run.environment))).toEqual(new Set(['dev']));
  });

  it('loses a run only after every model has failed', () => {
    const many = planRuns(rows, { ...options, requests: 4_000 });
    const lost = many.filter((run) => run.failures.length === run.models.length);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.every((run) => run.failures.every((failure, index) => failure.model === run.models[index]))).toBe(true);
    expect(many.some((run) => run.failures.length === 1 && run.failures[0]!.times === 1)).toBe(true);
  });
});
