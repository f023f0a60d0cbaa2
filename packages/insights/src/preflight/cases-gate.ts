/** That the gate stops what it should and settles what it let through, over HTTP. Every run is ended: nothing of a trial stays held. */
import { newId } from '@outlay/kernel/ids';
import { PRICED_MODEL, type Answer, type Trial } from './trial';
import { at, expectAnswer, expectThat, textAt, type TrialCase } from './trial-case';

const ASK_AGAIN_MS = 150;

const begin = ({ send }: Trial, more: Readonly<Record<string, unknown>>): Promise<Answer> => send('POST', '/v1/runs', { run_id: newId(), customer_id: 'trial', user_id: newId(), workflow: 'trial', ...more });

/** Denials say why and what next, in words (law 10). */
function expectDenied(answer: Answer, status: number, reason: string): void {
  expectAnswer('The run', answer, { status, code: reason });
  expectThat([textAt(answer.json, 'message'), textAt(answer.json, 'next_step')].every((text) => text !== undefined && text !== ''), 'The denial has no sentence, or no next step.');
}

export const GATE_CASES: readonly TrialCase[] = [
  {
    id: 'gate.allow_and_finish', group: 'Gate', title: 'A run begins, ends, and is settled', words: 'Its call and outcome are recorded, and nothing stays held.',
    run: async (trial) => {
      const runId = newId();
      expectAnswer('The begin', await begin(trial, { run_id: runId, estimate_usd: '0.01' }), { status: 200 });
      const { id: _id, ...call } = trial.event();
      const answer = await trial.send('POST', `/v1/runs/${runId}/finish`, { outcome: 'usable', calls: [{ ...call, id: newId() }] });
      expectAnswer('The finish', answer, { status: 200 });
      expectThat(Number(textAt(answer.json, 'settled', 'cost_usd')) > 0, 'Its settlement names no cost.');
    },
  },
  {
    id: 'gate.finish_twice', group: 'Gate', title: 'A run that is finished twice counts once', words: 'The second finish is a duplicate.',
    run: async (trial) => {
      const runId = newId();
      expectAnswer('The begin', await begin(trial, { run_id: runId }), { status: 200 });
      const body = { outcome: 'usable', units: 1, occurred_at: new Date().toISOString() };
      const first = await trial.send('POST', `/v1/runs/${runId}/finish`, body);
      const second = await trial.send('POST', `/v1/runs/${runId}/finish`, body);
      expectAnswer('The second finish', second, { status: 200 });
      const [one, two] = [textAt(first.json, 'outcome', 'verdict'), textAt(second.json, 'outcome', 'verdict')];
      expectThat(one === 'accepted' && two === 'duplicate', `The outcomes were "${one}" and "${two}".`);
    },
  },
  {
    id: 'gate.begin_again', group: 'Gate', title: 'The same begin again gets the same answer', words: 'Once held, not twice; another request under its id is refused.',
    run: async (trial) => {
      const ask = { run_id: newId(), user_id: newId(), estimate_usd: '0.01' };
      expectAnswer('The begin', await begin(trial, ask), { status: 200 });
      const again = await begin(trial, ask);
      expectThat(again.status === 200 && textAt(again.json, 'again') === 'true', 'The second answer does not say that it is the first one again.');
      expectAnswer('Another request under the same id', await begin(trial, { ...ask, estimate_usd: '0.02' }), { status: 409 });
      await trial.send('DELETE', `/v1/runs/${ask.run_id}`);
    },
  },
  {
    id: 'gate.release', group: 'Gate', title: 'A run that is called off holds nothing', words: 'Released.',
    run: async (trial) => {
      const runId = newId();
      expectAnswer('The begin', await begin(trial, { run_id: runId }), { status: 200 });
      const answer = await trial.send('DELETE', `/v1/runs/${runId}`);
      expectThat(answer.status === 200 && textAt(answer.json, 'released') === 'true', `It was answered with ${answer.status}, released ${textAt(answer.json, 'released')}.`);
    },
  },
  {
    id: 'gate.hard_cap', group: 'Gate', title: 'A hard cap denies', words: 'Denied with the cap, the sentence and the next step; without the cap it is allowed again.',
    run: async (trial) => {
      const capId = newId();
      expectAnswer('The cap', await trial.send('PUT', `/v1/caps/${capId}`, { name: 'Trial', scope: 'workflow', subject: 'capped', metric: 'calls', window: 'day', mode: 'hard', limit: '1' }), { status: 200 });
      const answer = await begin(trial, { workflow: 'capped', max_calls: 2 });
      expectDenied(answer, 402, 'hard_cap_reached');
      expectThat((textAt(answer.json, 'by') ?? '').includes(capId), 'The denial does not name the cap.');
      await trial.send('DELETE', `/v1/caps/${capId}`);
    },
  },
  {
    id: 'gate.soft_cap', group: 'Gate', title: 'A soft cap warns and lets through', words: 'Allowed with a warning.',
    run: async (trial) => {
      const [capId, runId] = [newId(), newId()];
      expectAnswer('The cap', await trial.send('PUT', `/v1/caps/${capId}`, { name: 'Trial', scope: 'workflow', subject: 'warned', metric: 'calls', window: 'day', mode: 'soft', limit: '1' }), { status: 200 });
      const answer = await begin(trial, { run_id: runId, workflow: 'warned', max_calls: 2 });
      expectThat(answer.status === 200 && textAt(answer.json, 'decision') === 'warn', `The decision was "${textAt(answer.json, 'decision')}".`);
      await trial.send('DELETE', `/v1/runs/${runId}`);
      await trial.send('DELETE', `/v1/caps/${capId}`);
    },
  },
  {
    id: 'gate.model_not_allowed', group: 'Gate', title: 'A model outside the plan is denied', words: 'Denied with its reason.',
    run: async (trial) => expectDenied(await begin(trial, { customer_id: 'planned', models: ['gpt-4o'] }), 403, 'model_not_allowed'),
  },
  {
    id: 'gate.rate_limited', group: 'Gate', title: 'A rate limit holds', words: 'The third run of an hour is denied, and says when to come again.',
    run: async (trial) => {
      const ask = { customer_id: 'planned', user_id: newId(), models: [PRICED_MODEL] };
      for (const runId of [newId(), newId()]) {
        expectAnswer('A run within the limit', await begin(trial, { ...ask, run_id: runId }), { status: 200 });
        await trial.send('DELETE', `/v1/runs/${runId}`);
      }
      const answer = await begin(trial, ask);
      expectDenied(answer, 429, 'rate_limited');
      expectThat(Number(answer.headers.get('retry-after')) > 0, 'The denial has no Retry-After: a proxy may remove it.');
    },
  },
  {
    id: 'gate.suspended', group: 'Gate', title: 'A suspended customer is denied', words: 'Denied with its reason.',
    run: async (trial) => expectDenied(await begin(trial, { customer_id: 'suspended', models: [PRICED_MODEL] }), 403, 'customer_suspended'),
  },
  {
    id: 'gate.decision_found', group: 'Gate', title: 'A denial is found again', words: 'By its correlation id, with what was asked and answered.',
    run: async (trial) => {
      const denied = await begin(trial, { customer_id: 'suspended', models: [PRICED_MODEL] });
      // Several processes write what they decided a moment behind.
      for (let tries = 20; ; tries--) {
        const { json } = await trial.send('GET', `/v1/decisions?request_id=${denied.headers.get('x-request-id') ?? ''}`);
        if (textAt(at(json, 'data'), 0, 'reason') === 'customer_suspended') return;
        expectThat(tries > 0, 'The decision is not found under its correlation id.');
        await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      }
    },
  },
];
