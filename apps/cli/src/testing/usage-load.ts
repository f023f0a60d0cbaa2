/** Clients that send usage without pause, send again what was not acknowledged, and remember what was. */
import { newId } from '@outlay/kernel/ids';
import { setTimeout as delay } from 'node:timers/promises';

export interface UsageLoad {
  /** Every id that an answer has called accepted, duplicate or unpriced. */
  readonly acknowledged: ReadonlySet<string>;
  /** How often an acknowledged id was named `accepted`: more than once would be a second insert. */
  readonly acceptedTwice: readonly string[];
  /** Answers that were neither 200 nor one of the passing failures; must stay empty. */
  readonly surprises: readonly string[];
  /** Requests that failed and were sent again. */
  readonly retried: number;
  /** Ends when everything that was begun is acknowledged. */
  stop(): Promise<void>;
}

interface Result {
  readonly id: string;
  readonly verdict: string;
  readonly message?: string;
}

const SENDERS = 4;
const EVENTS = 10;
const PATIENCE_MS = 10_000;
const PAUSE_MS = 25;
/** While it stops, starts or recovers. */
const PASSING = new Set([429, 500, 503]);

export function sendUsage(url: () => string, apiKey: string): UsageLoad {
  const acknowledged = new Set<string>();
  const accepted = new Set<string>();
  const acceptedTwice: string[] = [];
  const surprises: string[] = [];
  const load = { retried: 0 };
  let stopping = false;

  async function post(body: string): Promise<Result[] | null> {
    try {
      const answer = await fetch(`${url()}/v1/usage`, {
        method: 'POST', headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }, body, signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = await answer.text();
      if (answer.ok) return (JSON.parse(text) as { results: Result[] }).results;
      if (!PASSING.has(answer.status)) surprises.push(`${answer.status} ${text}`);
    } catch {
      // No answer: nothing is known, so it is sent again.
    }
    return null;
  }

  async function sendOn(sender: number): Promise<void> {
    for (let n = 0; !stopping; n++) {
      const body = JSON.stringify({ events: makeEvents(sender, n) });
      for (;;) {
        const results = await post(body);
        if (results) {
          for (const result of results) take(result);
          break;
        }
        load.retried += 1;
        await delay(PAUSE_MS);
      }
    }
  }

  function take({ id, verdict, message }: Result): void {
    if (!['accepted', 'duplicate', 'unpriced'].includes(verdict)) {
      surprises.push(`${id} ${verdict} ${message ?? ''}`);
      return;
    }
    acknowledged.add(id);
    if (verdict === 'duplicate') return;
    if (accepted.has(id)) acceptedTwice.push(id);
    accepted.add(id);
  }

  const senders = Array.from({ length: SENDERS }, (_, sender) => sendOn(sender));
  return {
    acknowledged, acceptedTwice, surprises,
    get retried() {
      return load.retried;
    },
    stop: async () => {
      stopping = true;
      await Promise.all(senders);
    },
  };
}

/** Calls of runs, every tenth run ended by an outcome; half of the events are named by an idempotency key. */
function makeEvents(sender: number, n: number): Record<string, unknown>[] {
  const runId = newId();
  return Array.from({ length: EVENTS }, (_, index) => {
    const isOutcome = index === EVENTS - 1;
    return {
      ...(index % 2 === 0 ? { id: newId() } : { idempotency_key: `${sender}-${n}-${index}-${runId}` }),
      occurred_at: new Date().toISOString(), run_id: runId, workflow: 'pdf_question', customer_id: `customer-${sender}`,
      ...(isOutcome ? { kind: 'outcome', outcome: n % 5 === 0 ? 'unusable' : 'usable' } : {
        provider: 'openai', api: 'chat', model_requested: 'gpt-4o', model_served: 'gpt-4o',
        usage: { prompt_tokens: 100 + index, completion_tokens: 10, total_tokens: 110 + index },
      }),
    };
  });
}
