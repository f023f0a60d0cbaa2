/** Random facts for property tests: as wire events and corrections for the product, and as states for the model. */
import fc from 'fast-check';
import { newId } from '@outlay/kernel/ids';
import { DAY_MS } from '@outlay/kernel';
import type { TestLedger } from './testing-ledger';
import type { CallState, OutcomeState, State } from './testing-model';
import type { Sender } from './record-usage';

/** A little after daylight saving ended in Berlin (25 October) and New York (1 November). */
export const NOW = Date.parse('2026-11-21T07:41:23.456Z');
const DAYS = 40;

const label = (...names: string[]): fc.Arbitrary<string> => fc.constantFrom(...names, '');
const tokens = fc.record({ input: fc.integer({ min: 0, max: 5_000 }), cached: fc.integer({ min: 0, max: 900 }), output: fc.integer({ min: 1, max: 500 }) });
const labels = { customerId: label('acme', 'globex', '=x'), workflow: label('report', 'ticket'), userId: label('u1', 'u2'), environment: fc.constantFrom('production', 'production', 'staging') };
const correction = fc.record({ customerId: label('acme', 'umbrella'), workflow: label('report', 'mail'), status: fc.constantFrom('succeeded', 'failed'), tokens, model: fc.constantFrom('gpt', 'mystery', 'claude') }, { requiredKeys: [] });

const callFact = fc.record({
  ...labels, tokens,
  /** Many facts at few instants, midnights of the zones among them, so that cells and edges collide. */
  beforeMs: fc.oneof(fc.integer({ min: 0, max: DAYS * DAY_MS }), fc.integer({ min: 0, max: DAYS * 96 }).map((n) => n * 900_000 + (NOW % 900_000)), fc.integer({ min: 0, max: 3 * 3_600_000 })),
  run: fc.constantFrom('run-1', 'run-2', 'run-3', 'run-4', 'run-5', 'run-6', null),
  model: fc.constantFrom('gpt', 'gpt', 'mystery', 'claude'), isRequest: fc.constantFrom(true, true, true, true, false), isKeyed: fc.constantFrom(false, false, true),
  status: fc.constantFrom('succeeded', 'succeeded', 'failed', 'aborted'), attemptKind: fc.constantFrom('first', 'first', 'retry', 'fallback'),
  corrections: fc.oneof({ weight: 4, arbitrary: fc.array(correction, { maxLength: 0 }) }, { weight: 1, arbitrary: fc.array(correction, { minLength: 1, maxLength: 3 }) }),
});
const outcomeFact = fc.record({ ...labels, beforeMs: fc.integer({ min: 0, max: DAYS * DAY_MS }), outcome: fc.constantFrom('usable', 'unusable'), units: fc.integer({ min: 0, max: 9 }), turns: fc.constantFrom(0, 0, 0, 1, 2), moved: fc.boolean() });

export const factsArbitrary = fc.record({
  calls: fc.array(callFact, { minLength: 5, maxLength: 60 }),
  outcomes: fc.array(outcomeFact, { maxLength: 6 }),
});

type Facts = typeof factsArbitrary extends fc.Arbitrary<infer T> ? T : never;

const EXTRA_PICO = 5_000n;

interface Told {
  readonly event: Record<string, unknown>;
  readonly environment: string;
  readonly corrections: readonly Record<string, unknown>[];
  readonly state: State;
}

const named = ({ customerId, workflow, userId }: { customerId: string; workflow: string; userId: string }): Record<string, unknown> =>
  Object.fromEntries(Object.entries({ customer_id: customerId, workflow, user_id: userId }).filter(([, name]) => name !== ''));
const providerOf = (model: string): string => (model === 'claude' ? 'anthropic' : 'openai');
const quantitiesOf = ({ input, cached, output }: CallState['tokens']): Record<string, number> => ({ input_uncached: input, cache_read: cached, output_text: output });

function tellCall(fact: Facts['calls'][number], n: number): Told {
  const occurredMs = NOW - fact.beforeMs;
  const id = newId(occurredMs);
  const { tokens: counted, model, isRequest } = fact;
  let state: CallState = {
    subject: 'call', id, occurredMs, environment: fact.environment, run: fact.run, isRequest, attemptKind: fact.attemptKind, status: fact.status,
    provider: isRequest ? providerOf(model) : '', model: isRequest ? model : '', customerId: fact.customerId, workflow: fact.workflow, userId: fact.userId,
    tokens: isRequest ? counted : { input: 0, cached: 0, output: 0 }, extraPico: isRequest ? 0n : EXTRA_PICO,
  };
  const what = !isRequest ? { extras: [{ kind: 'ocr', quantity: '1', unit: 'page', cost: '0.000000005' }] }
    : n % 2 || model === 'claude' ? { provider: providerOf(model), model_requested: model, quantities: quantitiesOf(counted) }
      : { provider: 'openai', api: 'chat', model_requested: model, usage: {
        prompt_tokens: counted.input + counted.cached, completion_tokens: counted.output, total_tokens: counted.input + counted.cached + counted.output, prompt_tokens_details: { cached_tokens: counted.cached },
      } };
  const event = {
    ...(fact.isKeyed ? { idempotency_key: id } : { id }), occurred_at: new Date(occurredMs).toISOString(), ...(fact.run === null ? {} : { run_id: fact.run }), attempt_kind: fact.attemptKind,
    status: fact.status, ...named(fact), ...what,
  };
  const corrections = fact.corrections.map((change) => {
    const { customerId, workflow } = change;
    const set: Record<string, unknown> = {
      ...(customerId === undefined ? {} : { customer_id: customerId || null }), ...(workflow === undefined ? {} : { workflow: workflow || null }), ...(change.status === undefined ? {} : { status: change.status }),
    };
    state = { ...state, customerId: customerId ?? state.customerId, workflow: workflow ?? state.workflow, status: change.status ?? state.status };
    if (isRequest && change.tokens) {
      set['quantities'] = quantitiesOf(change.tokens);
      state = { ...state, tokens: change.tokens };
    }
    if (isRequest && change.model) {
      Object.assign(set, { model_served: change.model, provider: providerOf(change.model) });
      // A usage is read by its own provider's rules, so a call that moves to another one states its quantities.
      set['quantities'] = quantitiesOf(state.tokens);
      state = { ...state, model: change.model, provider: providerOf(change.model) };
    }
    return set;
  });
  return { event, environment: fact.environment, corrections, state };
}

function tellOutcome(fact: Facts['outcomes'][number], n: number): Told {
  const occurredMs = NOW - fact.beforeMs;
  const run = `run-${n + 1}`;
  let state: OutcomeState = {
    subject: 'outcome', id: run, occurredMs, environment: fact.environment, run, outcome: fact.outcome, units: fact.units, customerId: fact.customerId, workflow: fact.workflow, userId: fact.userId,
  };
  const event = { kind: 'outcome', run_id: run, outcome: fact.outcome, units: fact.units, occurred_at: new Date(occurredMs).toISOString(), ...named(fact) };
  const corrections = Array.from({ length: fact.turns }, () => {
    const turned = state.outcome === 'usable' ? 'unusable' : 'usable';
    const workflow = fact.moved ? 'moved' : state.workflow;
    state = { ...state, outcome: turned, workflow, units: state.units + 1 };
    return { outcome: turned, workflow: workflow || null, units: state.units };
  });
  return { event, environment: fact.environment, corrections, state };
}

/** Writes the facts, corrections last, and answers their final states. */
export async function writeFacts(ledger: TestLedger, sender: Sender, facts: Facts): Promise<State[]> {
  const told = [...facts.calls.map(tellCall), ...facts.outcomes.map(tellOutcome)];
  for (const environment of ['production', 'staging']) {
    const own = told.filter((each) => each.environment === environment);
    if (own.length === 0) continue;
    const results = await ledger.record({ ...sender, environment }, own.map(({ event }) => event));
    for (const [i, { corrections }] of own.entries()) {
      for (const [revision, set] of corrections.entries()) await ledger.correct({ ...sender, environment }, [{ original_id: results[i]!.id, revision, set, reason: 'a test' }]);
    }
  }
  return told.map(({ state }) => state);
}
