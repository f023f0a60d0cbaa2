/** A team with a hard cap, and runs that go through the gate over HTTP, each to an end of its own. */
import { setTimeout as delay } from 'node:timers/promises';
import { newId, randomToken, sha256 } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';

export interface GateTeam {
  readonly tenantId: string;
  readonly apiKey: string;
  readonly capId: string;
}

/** `capUsd`: of the customer's day, hard. */
export async function createGateTeam(db: Database, customerId: string, capUsd: string): Promise<GateTeam> {
  const [tenantId, capId] = [newId(), newId()];
  const apiKey = `ol_production_${randomToken(24)}`;
  await db.withTenant(tenantId, async (tx) => {
    await tx.query(`INSERT INTO tenants (id, name, time_zone) VALUES ($1, 'Gate', 'UTC')`, [tenantId]);
    await tx.query(
      `INSERT INTO api_keys (tenant_id, id, name, environment, abilities, key_hash, prefix, created_by) VALUES ($1, $2, 'gate', 'production', '{gate,ingest,read}', $3, $4, $2)`,
      [tenantId, newId(), sha256(apiKey), apiKey.slice(0, 20)]);
    await tx.query(
      `INSERT INTO caps (tenant_id, id, name, scope, subject, metric, window_kind, mode, limit_amount, source, created_by)
       VALUES ($1, $2, 'Hard cap of the day', 'customer', $3, 'cost', 'month', 'hard', $4::numeric * 1000000000000, 'person', 'test')`, [tenantId, capId, customerId, capUsd]);
  });
  return { tenantId, apiKey, capId };
}

export interface Answered {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

/** Sends until somebody answers: what is killed or starting is asked again, or another process is. */
export async function askUntilAnswered(urls: () => readonly string[], apiKey: string, method: string, path: string, body: unknown): Promise<Answered> {
  const text = JSON.stringify(body);
  for (let attempt = 0; attempt < 400; attempt++) {
    const url = urls()[attempt % urls().length]!;
    try {
      const answer = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${apiKey}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: text }), signal: AbortSignal.timeout(10_000) });
      const json = JSON.parse(await answer.text()) as Record<string, unknown>;
      // A denial is an answer; a process that stops, starts or is overloaded gives none.
      if (answer.status < 500 && !(answer.status === 429 && json['reason'] === undefined)) return { status: answer.status, json };
    } catch {
      // No answer: nothing is known.
    }
    await delay(25 + Math.random() * 75);
  }
  throw new Error(`nobody answered ${method} ${path}`);
}

/** What a begin may use: its bound is what this costs at most. */
export const BOUND = { models: ['gpt-4o-mini'], input_tokens: 1_000, max_output_tokens: 400, max_calls: 1 } as const;

/** A call within the bound; `share` of it. `id` once for each call, however often it is sent. */
export function callWithin(id: string, share: number): Record<string, unknown> {
  const input = Math.floor(BOUND.input_tokens * share);
  const output = Math.floor(BOUND.max_output_tokens * share);
  return { id, occurred_at: new Date().toISOString(), provider: 'openai', model_requested: 'gpt-4o-mini', usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output } };
}
