/** SQL of `decisions`: every begin and extension, with all that the rule looked at. Append-only. */
import type { ClientBase } from 'pg';
import { packInput, unpackInput } from './decision-input';
import type { DecisionInput } from './tell-decision';

export interface DecisionRow {
  readonly tenantId: string;
  readonly id: string;
  readonly runId: string;
  readonly runRef: string | null;
  readonly kind: 'begin' | 'extend';
  readonly atMs: number;
  readonly requestId: string;
  readonly environment: string;
  readonly apiKeyId: string | null;
  readonly customerId: string;
  readonly userId: string | null;
  readonly workflow: string;
  readonly verdict: 'allow' | 'warn' | 'degrade' | 'deny';
  readonly reason: string | null;
  readonly blockedBy: string | null;
  readonly ruleVersion: number;
  readonly snapshotHash: string | null;
  /** All that the rule looked at; null in a list without it. */
  readonly input: DecisionInput | null;
  /** The wire answer, without what differs from request to request. */
  readonly answer: unknown;
}

interface DbDecision {
  tenant_id: string; id: string; run_id: string; run_ref: string | null; kind: DecisionRow['kind']; at: Date; request_id: string; environment: string; api_key_id: string | null;
  customer_id: string; user_id: string | null; workflow: string; verdict: DecisionRow['verdict']; reason: string | null; blocked_by: string | null; rule_version: number; snapshot_hash: string | null;
  input?: Parameters<typeof unpackInput>[0]; answer?: unknown;
}

const HEAD = `tenant_id, id, run_id, run_ref, kind, at, request_id, environment, api_key_id, customer_id, user_id, workflow, verdict, reason, blocked_by, rule_version,
  encode(snapshot_hash, 'hex') AS snapshot_hash`;

function fromDb(row: DbDecision): DecisionRow {
  return {
    tenantId: row.tenant_id, id: row.id, runId: row.run_id, runRef: row.run_ref, kind: row.kind, atMs: row.at.getTime(), requestId: row.request_id, environment: row.environment,
    apiKeyId: row.api_key_id, customerId: row.customer_id, userId: row.user_id, workflow: row.workflow, verdict: row.verdict, reason: row.reason, blockedBy: row.blocked_by,
    ruleVersion: row.rule_version, snapshotHash: row.snapshot_hash, input: row.input === undefined ? null : unpackInput(row.input), answer: row.answer ?? null,
  };
}

/** All of one tenant; inside a transaction of that tenant. One that stands already is left as it is: a group may be written again after a lost connection. */
export async function insertDecisions(tx: ClientBase, decisions: readonly DecisionRow[]): Promise<void> {
  if (decisions.length === 0) return;
  await tx.query({
    name: 'insert-decisions',
    text: `INSERT INTO decisions (tenant_id, id, run_id, run_ref, kind, at, request_id, environment, api_key_id, customer_id, user_id, workflow, verdict, reason, blocked_by, rule_version, snapshot_hash,
        input, answer)
      SELECT tenant_id, id, run_id, run_ref, kind, to_timestamp(at / 1000.0), request_id, environment, api_key_id, customer_id, user_id, workflow, verdict, reason, blocked_by, rule_version,
        decode(snapshot_hash, 'hex'), input, answer
      FROM json_to_recordset($1) AS t (tenant_id uuid, id uuid, run_id uuid, run_ref text, kind text, at float8, request_id text, environment text, api_key_id uuid, customer_id text, user_id text,
        workflow text, verdict text, reason text, blocked_by text, rule_version int, snapshot_hash text, input json, answer json)
      ORDER BY id ON CONFLICT (tenant_id, id) DO NOTHING`,
    values: [JSON.stringify(decisions.map((row) => ({
      tenant_id: row.tenantId, id: row.id, run_id: row.runId, run_ref: row.runRef, kind: row.kind, at: row.atMs, request_id: row.requestId, environment: row.environment, api_key_id: row.apiKeyId,
      customer_id: row.customerId, user_id: row.userId, workflow: row.workflow, verdict: row.verdict, reason: row.reason, blocked_by: row.blockedBy, rule_version: row.ruleVersion,
      snapshot_hash: row.snapshotHash, input: row.input === null ? null : packInput(row.input), answer: row.answer,
    })))],
  });
}

export interface DecisionFilter {
  readonly verdict?: string | undefined;
  readonly reason?: string | undefined;
  readonly customerId?: string | undefined;
  readonly workflow?: string | undefined;
  readonly requestId?: string | undefined;
  readonly runId?: string | undefined;
  readonly environment?: string | undefined;
  /** Only those older than this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** The newest first. `verdict` "stopped" stands for all but allow. Without input and answer unless `whole`. */
export async function listDecisions(tx: ClientBase, filter: DecisionFilter, whole = false): Promise<DecisionRow[]> {
  const values: unknown[] = [];
  const where: string[] = [];
  const add = (condition: (n: string) => string, value: unknown): void => {
    if (value !== undefined) where.push(condition(`$${values.push(value)}`));
  };
  if (filter.verdict === 'stopped') where.push(`verdict <> 'allow'`);
  else add((n) => `verdict = ${n}`, filter.verdict);
  add((n) => `reason = ${n}`, filter.reason);
  add((n) => `customer_id = ${n}`, filter.customerId);
  add((n) => `workflow = ${n}`, filter.workflow);
  add((n) => `request_id = ${n}`, filter.requestId);
  add((n) => `run_id = ${n}::uuid`, filter.runId);
  add((n) => `environment = ${n}`, filter.environment);
  add((n) => `id < ${n}::uuid`, filter.before);
  const { rows } = await tx.query<DbDecision>(
    `SELECT ${HEAD}${whole ? ', input, answer' : ''} FROM decisions ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY id DESC LIMIT $${values.push(filter.limit)}`, values);
  return rows.map(fromDb);
}

export async function findDecision(tx: ClientBase, id: string): Promise<DecisionRow | null> {
  const { rows } = await tx.query<DbDecision>(`SELECT ${HEAD}, input, answer FROM decisions WHERE id = $1`, [id]);
  return rows[0] === undefined ? null : fromDb(rows[0]);
}
