/**
 * Asks the gate over HTTP: begin, extend, finish, release. One round trip each on the runtime's kept-alive connections. Never throws: what went wrong
 * is an answer too, and `admit` decides what it means for the run.
 */
import { describeFailure } from './send-batch.js';
import type { GatePolicy, GateSettings } from './gate-types.js';
import { invalidOption } from './errors.js';
import { beginBody, extendBody, type ExtendAsk, type GateAnswer, readGateAnswer, type RunAsk } from './gate-wire.js';
import { onAbort } from './signals.js';

/** What the server last said of a workflow: holds while it cannot be asked. */
interface RememberedWorkflow {
  readonly policy: GatePolicy | undefined;
  readonly models: readonly string[];
}

export interface Gate {
  readonly holdMs: number;
  readonly begin: (ask: RunAsk, signal: AbortSignal | undefined) => Promise<GateAnswer>;
  readonly extend: (runId: string, ask: ExtendAsk) => Promise<GateAnswer>;
  /** The run made no call: what it holds is free at once. False when that could not be said; then it expires. */
  readonly release: (runId: string) => Promise<boolean>;
  /** States the outcome, which the ledger has already, so that the run is settled at once. False when it should be said again. */
  readonly finish: (runId: string, outcome: object) => Promise<boolean>;
  /** The key may not ask, as was said a moment ago. */
  readonly isOff: () => boolean;
  readonly remembered: (workflow: string | undefined) => RememberedWorkflow | undefined;
}

interface GateTarget {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly fetch: typeof fetch;
}

type Reply = { readonly status: number; readonly headers: Headers; readonly text: string } | { readonly error: string; readonly timedOut: boolean };

/** Finish and release are in the background: nobody waits for them. */
const BACKGROUND_TIMEOUT_MS = 3_000;
/** A key is given abilities when it is made; asked again now and then, because the server may be upgraded. */
const OFF_MS = 60_000;
/** After a begin that took all its time, others do not wait too: one asks, the rest go by the policy. */
const QUIET_MS = 500;
const QUIET_MS_MAX = 5_000;
const WORKFLOWS_MAX = 1_000;

/** Throws `invalid_option`. */
export function createGate(to: GateTarget, given: GateSettings): Gate {
  const timeoutMs = positive('gate.timeoutMs', given.timeoutMs ?? 2_000);
  const holdSeconds = positive('gate.holdSeconds', given.holdSeconds ?? 600);
  const base = `${to.baseUrl.replace(/\/+$/, '')}/v1/runs`;
  const workflows = new Map<string, RememberedWorkflow>();
  let offUntilMs = 0;
  let offWhy = '';
  let slowInRow = 0;
  let quietUntilMs = 0;

  async function send(method: string, path: string, body: object | undefined, waitMs: number, signal?: AbortSignal): Promise<Reply> {
    const stop = new AbortController();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      stop.abort();
    }, waitMs);
    const unfollow = signal && onAbort(signal, () => stop.abort());
    const init: RequestInit = {
      method,
      headers: { authorization: `Bearer ${to.apiKey}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      body: body ? JSON.stringify(body) : undefined,
      signal: stop.signal,
    };
    try {
      for (let sent = 1; ; sent++) {
        try {
          const response = await to.fetch(`${base}${path}`, init);
          return { status: response.status, headers: response.headers, text: await response.text() };
        } catch (error) {
          // A kept-alive connection that the server has closed meanwhile; a run id makes asking twice harmless.
          if (sent > 1 || stop.signal.aborted) return { error: timedOut ? `no answer within ${waitMs} ms` : describeFailure(error), timedOut };
        }
      }
    } finally {
      clearTimeout(timer);
      unfollow?.();
    }
  }

  async function begin(ask: RunAsk, signal: AbortSignal | undefined): Promise<GateAnswer> {
    const nowMs = Date.now();
    if (isOff()) return { kind: 'off', why: offWhy };
    if (nowMs < quietUntilMs) return { kind: 'unavailable', why: 'it did not answer in time a moment ago' };
    if (slowInRow > 0) quietUntilMs = nowMs + timeoutMs;
    const reply = await send('POST', '', beginBody(ask, holdSeconds), timeoutMs, signal);
    if ('error' in reply) {
      if (reply.timedOut) {
        slowInRow += 1;
        quietUntilMs = Date.now() + Math.min(QUIET_MS * 2 ** (slowInRow - 1), QUIET_MS_MAX);
      }
      return { kind: 'unavailable', why: reply.error };
    }
    slowInRow = 0;
    quietUntilMs = 0;
    const answer = readGateAnswer(reply.status, reply.headers, reply.text);
    if (answer.kind === 'off') turnOff(answer.why);
    if (answer.kind === 'permit') remember(ask.tags.workflow ?? '', { policy: answer.permit.policy, models: answer.permit.models });
    return answer;
  }

  function isOff(): boolean {
    return Date.now() < offUntilMs;
  }

  function turnOff(why: string): void {
    offUntilMs = Date.now() + OFF_MS;
    offWhy = why;
  }

  function remember(workflow: string, told: RememberedWorkflow): void {
    workflows.delete(workflow);
    if (workflows.size >= WORKFLOWS_MAX) workflows.delete(workflows.keys().next().value!);
    workflows.set(workflow, told);
  }

  const pathOf = (runId: string): string => `/${encodeURIComponent(runId)}`;

  return {
    holdMs: holdSeconds * 1_000,
    begin,
    async extend(runId, ask) {
      const reply = await send('POST', `${pathOf(runId)}/extend`, extendBody(ask, holdSeconds), timeoutMs);
      return 'error' in reply ? { kind: 'unavailable', why: reply.error } : readGateAnswer(reply.status, reply.headers, reply.text);
    },
    async release(runId) {
      const reply = await send('DELETE', pathOf(runId), undefined, BACKGROUND_TIMEOUT_MS);
      return 'status' in reply && reply.status < 500;
    },
    async finish(runId, outcome) {
      const reply = await send('POST', `${pathOf(runId)}/finish`, outcome, BACKGROUND_TIMEOUT_MS);
      if ('status' in reply && reply.status === 403) turnOff(`HTTP ${reply.status}`);
      // Whatever it says, saying it again changes nothing, but for a server that was not there.
      return 'status' in reply && reply.status < 500 && reply.status !== 429;
    },
    isOff,
    remembered: (workflow) => workflows.get(workflow ?? ''),
  };
}

/** Throws `invalid_option`. */
export function checkGatePolicy(policy: unknown): void {
  if (policy !== undefined && policy !== 'allow' && policy !== 'deny' && policy !== 'degrade') throw invalidOption('onGateUnavailable', 'must be "allow", "deny" or "degrade".');
}

function positive(name: string, value: number): number {
  if (typeof value !== 'number' || !(value > 0)) throw invalidOption(name, 'must be a number above 0.');
  return value;
}
