/** SQL of erasures: functions of the database that no role of requests may call, as outlay_system. */
import { DomainError, type ErrorCode } from '@outlay/kernel';
import type { Database } from '@outlay/platform';

/** What the functions refuse, which are sentences already. */
const CODES: Readonly<Record<string, ErrorCode>> = { P0002: 'not_found', 22023: 'invalid_input', 55000: 'conflict' };

async function call<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const code = CODES[(error as { code?: string }).code ?? ''];
    if (code === undefined) throw error;
    const { message } = error as Error;
    throw new DomainError(code, { message: `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, cause: error });
  }
}

/** Under the team's exact name; answers from when on it may be erased. Asked twice, it answers what was agreed. Errors: `not_found`, `invalid_input`. */
export async function requestErasure(db: Pick<Database, 'system'>, asked: { tenantId: string; name: string; by: string; graceDays: number }): Promise<Date> {
  return await call(async () => {
    const { rows } = await db.system.query<{ due: Date }>('select request_tenant_erasure($1, $2, $3, make_interval(days => $4)) as due', [asked.tenantId, asked.name, asked.by, asked.graceDays]);
    return rows[0]!.due;
  });
}

/** False when there was nothing to take back. */
export async function cancelErasure(db: Pick<Database, 'system'>, tenantId: string): Promise<boolean> {
  const { rows } = await db.system.query<{ cancelled: boolean }>('select cancel_tenant_erasure($1) as cancelled', [tenantId]);
  return rows[0]!.cancelled;
}

/** Answers how many keys were in use until now. */
export async function closeTenant(db: Pick<Database, 'system'>, tenantId: string): Promise<number> {
  return await call(async () => {
    const { rows } = await db.system.query<{ closed: bigint }>('select close_tenant($1) as closed', [tenantId]);
    return Number(rows[0]!.closed);
  });
}

/** One transaction, however long it takes: years of a large team are more than a request may last. Answers rows by table. */
export async function eraseRows(db: Pick<Database, 'connectAs'>, tenantId: string): Promise<Record<string, number>> {
  const client = await db.connectAs('outlay_system');
  try {
    return await call(async () => {
      const { rows } = await client.query<{ erased: Record<string, number> }>('select erase_tenant($1) as erased', [tenantId]);
      return rows[0]!.erased;
    });
  } finally {
    await client.end();
  }
}

export interface Erasure {
  readonly tenantId: string;
  readonly name: string;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly eraseAfter: Date;
  readonly erasedAt: Date | null;
  readonly erasedRows: Record<string, number> | null;
}

/** Newest first; those that were taken back are left out. */
export async function findErasures(db: Pick<Database, 'system'>): Promise<Erasure[]> {
  const { rows } = await db.system.query<Erasure>(`
    select erased_tenant_id as "tenantId", name, requested_by as "requestedBy", requested_at as "requestedAt", erase_after as "eraseAfter", erased_at as "erasedAt",
      erased_rows as "erasedRows"
    from tenant_erasures where cancelled_at is null order by requested_at desc limit 1000`);
  return rows;
}

/** The erasure of a team that was asked for and has not happened; null without one. */
export async function readOpenErasure(db: Pick<Database, 'system'>, tenantId: string): Promise<Pick<Erasure, 'requestedBy' | 'requestedAt' | 'eraseAfter'> | null> {
  const { rows } = await db.system.query<Pick<Erasure, 'requestedBy' | 'requestedAt' | 'eraseAfter'>>(`
    select requested_by as "requestedBy", requested_at as "requestedAt", erase_after as "eraseAfter"
    from tenant_erasures where erased_tenant_id = $1 and cancelled_at is null and erased_at is null`, [tenantId]);
  return rows[0] ?? null;
}

export async function findDueErasures(db: Pick<Database, 'system'>): Promise<string[]> {
  const { rows } = await db.system.query<{ id: string }>(
    'select erased_tenant_id as id from tenant_erasures where cancelled_at is null and erased_at is null and erase_after <= now() order by erase_after');
  return rows.map(({ id }) => id);
}

/** Teams of made-up data that no person made in the console. */
export async function findSeededTeams(db: Pick<Database, 'system'>): Promise<{ tenantId: string; name: string }[]> {
  const { rows } = await db.system.query<{ tenantId: string; name: string }>(`
    select t.id as "tenantId", t.name from tenants t left join demo_fills f on f.tenant_id = t.id where t.demo and f.made_by is null order by t.id`);
  return rows;
}

/** People of this team who are in no other: with the team their account goes too. Read it before the team is erased. */
export async function findPeopleOfOnly(db: Database, tenantId: string): Promise<string[]> {
  const { rows: members } = await db.withTenant(tenantId, (tx) => tx.query<{ id: string }>('select user_id as id from members'));
  const only: string[] = [];
  for (const { id } of members) {
    const { rows } = await db.app.query('select tenant_id from lookup_memberships($1)', [id]);
    if (rows.length === 1) only.push(id);
  }
  return only;
}

export async function deleteUsers(db: Pick<Database, 'withoutTenant'>, userIds: readonly string[]): Promise<void> {
  await db.withoutTenant((tx) => tx.query('delete from users where id = any($1)', [userIds]));
}
