/** SQL of the filling of demo teams. Whoever fills holds a lease, and every word of progress is said under it: who lost it is told so. */
import type { Database } from '@outlay/platform';
import type { Person } from './acting';
import type { PrismaTx } from './transactions';

export type DemoFillState = 'waiting' | 'running' | 'done' | 'failed' | 'stopping';

/** What makes the history: the same facts give the same events. */
export interface DemoStory {
  readonly seed: number;
  /** The last moment of the history. */
  readonly endsAt: Date;
  /** How many, give or take a few percent. */
  readonly events: number;
}

export interface DemoFill extends DemoStory {
  readonly tenantId: string;
  readonly timeZone: string;
  readonly lateWindowDays: number;
  /** Whoever made it in the console; null for the team of `outlay seed`. */
  readonly madeBy: string | null;
  readonly state: DemoFillState;
  readonly recorded: number;
  /** Every event before this one, in the order of the story, is in the ledger. */
  readonly resumeAt: number;
  readonly attempts: number;
  readonly failure: string | null;
  /** Somebody holds the lease at this moment. */
  readonly held: boolean;
}

type Db = Pick<Database, 'withTenant'>;

const READ = `
  select f.tenant_id as "tenantId", t.time_zone as "timeZone", t.late_window_days as "lateWindowDays", f.made_by as "madeBy", f.state, f.seed, f.ends_at as "endsAt", f.events, f.recorded,
    f.resume_at as "resumeAt", f.attempts, f.failure, coalesce(f.leased_until > clock_timestamp(), false) as held
  from demo_fills f join tenants t on t.id = f.tenant_id where f.tenant_id = $1`;

export async function insertDemoFill(tx: PrismaTx, fill: DemoStory & { readonly tenantId: string; readonly madeBy: string | null }): Promise<void> {
  await tx.$executeRaw`insert into demo_fills (tenant_id, made_by, seed, ends_at, events)
    values (${fill.tenantId}::uuid, ${fill.madeBy}::uuid, ${fill.seed}, ${fill.endsAt}, ${fill.events})`;
}

/** Null for a team that is no demo, or is erased. */
export async function readDemoFill(db: Db, tenantId: string): Promise<DemoFill | null> {
  return await db.withTenant(tenantId, async (tx) => (await tx.query<DemoFill>(READ, [tenantId])).rows[0] ?? null);
}

/** Takes the lease. Null when somebody holds it, when it is over, or when the team is being removed. */
export async function claimDemoFill(db: Db, tenantId: string, lease: string, leaseMs: number): Promise<DemoFill | null> {
  return await db.withTenant(tenantId, async (tx) => {
    const { rowCount } = await tx.query(
      `update demo_fills set state = 'running', lease = $2, leased_until = clock_timestamp() + make_interval(secs => $3), attempts = attempts + 1,
         started_at = coalesce(started_at, clock_timestamp()), failure = null
       where tenant_id = $1 and state in ('waiting', 'running') and (leased_until is null or leased_until <= clock_timestamp())`,
      [tenantId, lease, leaseMs / 1_000]);
    return rowCount === 1 ? ((await tx.query<DemoFill>(READ, [tenantId])).rows[0] ?? null) : null;
  });
}

/** False when the lease is lost, or the team is being removed: whoever fills stops at once. */
export async function saveDemoProgress(db: Db, tenantId: string, lease: string, at: { recorded: number; resumeAt: number }, leaseMs: number): Promise<boolean> {
  return await db.withTenant(tenantId, async (tx) => {
    const { rowCount } = await tx.query(
      `update demo_fills set recorded = $3, resume_at = $4, attempts = 0, leased_until = clock_timestamp() + make_interval(secs => $5)
       where tenant_id = $1 and lease = $2 and state = 'running' and leased_until > clock_timestamp()`,
      [tenantId, lease, at.recorded, at.resumeAt, leaseMs / 1_000]);
    return rowCount === 1;
  });
}

/** Gives the lease back: done, failed with a sentence, or waiting for whoever comes next. A team that is being removed stays so. */
export async function releaseDemoFill(db: Db, tenantId: string, lease: string, state: 'done' | 'failed' | 'waiting', failure: string | null = null): Promise<void> {
  await db.withTenant(tenantId, (tx) => tx.query(
    `update demo_fills set lease = null, leased_until = null, state = case state when 'stopping' then state else $3 end, failure = $4,
       finished_at = case $3 when 'waiting' then null else clock_timestamp() end
     where tenant_id = $1 and lease = $2`, [tenantId, lease, state, failure]));
}

/** Nobody takes the lease any more, and who holds it is told with the next word of progress. */
export async function stopDemoFill(db: Db, tenantId: string): Promise<void> {
  await db.withTenant(tenantId, (tx) => tx.query(`update demo_fills set state = 'stopping' where tenant_id = $1`, [tenantId]));
}

/** One that failed waits again. False when it did not fail. */
export async function restartDemoFill(db: Db, tenantId: string): Promise<boolean> {
  return await db.withTenant(tenantId, async (tx) => {
    const { rowCount } = await tx.query(`update demo_fills set state = 'waiting', attempts = 0, failure = null where tenant_id = $1 and state = 'failed'`, [tenantId]);
    return rowCount === 1;
  });
}

/** Teams whose history nobody writes at this moment, though it is not told to its end. */
export async function findDueDemoFills(db: Pick<Database, 'system'>): Promise<string[]> {
  const { rows } = await db.system.query<{ id: string }>(`
    select tenant_id as id from demo_fills where state in ('waiting', 'running') and (leased_until is null or leased_until <= clock_timestamp()) order by tenant_id`);
  return rows.map(({ id }) => id);
}

/** Teams whose history is not told to its end: what rules would say of the half of it is nonsense. */
export async function findUntoldDemoTeams(db: Pick<Database, 'system'>): Promise<Set<string>> {
  const { rows } = await db.system.query<{ id: string }>(`select tenant_id as id from demo_fills where state in ('waiting', 'running')`);
  return new Set(rows.map(({ id }) => id));
}

/** Demo teams that somebody removed and that are still there. */
export async function findRemovedDemoTeams(db: Pick<Database, 'system'>): Promise<string[]> {
  const { rows } = await db.system.query<{ id: string }>(`
    select e.erased_tenant_id as id from tenant_erasures e join tenants t on t.id = e.erased_tenant_id and t.demo
    where e.cancelled_at is null and e.erased_at is null and e.erase_after <= now() order by e.requested_at`);
  return rows.map(({ id }) => id);
}

/** Who set the team up: its first owner. Null when nobody owns it any more. */
export async function findDemoOwner(db: Db, tenantId: string): Promise<Person | null> {
  return await db.withTenant(tenantId, async (tx) => {
    const { rows } = await tx.query<Person>(
      `select u.id, u.name, u.email from members m join users u on u.id = m.user_id where m.tenant_id = $1 and m.role = 'owner' order by m.created_at, m.user_id limit 1`, [tenantId]);
    return rows[0] ?? null;
  });
}
