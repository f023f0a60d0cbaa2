/** That usage becomes the right rows, over HTTP: once, priced, corrected, exported. */
import { gzipSync } from 'node:zlib';
import { newId } from '@outlay/kernel/ids';
import type { Trial } from './trial';
import { at, expectAnswer, expectThat, expectVerdict, recordAll, textAt, type TrialCase } from './trial-case';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

async function costOf({ send }: Trial, customerId: string): Promise<number> {
  const { json } = await send('GET', `/v1/usage?customer_id=${customerId}&limit=100`);
  return Object.values(at(json, 'data') ?? {}).reduce((sum, row) => sum + Number(textAt(row, 'cost_usd') ?? 0), 0);
}

export const LEDGER_CASES: readonly TrialCase[] = [
  {
    id: 'ledger.accepted', group: 'Ledger', title: 'A call is recorded and priced', words: 'Accepted with a cost, and read back by its id.',
    run: async (trial) => {
      const event = trial.event();
      const results = await recordAll(trial, [event]);
      expectVerdict(results, 0, 'accepted');
      expectThat(Number(results(0, 'cost_usd')) > 0, `A call of a known model costs "${results(0, 'cost_usd')}": the price book is empty or old.`);
      expectAnswer('Reading it back', await trial.send('GET', `/v1/usage/${event.id}`), { status: 200 });
    },
  },
  {
    id: 'ledger.duplicate', group: 'Ledger', title: 'The same call again counts once', words: 'Said to be a duplicate, and the sum stays.',
    run: async (trial) => {
      const event = trial.event({ customer_id: 'duplicate' });
      expectVerdict(await recordAll(trial, [event]), 0, 'accepted');
      const once = await costOf(trial, 'duplicate');
      const again = await recordAll(trial, [event, event]);
      expectVerdict(again, 0, 'duplicate');
      expectVerdict(again, 1, 'duplicate');
      expectThat(once > 0 && await costOf(trial, 'duplicate') === once, 'The cost grew with a duplicate.');
    },
  },
  {
    id: 'ledger.conflict', group: 'Ledger', title: 'Another call under the same id is refused', words: 'A conflict, and the first one stays.',
    run: async (trial) => {
      const event = trial.event({ customer_id: 'conflict' });
      expectVerdict(await recordAll(trial, [event]), 0, 'accepted');
      expectVerdict(await recordAll(trial, [{ ...event, usage: { prompt_tokens: 2_000, completion_tokens: 0 } }]), 0, 'conflict');
    },
  },
  {
    id: 'ledger.unpriced', group: 'Ledger', title: 'A model without a price is no free call', words: 'Recorded as unpriced, with no cost made up.',
    run: async (trial) => {
      const results = await recordAll(trial, [trial.event({ model_requested: 'preflight-no-such-model' })]);
      expectVerdict(results, 0, 'unpriced');
      expectThat(results(0, 'cost_usd') === undefined, `An unknown model got the cost ${results(0, 'cost_usd')}.`);
    },
  },
  {
    id: 'ledger.bad_event', group: 'Ledger', title: 'A bad event is refused alone', words: 'It names the field, and its neighbour is recorded.',
    run: async (trial) => {
      const results = await recordAll(trial, [trial.event({ custmer_id: 'typo' }), trial.event()]);
      expectVerdict(results, 0, 'rejected');
      expectThat(results(0, 'field') === 'custmer_id', `The field at fault is said to be "${results(0, 'field')}".`);
      expectVerdict(results, 1, 'accepted');
    },
  },
  {
    id: 'ledger.bad_body', group: 'Ledger', title: 'A bad body says what is wrong', words: 'Refused with the name of the field.',
    run: async ({ send }) => {
      const answer = await send('POST', '/v1/usage', { event: [] });
      expectAnswer('A body without events', answer, { status: 400, code: 'invalid_input' });
      expectThat(textAt(answer.json, 'error', 'field') !== undefined, 'The answer names no field.');
      expectAnswer('A broken body', await send('POST', '/v1/usage', '{"events":'), { status: 400, code: 'invalid_input' });
    },
  },
  {
    id: 'ledger.oversize_body', group: 'Ledger', title: 'A body that is too large is refused', words: 'Refused by Outlay itself, with its own words.',
    run: async ({ send, event }) => {
      // Compressed: who refuses a large body at once also hangs up on whoever still sends it.
      const body = new Blob([new Uint8Array(gzipSync(JSON.stringify({ events: [event({ workflow: 'x'.repeat(5_000_000) })] })))]);
      expectAnswer('Five megabytes', await send('POST', '/v1/usage', body, { headers: { 'content-encoding': 'gzip' } }), { status: 413, code: 'body_too_large' });
    },
  },
  {
    id: 'ledger.late_event', group: 'Ledger', title: 'A late call stands in its own day', words: 'Twenty days late: recorded on its day, marked late.',
    run: async (trial) => {
      const { id: _id, ...late } = trial.event({ occurred_at: new Date(Date.now() - 20 * DAY_MS).toISOString(), idempotency_key: newId() });
      const results = await recordAll(trial, [late]);
      expectVerdict(results, 0, 'accepted');
      const { json } = await trial.send('GET', `/v1/usage/${results(0, 'id')!}`);
      expectThat(textAt(json, 'data', 'late') === 'true' && textAt(json, 'data', 'occurred_at')?.slice(0, 16) === String(late['occurred_at']).slice(0, 16), 'It is not marked late, or stands at another time.');
    },
  },
  {
    id: 'ledger.future_event', group: 'Ledger', title: 'A call from the future is refused', words: 'Six minutes ahead of our clock: rejected.',
    run: async (trial) => expectVerdict(await recordAll(trial, [trial.event({ occurred_at: new Date(Date.now() + 6 * MINUTE_MS).toISOString() })]), 0, 'rejected'),
  },
  {
    id: 'ledger.correction', group: 'Ledger', title: 'A correction moves the cost', words: 'From one customer to the other, to the last digit.',
    run: async (trial) => {
      const event = trial.event({ customer_id: 'before' });
      expectVerdict(await recordAll(trial, [event]), 0, 'accepted');
      const cost = await costOf(trial, 'before');
      const answer = await trial.send('POST', '/v1/corrections', { corrections: [{ original_id: event.id, revision: 0, set: { customer_id: 'after' }, reason: 'preflight' }] });
      expectAnswer('A correction', answer, { status: 200 });
      expectThat(textAt(answer.json, 'results', 0, 'verdict') === 'accepted', `The correction was "${textAt(answer.json, 'results', 0, 'verdict')}".`);
      expectThat(cost > 0 && await costOf(trial, 'before') === 0 && await costOf(trial, 'after') === cost, 'The cost did not move as a whole.');
    },
  },
  {
    id: 'ledger.correction_conflict', group: 'Ledger', title: 'Of two corrections one wins', words: 'The second of the same revision is a conflict.',
    run: async (trial) => {
      const event = trial.event();
      expectVerdict(await recordAll(trial, [event]), 0, 'accepted');
      const correct = async (customerId: string): Promise<string | undefined> => {
        const { json } = await trial.send('POST', '/v1/corrections', { corrections: [{ original_id: event.id, revision: 0, set: { customer_id: customerId }, reason: 'preflight' }] });
        return textAt(json, 'results', 0, 'verdict');
      };
      const [first, second] = [await correct('one'), await correct('two')];
      expectThat(first === 'accepted' && second === 'conflict', `They were "${first}" and "${second}".`);
    },
  },
  {
    id: 'ledger.export', group: 'Ledger', title: 'The download has every row', words: 'A CSV at a named cut, with the row that was just recorded.',
    run: async (trial) => {
      const event = trial.event();
      expectVerdict(await recordAll(trial, [event]), 0, 'accepted');
      const answer = await trial.send('GET', '/v1/export/usage.csv');
      expectAnswer('The download', answer, { status: 200 });
      expectThat(answer.headers.get('x-outlay-cut') !== null && answer.text.includes(event.id), 'The download has no cut, or lacks the row.');
    },
  },
];
