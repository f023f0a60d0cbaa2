/**
 * A gate for tests, with the wire of the real one: it keeps what is held, finished and released, and decides as it is told. It knows no plans, caps or
 * prices. In `holds` a run stands from its begin until it is finished, released or expired.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DenialReason } from '../gate-types.js';

export type WireBody = Readonly<Record<string, unknown>>;

interface GateRequest {
  readonly verb: 'begin' | 'extend' | 'finish' | 'release';
  readonly runId: string;
  readonly body: WireBody;
}

/** `hang`: never answers; `reset`: the connection breaks. */
export type GateReply = { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> } | 'hang' | 'reset';

export interface FakeGate {
  readonly requests: readonly GateRequest[];
  readonly asked: (verb: GateRequest['verb']) => readonly GateRequest[];
  /** Open runs. */
  readonly holds: ReadonlyMap<string, WireBody>;
  readonly finished: ReadonlyMap<string, WireBody>;
  readonly released: readonly string[];
  /** Runs whose finish came before their outcome was in the ledger: must stay empty. */
  readonly tooEarly: readonly string[];
  /** Finishes that were under way together. */
  readonly mostAtOnce: number;
  /** Decides; undefined: allowed. */
  answer: (request: GateRequest) => GateReply | undefined;
  /** Of the workflow, told with each allowed begin. */
  policy: 'allow' | 'deny' | 'degrade' | undefined;
  /** How long a hold lives; default as asked. */
  lifeMs: number | undefined;
  readonly handle: (request: IncomingMessage, text: string, response: ServerResponse) => void;
}

const UPGRADES = new Set<string>(['model_not_allowed', 'context_too_large', 'feature_not_in_plan', 'quota_exhausted', 'credits_exhausted']);
export const STATUS_BY_REASON: Readonly<Record<DenialReason, number>> = {
  key_revoked: 401, environment_mismatch: 403, customer_suspended: 403, model_not_allowed: 403, context_too_large: 413, feature_not_in_plan: 403, rate_limited: 429,
  hard_cap_reached: 402, risk_blocked: 402, quota_exhausted: 402, credits_exhausted: 402, gate_unavailable: 503,
};

/** A limit as the gate tells it. */
export function wireLimit(fields: WireBody = {}): WireBody {
  return {
    id: 'cap_1', name: 'Daily cost', kind: 'cap', scope: 'customer', subject: 'c1', metric: 'cost', mode: 'hard', window: 'day', window_start: '2026-11-21T00:00:00.000Z',
    window_end: '2026-11-22T00:00:00.000Z', used: '3.9', held: '0.05', asked: '0.2', limit: '4', remaining: '0.05', overshoot: '0', ungated_usd: null, unit: null, passed: true, ...fields,
  };
}

export function denial(reason: DenialReason, fields: WireBody = {}): Exclude<GateReply, string> {
  const limits = [wireLimit()];
  const said = { message: `Stopped: ${reason}.`, next_step: 'Do something about it.' };
  const retry = reason === 'rate_limited' ? 7 : null;
  return {
    status: STATUS_BY_REASON[reason],
    headers: retry === null ? {} : { 'retry-after': String(retry), 'ratelimit-limit': '60' },
    body: {
      decision: 'deny', reason, ...said, upgrade: UPGRADES.has(reason), by: 'cap_1', limits, request_id: 'req_denied', retry_after_seconds: retry,
      error: { code: reason, ...said, retryable: false, request_id: 'req_denied' }, ...fields,
    },
  };
}

/** `isRecorded`: whether the ledger has the run's outcome. */
export function createFakeGate(isRecorded: (runId: string) => boolean): FakeGate {
  const requests: GateRequest[] = [];
  const holds = new Map<string, WireBody>();
  const finished = new Map<string, WireBody>();
  const released: string[] = [];
  const tooEarly: string[] = [];
  const underway = { now: 0, most: 0 };

  function permit({ runId, body }: GateRequest): WireBody {
    const lifeMs = gate.lifeMs ?? Number(body['expires_in_seconds'] ?? body['seconds'] ?? 600) * 1_000;
    return {
      run_id: runId, decision: 'allow', reason: null, message: null, next_step: null, upgrade: false, models: body['models'] ?? [],
      hold: { expires_at: new Date(Date.now() + lifeMs).toISOString(), bounded: false, cost_usd: null, units: '1', tokens: null, calls: null, max_output_tokens: null },
      limits: [], warnings: [], rate_limits: [], refused_tools: [], plan: null, snapshot_hash: 'hash', rule_version: '1', again: false, request_id: `req_${requests.length}`,
      ...(gate.policy ? { on_gate_unavailable: gate.policy } : {}),
    };
  }

  function decide(request: GateRequest): GateReply {
    const told = gate.answer(request);
    const { verb, runId, body } = request;
    if (told === 'hang' || told === 'reset') return told;
    if (told && told.status !== 200) return told;
    switch (verb) {
      case 'begin':
        holds.set(runId, body);
        return { status: 200, body: { ...permit(request), ...(told?.body as WireBody) } };
      case 'extend':
        if (!holds.has(runId)) return { status: finished.has(runId) ? 409 : 404, body: { error: { code: finished.has(runId) ? 'conflict' : 'not_found', message: 'No such open run.' } } };
        return { status: 200, body: { ...permit(request), ...(told?.body as WireBody) } };
      case 'finish':
        if (!isRecorded(runId)) tooEarly.push(runId);
        holds.delete(runId);
        finished.set(runId, body);
        return { status: 200, body: { run_id: runId, results: [], outcome: { verdict: 'duplicate' }, settled: { cost_usd: '0', reserved_usd: '0', released_usd: '0' }, request_id: 'req_f' } };
      case 'release':
        if (holds.delete(runId)) released.push(runId);
        return { status: 200, body: { run_id: runId, released: true } };
    }
  }

  const gate: FakeGate = {
    requests,
    asked: (verb) => requests.filter((request) => request.verb === verb),
    holds,
    finished,
    released,
    tooEarly,
    get mostAtOnce() {
      return underway.most;
    },
    answer: () => undefined,
    policy: undefined,
    lifeMs: undefined,
    handle(incoming, text, response) {
      const [, , , id, action] = incoming.url!.split('/');
      const body = (text === '' ? {} : JSON.parse(text)) as WireBody;
      const verb = incoming.method === 'DELETE' ? 'release' : id === undefined ? 'begin' : (action as 'extend' | 'finish');
      const request: GateRequest = { verb, runId: id === undefined ? String(body['run_id']) : decodeURIComponent(id), body };
      requests.push(request);
      const reply = decide(request);
      if (reply === 'hang') return;
      if (reply === 'reset') return void incoming.socket.destroy();
      const send = (): void => {
        response.writeHead(reply.status, { 'content-type': 'application/json', 'x-request-id': `req_${requests.length}`, ...reply.headers });
        response.end(JSON.stringify(reply.body));
      };
      if (verb !== 'finish') return send();
      underway.most = Math.max(underway.most, (underway.now += 1));
      setImmediate(() => {
        underway.now -= 1;
        send();
      });
    },
  };
  return gate;
}
