import type { RouteModel, WorkflowPolicy } from '@outlay/plans';
import { cataloguePriceBook } from '@outlay/pricing';
import { describe, expect, it } from 'vitest';
import { decide, type GateState } from './decide';
import { type ResolvedRun, type ResolveFacts, resolveLimits } from './resolve-limits';
import type { RunAsk } from './run-ask';
import { askWith, capWith, customerWith, entitlementWith, tenantWith } from './testing-policies';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const book = await cataloguePriceBook();
const nothing: GateState = { counter: () => ({ used: 0, held: 0 }), rate: () => undefined };
const facts = (given: Partial<ResolveFacts> = {}): ResolveFacts => ({ tenant: tenantWith(), customer: customerWith(), book, nowMs: NOW, expiresMs: NOW + 600_000, history: null, dailyMeanPico: null, ...given });
const resolve = (ask: Partial<RunAsk> = {}, given: Partial<ResolveFacts> = {}): ResolvedRun => resolveLimits(askWith(ask), facts(given));
const told = (run: ResolvedRun): string[] => run.request.limits.map(({ id, mode, metric, limit, windows }) => `${id} ${mode} ${metric} ${limit} ${windows.map(({ key }) => key).join(' ')}`);
const verdict = (run: ResolvedRun, used: Readonly<Record<string, number>> = {}) => decide({ ...nothing, counter: (key) => ({ used: used[key] ?? 0, held: 0 }) }, run.request);
const policy = (route: readonly RouteModel[]): WorkflowPolicy => ({ route, onGateUnavailable: 'allow', timeToLiveMs: 86_400_000 });
const RISK = 'risk hard cost 50000000000 c:acme|cost|d2026-11-21+01:00';

describe('caps', () => {
  it('of every scope that the run is in apply, each in its own calendar (A6)', () => {
    const scopes = ['tenant', 'environment', 'workflow', 'customer', 'user', 'feature', 'key'] as const;
    const caps = scopes.map((scope) => capWith({ id: scope, scope, window: scope === 'customer' ? 'period' : 'day', mode: 'soft' }));
    const run = resolve({ userId: 'u 1', feature: 'chat' }, { tenant: tenantWith({ caps, timeZone: 'America/New_York', risk: { ...tenantWith().risk, enabled: false } }) });
    expect(told(run)).toEqual([
      'tenant soft cost 5000000000 t:|cost|d2026-11-21-05:00', 'environment soft cost 5000000000 e:production|cost|d2026-11-21-05:00', 'workflow soft cost 5000000000 w:report|cost|d2026-11-21-05:00',
      'customer soft cost 5000000000 c:acme|cost|b2026-10-31+01:00', 'user soft cost 5000000000 u:u%201|cost|d2026-11-21+01:00', 'feature soft cost 5000000000 f:chat|cost|d2026-11-21-05:00',
      'key soft cost 5000000000 k:key-1|cost|d2026-11-21-05:00',
    ]);
    expect(run.asks.get('c:acme|cost|b2026-10-31+01:00')).toMatchObject({ scope: 'customer', subject: 'acme', fromMs: Date.parse('2026-10-30T23:00:00Z'), toMs: Date.parse('2026-11-29T23:00:00Z') });
  });

  it('of another subject, expired or disabled ones do not', () => {
    const caps = [capWith({ id: 'other', subject: 'globex' }), capWith({ id: 'over', expiresAt: '2026-11-21T12:00:00.000Z' }), capWith({ id: 'off', disabledAt: '2026-11-20T00:00:00.000Z' }), capWith({ id: 'user', scope: 'user' })];
    expect(told(resolve({}, { tenant: tenantWith({ caps }) }))).toEqual([RISK]);
  });

  it('count a hold in tomorrow too, when it may live past midnight (B19: the customer\'s own)', () => {
    const late = { nowMs: Date.parse('2026-11-21T22:55:00Z'), expiresMs: Date.parse('2026-11-21T23:05:00Z') };
    expect(resolve({}, { tenant: tenantWith({ caps: [capWith()] }), ...late }).request.limits[0]!.windows.map(({ key }) => key)).toEqual(['c:acme|cost|d2026-11-21+01:00', 'c:acme|cost|d2026-11-22+01:00']);
  });

  it('on open runs have no window', () => {
    const run = resolve({}, { tenant: tenantWith({ caps: [capWith({ metric: 'runs', window: null, limit: '2' })] }) });
    expect(told(run)[0]).toBe('cap hard runs 2 c:acme|runs|-');
    expect(run.facts.get('cap')).toMatchObject({ windows: [], window: null, metric: 'runs' });
    expect(verdict(run, { 'c:acme|runs|-': 2 })).toMatchObject({ verdict: 'deny', by: 'cap' });
  });

  it('on starts are rates of a minute, of whatever scope, with or without a plan', () => {
    const caps = [capWith({ id: 'slow', scope: 'workflow', subject: 'report', metric: 'starts', window: null, limit: '30' }), capWith({ id: 'mini', scope: 'model', subject: 'gpt-4o-mini', metric: 'starts', window: null, limit: '5' })];
    const run = resolve({ models: ['gpt-4o', 'gpt-4o-mini'] }, { tenant: tenantWith({ caps }) });
    expect(told(run)).toEqual([RISK]);
    // Of models the one that would be called first counts.
    expect(run.request.rates).toEqual([{ kind: 'sliding_window', id: 'slow', key: 'r:slow:s60:workflow:report', limit: 30, windowMs: 60_000 }]);
    const full: GateState = { ...nothing, rate: () => ({ kind: 'sliding_window', slot: Math.floor(NOW / 1_000), counts: [30] }) };
    expect(decide(full, run.request)).toMatchObject({ verdict: 'deny', reason: 'rate_limited', by: 'slow', retryAfterMs: expect.any(Number) });
  });

  it('of a model take that model out of the route, by whatever dated name', () => {
    const caps = [capWith({ id: 'each', scope: 'model' }), capWith({ id: 'big', scope: 'model', subject: 'gpt-4o-2024-08-06', limit: '1000000000000' })];
    const run = resolve({ models: ['gpt-4o', 'gpt-4o-mini'] }, { tenant: tenantWith({ caps }) });
    expect(told(run).slice(0, 3)).toEqual(['each:gpt-4o hard cost 5000000000 m:gpt-4o|cost|d2026-11-21', 'big hard cost 1000000000 m:gpt-4o|cost|d2026-11-21', 'each:gpt-4o-mini hard cost 5000000000 m:gpt-4o-mini|cost|d2026-11-21']);
    expect(verdict(run, { 'm:gpt-4o|cost|d2026-11-21': 2_000_000_000 })).toMatchObject({ models: ['gpt-4o-mini'] });
  });
});

describe('caps that the caller names (A18)', () => {
  it('join the team\'s own, and the strictest wins', () => {
    const caps = [capWith({ limit: '5000000000000' })];
    const spent = { 'c:acme|cost|d2026-11-21+01:00': 3_995_000_000 };
    expect(verdict(resolve({ caps: { hardDailyCostUsd: '4.00' } }, { tenant: tenantWith({ caps }) }), spent)).toMatchObject({ verdict: 'deny', by: 'inline:hard_daily_cost' });
    expect(verdict(resolve({ caps: { hardDailyCostUsd: '6' } }, { tenant: tenantWith({ caps: [capWith({ limit: '4000000000000' })] }) }), spent)).toMatchObject({ verdict: 'deny', by: 'cap' });
    expect(verdict(resolve({ caps: { softDailyCostUsd: '4.00' } }, { tenant: tenantWith({ caps }) }), spent)).toMatchObject({ verdict: 'warn', by: 'inline:soft_daily_cost' });
  });

  it('limit the context as the plan does, and the smaller one is named', () => {
    const customer = customerWith({ entitlement: entitlementWith({ limits: { contextTokens: 8_000 } }) });
    expect(verdict(resolve({ inputTokens: 9_000, caps: { maxContextTokens: 12_000 } }, { customer }))).toMatchObject({ reason: 'context_too_large', by: 'context_tokens' });
    expect(verdict(resolve({ inputTokens: 9_000, caps: { maxContextTokens: 5_000 } }, { customer }))).toMatchObject({ reason: 'context_too_large', by: 'caps.max_context_tokens' });
    expect(verdict(resolve({ inputTokens: 7_000, caps: { maxContextTokens: 12_000 } }, { customer }))).toMatchObject({ verdict: 'allow' });
  });

  it('of a run stop what would cost more at once, let an estimate begin, and leave an extension what is left', () => {
    const bounded = { models: ['gpt-4o'], inputTokens: 100_000, maxOutputTokens: 1_000, maxCalls: 1 };
    expect(verdict(resolve({ ...bounded, caps: { maxRunCostUsd: '0.1' } }))).toMatchObject({ reason: 'hard_cap_reached', by: 'inline:max_run_cost' });
    expect(verdict(resolve({ estimateUsd: '5', caps: { maxRunCostUsd: '0.1' } }))).toMatchObject({ verdict: 'allow' });
    const more = resolveLimits(askWith({ estimateUsd: '0.05', caps: { maxRunCostUsd: '0.1' } }), facts(), { cost: 60_000_000 });
    expect(decide(nothing, more.request)).toMatchObject({ by: 'inline:max_run_cost' });
  });
});

describe('the risk block', () => {
  const day = 'c:acme|cost|d2026-11-21+01:00';
  it('is on by default, at $50 or 20 times the daily mean', () => {
    expect(told(resolve())).toEqual([RISK]);
    expect(told(resolve({}, { dailyMeanPico: 3_000_000_000_000n }))).toEqual([`risk hard cost 60000000000 ${day}`]);
    expect(verdict(resolve(), { [day]: 50_000_000_000 })).toMatchObject({ verdict: 'deny', reason: 'risk_blocked', by: 'risk' });
  });

  it('can be lifted for a customer for a while, or turned off', () => {
    expect(told(resolve({}, { customer: customerWith({ riskLiftedUntil: '2026-11-21T12:00:01.000Z' }) }))).toEqual([]);
    expect(told(resolve({}, { customer: customerWith({ riskLiftedUntil: '2026-11-21T12:00:00.000Z' }) }))).toEqual([RISK]);
    expect(told(resolve({}, { tenant: tenantWith({ risk: { ...tenantWith().risk, enabled: false } }) }))).toEqual([]);
    expect(told(resolve({ customerId: null }, { customer: null }))).toEqual([]);
  });
});

describe('a plan', () => {
  const customer = customerWith({ riskLiftedUntil: '2030-01-01T00:00:00.000Z', entitlement: entitlementWith({
    allowances: [
      { id: 'reports', unit: 'report', workflows: ['report'], included: '20', exhausted: { mode: 'hard' } },
      { id: 'rest', unit: 'action', window: 'month', included: '100', exhausted: { mode: 'soft', overage: { kind: 'flat', price: '1' } } },
      { id: 'tokens', unit: 'token', measure: 'tokens', included: '0', exhausted: { mode: 'soft', overage: { kind: 'flat', price: '1' } } },
    ],
    costCaps: [{ window: 'month', usd: '2', mode: 'hard' }], credits: { granted: '100', expires: 'quarter', weights: { report: '2.5', free: '0' } }, gates: { web: false, chat: true },
    limits: { quantities: { files: 3 } }, rateLimits: [{ id: 'rpm', key: 'user', limit: 60, windowSeconds: 60, algorithm: { kind: 'sliding_window' } }],
  }) });

  it('brings its cost caps, the allowance of the workflow, and its credits', () => {
    const run = resolve({ units: '2' }, { customer });
    expect(told(run).map((each) => each.replace(/~\w+/, ''))).toEqual([
      'plan_cap:0 hard cost 2000000000 c:acme|cost|m2026-11-01+01:00', 'allowance:reports hard units 20000000 a:acme:reports|units|b2026-10-31+01:00', 'credits hard credits 0 p:acme|credits|-',
    ]);
    expect(run.request.reservation.amounts).toMatchObject({ units: 2_000_000, credits: 5_000_000, runs: 1 });
    expect(verdict(run, { 'p:acme|credits|-': -4_999_999 })).toMatchObject({ reason: 'credits_exhausted' });
    expect(verdict(run, { 'p:acme|credits|-': -5_000_000 })).toMatchObject({ verdict: 'allow' });
    expect(run.facts.get('allowance:reports')).toMatchObject({ name: 'report', unit: 'report', kind: 'allowance', subject: 'acme' });
    expect([...run.asks.values()].map(({ workflows, usableOnly }) => [workflows, usableOnly])).toEqual([[null, false], [{ only: ['report'] }, true]]);
  });

  it('gives other workflows the allowance without names, and burns nothing for a weight of zero', () => {
    const run = resolve({ workflow: 'free' }, { customer });
    expect(run.request.limits.map(({ id, mode }) => [id, mode])).toEqual([['plan_cap:0', 'hard'], ['allowance:rest', 'soft']]);
    expect([...run.asks.values()].at(-1)).toMatchObject({ workflows: { except: ['report'] } });
  });

  it('gates features, tells tools, and limits quantities and rates', () => {
    expect(verdict(resolve({ features: ['web', 'chat', 'new'] }, { customer }), { 'p:acme|credits|-': -9e9 })).toMatchObject({ reason: 'feature_not_in_plan', by: 'web' });
    expect(resolve({ tools: ['web', 'chat'] }, { customer }).refusedTools).toEqual(['web']);
    expect(verdict(resolve({ quantities: { files: 4, pages: 900 } }, { customer }))).toMatchObject({ reason: 'context_too_large', by: 'files' });
    expect(resolve({ userId: 'ann' }, { customer }).request.rates).toEqual([{ id: 'rpm', kind: 'sliding_window', key: 'r:rpm:s60:user:acme:ann', limit: 60, windowMs: 60_000 }]);
  });

  it('stops a suspended customer, and a key of another environment', () => {
    expect(verdict(resolve({}, { customer: customerWith({ suspended: { at: '', reason: null } }) }))).toMatchObject({ reason: 'customer_suspended' });
    expect(verdict(resolve({ statedEnvironment: 'staging' }))).toMatchObject({ reason: 'environment_mismatch' });
  });
});

it('names what blocks: which limit, of whom, in which window, used, held, limit and end (B27)', () => {
  const run = resolve({}, { tenant: tenantWith({ caps: [capWith({ id: 'c-1', name: 'Acme a day' })] }) });
  const key = 'c:acme|cost|d2026-11-21+01:00';
  const denied = decide({ ...nothing, counter: () => ({ used: 4_000_000_000, held: 995_000_000 }) }, run.request);
  expect(denied).toMatchObject({ verdict: 'deny', reason: 'hard_cap_reached', by: 'c-1', retryAfterMs: Date.parse('2026-11-21T23:00:00Z') - NOW });
  expect(denied.limits[0]).toMatchObject({ id: 'c-1', used: 4_000_000_000, held: 995_000_000, asked: 10_000_000, limit: 5_000_000_000, passed: true });
  expect(run.facts.get('c-1')).toEqual({
    id: 'c-1', name: 'Acme a day', kind: 'cap', scope: 'customer', subject: 'acme', metric: 'cost', mode: 'hard', window: 'day', unit: null,
    windows: [{ key, startMs: Date.parse('2026-11-20T23:00:00Z'), endMs: Date.parse('2026-11-21T23:00:00Z') }],
  });
});

it('speaks of tokens only where the plan sells them (A14)', () => {
  const withPlan = (plan: Parameters<typeof entitlementWith>[0]): unknown[] => [...resolve({}, { customer: customerWith({ entitlement: entitlementWith(plan) }) }).facts.values()].flatMap(({ kind, metric, unit }) => (kind === 'allowance' ? [[metric, unit]] : []));
  expect(withPlan({ allowances: [{ id: 'tokens', unit: 'token', measure: 'tokens', included: '500000', exhausted: { mode: 'hard' } }] })).toEqual([['tokens', 'token']]);
  expect(withPlan({ allowances: [{ id: 'reports', unit: 'report', included: '20', exhausted: { mode: 'hard' } }] })).toEqual([['units', 'report']]);
});

describe('the route', () => {
  const workflows = new Map([['report', policy([{ model: 'gpt-4o', cheaper: false }, { model: 'o3', cheaper: false }, { model: 'gpt-4o-mini', cheaper: true }])]]);
  const models = (ask: Partial<RunAsk>, plan?: { tiers?: ('standard' | 'premium' | 'reasoning')[]; named?: string[] }): string[] => {
    const customer = customerWith({ entitlement: entitlementWith(plan === undefined ? {} : { models: plan }) });
    const answer = verdict(resolve(ask, { tenant: tenantWith({ workflows }), customer }));
    return answer.verdict === 'deny' ? [answer.reason] : [...answer.models];
  };

  it('is the workflow\'s, with what the caller can call', () => {
    expect(models({})).toEqual(['gpt-4o', 'o3', 'gpt-4o-mini']);
    expect(models({ models: ['gpt-4o-mini', 'gpt-4o-2024-08-06'] })).toEqual(['gpt-4o', 'gpt-4o-mini']);
    expect(models({ models: ['claude-haiku-4-5'] })).toEqual(['model_not_allowed']);
    expect(models({ workflow: 'other', models: ['b', 'a', 'b'] })).toEqual(['b', 'a']);
  });

  it('is filtered by the tiers and names of the plan', () => {
    expect(models({}, { tiers: ['standard'] })).toEqual(['gpt-4o-mini']);
    expect(models({}, { tiers: ['reasoning'], named: ['gpt-4o'] })).toEqual(['gpt-4o', 'o3']);
    expect(models({}, { named: ['gpt-*'] })).toEqual(['gpt-4o', 'gpt-4o-mini']);
    expect(models({}, {})).toEqual(['model_not_allowed']);
  });

  it('is the cheaper part where a limit asks for it', () => {
    const caps = [capWith({ mode: 'degrade', limit: '0' })];
    expect(verdict(resolve({}, { tenant: tenantWith({ workflows, caps }) }))).toMatchObject({ verdict: 'degrade', models: ['gpt-4o-mini'] });
  });
});

describe('a hold', () => {
  const bounded = { models: ['gpt-4o-mini', 'gpt-4o'], inputBytes: 4_000, maxOutputTokens: 1_000, maxCalls: 2 };

  it('is bounded by bytes, output, calls and the dearest model', () => {
    const { reservation, maxOutputTokens } = resolve(bounded);
    // $2.50 and $10 a million: 4,000 tokens in, 1,000 out, twice.
    expect(reservation).toEqual({ amounts: { cost: 40_000_000, tokens: 10_000, calls: 2, units: 1_000_000, runs: 1 }, bounded: true, most: {} });
    expect(maxOutputTokens).toBe(1_000);
  });

  it('tells the limit of output that bounds it, smaller when the run may cost less', () => {
    expect(resolve({ ...bounded, maxOutputTokens: null })).toMatchObject({ maxOutputTokens: 4_096, reservation: { bounded: true } });
    const tight = resolve({ ...bounded, maxOutputTokens: null, caps: { maxRunCostUsd: '0.03' } });
    expect(tight.maxOutputTokens).toBe(500);
    expect(verdict(tight)).toMatchObject({ verdict: 'allow' });
  });

  it('is an estimate where anything is open, and states its bound', () => {
    const history = { runs: 90, p95Pico: 70_000_000_000n, mostPico: 300_000_000_000n, p95Calls: 4 };
    for (const open of [{ maxCalls: null }, { inputBytes: null }, { models: ['nobody-knows-it'] }, { models: [] }]) expect(resolve({ ...bounded, ...open }).reservation.bounded).toBe(false);
    expect(resolve({}, { history }).reservation).toMatchObject({ amounts: { cost: 70_000_000, calls: 4 }, bounded: false, most: { cost: 300_000_000 } });
    expect(resolve({ estimateUsd: '0.5' }, { history }).reservation).toMatchObject({ amounts: { cost: 500_000_000 }, most: { cost: 500_000_000 } });
    expect(resolve().reservation).toMatchObject({ amounts: { cost: 10_000_000 }, bounded: false });
  });

  it('shows by how much an estimate may pass a hard cap, and zero when it is bounded', () => {
    const history = { runs: 9, p95Pico: 1_000_000_000_000n, mostPico: 7_000_000_000_000n, p95Calls: 1 };
    const tenant = tenantWith({ caps: [capWith()] });
    expect(verdict(resolve({}, { tenant, history })).limits[0]).toMatchObject({ overshoot: 2_000_000_000 });
    expect(verdict(resolve(bounded, { tenant })).limits[0]).toMatchObject({ overshoot: 0 });
  });
});
