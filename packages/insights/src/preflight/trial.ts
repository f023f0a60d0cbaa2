/** The throw-away teams against which a running instance is tried over HTTP, with keys of every kind; erased afterwards, whatever happened. */
import { newId } from '@outlay/kernel/ids';
import { assignPlan, createPlan, publishPlan, seeCustomers, suspendCustomer } from '@outlay/plans';
import { createKey, createTrialTeam, eraseTrialTeam, findTrialTeams, revokeKey, type Tenancy } from '@outlay/tenancy';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, else null. */
  readonly json: Json;
  readonly text: string;
}

/** An answer's body, walked without knowing it. */
export interface Json {
  readonly [name: string]: Json | undefined;
}

export interface Trial {
  readonly keys: Readonly<Record<'all' | 'read' | 'staging' | 'expired' | 'revoked' | 'foreign', string>>;
  send(method: string, path: string, body?: unknown, options?: { readonly key?: string | null; readonly headers?: Readonly<Record<string, string>> }): Promise<Answer>;
  /** A call of a model that has a price; 1,000 tokens in. */
  event(more?: Readonly<Record<string, unknown>>): Record<string, unknown> & { id: string };
  /** From now on the key `revoked` is. */
  revoke(): Promise<void>;
}

export const PRICED_MODEL = 'gpt-4o-mini';
const TIMEOUT_MS = 15_000;
/** What a killed run left is taken away by the next one, not while it may still be at it. */
const LEFT_MS = 10 * 60_000;

/** Errors: whatever `run` throws; the teams are erased all the same. */
export async function withTrial<T>(tenancy: Tenancy, baseUrl: string, run: (trial: Trial) => Promise<T>): Promise<T> {
  for (const tenantId of await findTrialTeams(tenancy, LEFT_MS)) await eraseTrialTeam(tenancy, tenantId).catch(() => undefined);
  const [team, other] = [await createTrialTeam(tenancy), await createTrialTeam(tenancy)];
  try {
    return await run(await prepareTrial(tenancy, baseUrl, team, other));
  } finally {
    for (const { tenantId } of [team, other]) await eraseTrialTeam(tenancy, tenantId);
  }
}

async function prepareTrial(tenancy: Tenancy, baseUrl: string, { tenantId, acting }: TrialTeam, other: TrialTeam): Promise<Trial> {
  const { db } = tenancy;
  const key = (as: TrialTeam['acting'], name: string, abilities: Parameters<typeof createKey>[2]['abilities'], more: { environment?: string; expiresInDays?: number } = {}) =>
    createKey(tenancy, as, { name, environment: 'production', abilities, ...more });
  const all = ['ingest', 'gate', 'read', 'admin'] as const;
  const [main, read, staging, expired, revoked, foreign] = [
    await key(acting, 'all', all), await key(acting, 'read', ['read']), await key(acting, 'staging', ['ingest', 'gate', 'read'], { environment: 'staging' }),
    await key(acting, 'expired', ['ingest'], { expiresInDays: -1 }), await key(acting, 'revoked', ['read']), await key(other.acting, 'foreign', all),
  ];
  const by = { tenantId, actorId: null, actor: 'outlay preflight', requestId: tenantId };
  const { planId } = await createPlan(db, by, {
    name: 'Trial', definition: {
      currency: 'USD', baseFee: '0', interval: 'month', models: { named: [PRICED_MODEL] },
      rateLimits: [{ id: 'per_user', key: 'user', limit: 2, windowSeconds: 3_600, algorithm: { kind: 'sliding_window' } }],
    },
  });
  await publishPlan(db, by, { planId, migrates: 'now' });
  await seeCustomers(db, tenantId, ['planned', 'suspended']);
  for (const customerId of ['planned', 'suspended']) await assignPlan(db, by, { customerId, plan: planId, when: 'now' });
  await suspendCustomer(db, by, 'suspended', 'a trial');
  return {
    keys: { all: main.secret, read: read.secret, staging: staging.secret, expired: expired.secret, revoked: revoked.secret, foreign: foreign.secret },
    event: (more = {}) => ({
      id: newId(), occurred_at: new Date().toISOString(), customer_id: 'trial', workflow: 'trial', provider: 'openai', model_requested: PRICED_MODEL, usage: { prompt_tokens: 1_000, completion_tokens: 0 }, ...more,
    }),
    revoke: () => revokeKey(tenancy, acting, revoked.id),
    send: async (method, path, body, { key: as = main.secret, headers = {} } = {}) => {
      const response = await fetch(`${baseUrl}${path}`, {
        method, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: { ...(as === null ? {} : { authorization: `Bearer ${as}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: parseJson(text) };
    },
  };
}

type TrialTeam = Awaited<ReturnType<typeof createTrialTeam>>;

function parseJson(text: string): Json {
  try {
    return (JSON.parse(text) ?? {}) as Json;
  } catch {
    return {};
  }
}
