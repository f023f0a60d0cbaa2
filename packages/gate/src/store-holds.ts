/** SQL of `holds`: what each allowed run reserved, until when, and how it ended. Also what it asked for, and the answer it got, so that it gets the same again. */
import type { ClientBase } from 'pg';
import type { Metric } from './decide';
import type { OpenHold } from './gate-store';
import type { BeginInput } from './read-begin';
import type { ToldPermission } from './tell-decision';

export type HoldEnd = 'finished' | 'released' | 'expired' | 'freed';

/** What the run was told, and what it had asked for. */
export interface HoldAnswer {
  readonly told: ToldPermission;
  readonly input: BeginInput;
}

/** A row as it is inserted. */
export interface HoldRow {
  readonly tenantId: string;
  readonly runId: string;
  readonly runRef: string | null;
  readonly environment: string;
  readonly apiKeyId: string | null;
  readonly customerId: string;
  readonly userId: string | null;
  readonly workflow: string;
  readonly feature: string | null;
  readonly begunMs: number;
  readonly expiresMs: number;
  readonly bounded: boolean;
  readonly amounts: Readonly<Partial<Record<Metric, number>>>;
  readonly reserves: OpenHold['reserves'];
  /** SHA-256 of what was asked, hex. */
  readonly requestHash: string;
  readonly answer: HoldAnswer;
  readonly planVersionId: string | null;
  readonly snapshotHash: string | null;
}

/** A row without what it answered. */
export interface BriefHold extends Omit<HoldRow, 'answer'> {
  readonly endedMs: number | null;
  readonly endReason: HoldEnd | null;
}

export interface StoredHold extends BriefHold {
  readonly answer: HoldAnswer;
}

interface DbHold {
  tenant_id: string; run_id: string; run_ref: string | null; environment: string; api_key_id: string | null; customer_id: string; user_id: string | null; workflow: string; feature: string | null;
  begun_at: Date; expires_at: Date; bounded: boolean; amounts: HoldRow['amounts']; reserves: HoldRow['reserves']; request_hash: string; plan_version_id: string | null;
  snapshot_hash: string | null; ended_at: Date | null; end_reason: HoldEnd | null;
}

interface DbAnswered extends DbHold {
  answer: Partial<HoldAnswer> & Pick<HoldAnswer, 'input'>; told: HoldAnswer['told'] | null;
}

const COLUMNS = `tenant_id, run_id, run_ref, environment, api_key_id, customer_id, user_id, workflow, feature, begun_at, expires_at, bounded, amounts, reserves,
  encode(request_hash, 'hex') AS request_hash, plan_version_id, encode(snapshot_hash, 'hex') AS snapshot_hash, ended_at, end_reason`;
/** What a run was told stands in its decision. */
const ANSWERED = `${COLUMNS}, answer, CASE WHEN answer -> 'told' IS NULL THEN (
    SELECT d.answer FROM decisions d WHERE d.tenant_id = holds.tenant_id AND d.run_id = holds.run_id AND d.kind = 'begin' ORDER BY d.id DESC LIMIT 1) END AS told`;

function fromDb(row: DbHold): BriefHold {
  return {
    tenantId: row.tenant_id, runId: row.run_id, runRef: row.run_ref, environment: row.environment, apiKeyId: row.api_key_id, customerId: row.customer_id, userId: row.user_id,
    workflow: row.workflow, feature: row.feature, begunMs: row.begun_at.getTime(), expiresMs: row.expires_at.getTime(), bounded: row.bounded, amounts: row.amounts, reserves: row.reserves,
    requestHash: row.request_hash, planVersionId: row.plan_version_id, snapshotHash: row.snapshot_hash, endedMs: row.ended_at?.getTime() ?? null, endReason: row.end_reason,
  };
}

function fromAnswered({ answer, told, ...row }: DbAnswered): StoredHold {
  return { ...fromDb(row), answer: { input: answer.input, told: answer.told ?? told! } };
}

/** Answers the runs that were new. All of one tenant, each run once; inside a transaction of that tenant, in which the decisions of `decided` runs are written too: what they were told stands there. */
export async function insertHolds(tx: ClientBase, holds: readonly HoldRow[], decided: ReadonlySet<string>): Promise<Set<string>> {
  if (holds.length === 0) return new Set();
  const { rows } = await tx.query<{ run_id: string }>({
    name: 'insert-holds',
    text: `INSERT INTO holds (tenant_id, run_id, run_ref, environment, api_key_id, customer_id, user_id, workflow, feature, begun_at, expires_at, bounded, amounts, reserves, request_hash, answer,
        plan_version_id, snapshot_hash)
      SELECT tenant_id, run_id, run_ref, environment, api_key_id, customer_id, user_id, workflow, feature, to_timestamp(begun / 1000.0), to_timestamp(expires / 1000.0), bounded, amounts, reserves,
        decode(request_hash, 'hex'), answer, plan_version_id, decode(snapshot_hash, 'hex')
      FROM json_to_recordset($1) AS t (tenant_id uuid, run_id uuid, run_ref text, environment text, api_key_id uuid, customer_id text, user_id text, workflow text, feature text, begun float8,
        expires float8, bounded boolean, amounts jsonb, reserves jsonb, request_hash text, answer json, plan_version_id uuid, snapshot_hash text)
      ORDER BY run_id ON CONFLICT (tenant_id, run_id) DO NOTHING RETURNING run_id`,
    values: [JSON.stringify(holds.map((hold) => ({
      tenant_id: hold.tenantId, run_id: hold.runId, run_ref: hold.runRef, environment: hold.environment, api_key_id: hold.apiKeyId, customer_id: hold.customerId, user_id: hold.userId,
      workflow: hold.workflow, feature: hold.feature, begun: hold.begunMs, expires: hold.expiresMs, bounded: hold.bounded, amounts: hold.amounts, reserves: hold.reserves,
      request_hash: hold.requestHash, answer: decided.has(hold.runId) ? { input: hold.answer.input } : hold.answer, plan_version_id: hold.planVersionId, snapshot_hash: hold.snapshotHash,
    })))],
  });
  return new Set(rows.map((row) => row.run_id));
}

/** More for an open run. What it holds for, and its answer, are replaced. */
export async function extendHold(tx: ClientBase, hold: Pick<HoldRow, 'tenantId' | 'runId' | 'expiresMs' | 'bounded' | 'amounts' | 'reserves'>): Promise<void> {
  await tx.query(`UPDATE holds SET expires_at = $2, bounded = $3, amounts = $4, reserves = $5 WHERE run_id = $1 AND ended_at IS NULL`,
    [hold.runId, new Date(hold.expiresMs), hold.bounded, JSON.stringify(hold.amounts), JSON.stringify(hold.reserves)]);
}

/** Marks runs as over; one that is over already keeps how it ended. */
export async function endHolds(tx: ClientBase, runIds: readonly string[], reason: HoldEnd, atMs: number): Promise<void> {
  await tx.query({
    name: 'end-holds',
    text: 'UPDATE holds SET ended_at = $2, end_reason = $3 WHERE run_id = ANY ($1::uuid[]) AND ended_at IS NULL',
    values: [runIds, new Date(atMs), reason],
  });
}

export async function findHold(tx: ClientBase, runId: string): Promise<StoredHold | null> {
  return (await findAnswered(tx, [runId]))[0] ?? null;
}

export async function findAnswered(tx: ClientBase, runIds: readonly string[]): Promise<StoredHold[]> {
  const { rows } = await tx.query<DbAnswered>(`SELECT ${ANSWERED} FROM holds WHERE run_id = ANY ($1::uuid[])`, [runIds]);
  return rows.map(fromAnswered);
}

export async function findHolds(tx: ClientBase, runIds: readonly string[]): Promise<BriefHold[]> {
  const { rows } = await tx.query<DbHold>(`SELECT ${COLUMNS} FROM holds WHERE run_id = ANY ($1::uuid[])`, [runIds]);
  return rows.map(fromDb);
}

export interface HoldFilter {
  readonly customerId?: string | undefined;
  readonly workflow?: string | undefined;
  readonly limit?: number;
}

/** Open ones, the longest open first. */
export async function listOpenHolds(tx: ClientBase, { customerId, workflow, limit }: HoldFilter = {}): Promise<BriefHold[]> {
  const { rows } = await tx.query<DbHold>(
    `SELECT ${COLUMNS} FROM holds WHERE ended_at IS NULL AND ($1::text IS NULL OR customer_id = $1) AND ($2::text IS NULL OR workflow = $2) ORDER BY begun_at, run_id LIMIT $3`,
    [customerId ?? null, workflow ?? null, limit ?? null]);
  return rows.map(fromDb);
}

/** Runs that expired since and may have left an estimate. */
export async function listExpiredRuns(tx: ClientBase, since: Date): Promise<string[]> {
  const { rows } = await tx.query<{ run_id: string }>(`SELECT run_id FROM holds WHERE end_reason = 'expired' AND ended_at >= $1`, [since]);
  return rows.map((row) => row.run_id);
}

/** Of these runs, those whose time was over before they ended. */
export async function findExpired(tx: ClientBase, runIds: readonly string[], nowMs: number): Promise<string[]> {
  const { rows } = await tx.query<{ run_id: string }>(
    `SELECT run_id FROM holds WHERE run_id = ANY ($1::uuid[]) AND expires_at <= $2 AND (ended_at IS NULL OR end_reason = 'expired')`, [runIds, new Date(nowMs)]);
  return rows.map((row) => row.run_id);
}

/** Due holds of all tenants, as the system role, which sees no more of them. */
export async function listDueHolds(system: { query: ClientBase['query'] }, nowMs: number, limit: number): Promise<{ tenantId: string; runId: string }[]> {
  const { rows } = await system.query<{ tenant_id: string; run_id: string }>(
    'SELECT tenant_id, run_id FROM holds WHERE ended_at IS NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2', [new Date(nowMs), limit]);
  return rows.map((row) => ({ tenantId: row.tenant_id, runId: row.run_id }));
}
