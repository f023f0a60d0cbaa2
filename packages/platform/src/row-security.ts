/** Walks the catalogue for holes in tenant isolation; `outlay doctor` and a test run it, so that a new table cannot forget. */
import type { ClientBase, Pool } from 'pg';
import { ROLES } from './roles';

/** Tables with a column `tenant_id` that belong to a person, not to a tenant. */
const GLOBAL_TABLES = ['sessions'];

/** The tables whose rows belong to a tenant. Partitions are not among them. */
export async function listTenantTables(client: Pool | ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select c.relname as name from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> all($1)
      and (c.relname = 'tenants' or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped))
    order by 1`, [GLOBAL_TABLES]);
  return rows.map((row) => row.name);
}

/** One sentence a hole; empty when there is none. */
export async function findRowSecurityFaults(client: Pool | ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ fault: string }>(FAULTS, [await listTenantTables(client), ROLES]);
  return rows.map((row) => row.fault);
}

const FAULTS = `
with tables as (
  select c.oid, c.relname, c.relkind, c.relispartition, c.relrowsecurity, c.relforcerowsecurity, c.relowner, c.relacl, c.relname = any($1::text[]) as of_tenant
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
)
select format('table %s has no forced row level security', relname) as fault from tables where (of_tenant or relispartition) and not (relrowsecurity and relforcerowsecurity)
union all select format('table %s has no policy for outlay_app', relname) from tables t where of_tenant and not exists (
  select from pg_policies p where p.schemaname = 'public' and p.tablename = t.relname and 'outlay_app' = any(p.roles))
union all select format('policy %s of table %s is for everybody', policyname, tablename) from pg_policies where schemaname = 'public' and 'public' = any(roles)
union all select format('table %s does not belong to outlay_owner', relname) from tables where relowner <> 'outlay_owner'::regrole
union all select format('table %s has grants to everybody', relname) from tables where exists (select from aclexplode(relacl) g where g.grantee = 0)
union all select format('partition %s has grants of its own, which bypass its parent''s policies', relname) from tables
  where relispartition and exists (select from aclexplode(relacl) g where g.grantee <> relowner)
union all select format('outlay_app may not use table %s', relname) from tables where of_tenant and not has_table_privilege('outlay_app', oid, 'SELECT')
union all select format('function %s runs as its owner without a fixed search_path', p.oid::regprocedure) from pg_proc p
  where p.pronamespace = 'public'::regnamespace and p.prosecdef and not exists (select from unnest(p.proconfig) c where c like 'search_path=%')
union all select format('function %s runs as its owner for everybody', p.oid::regprocedure) from pg_proc p
  where p.pronamespace = 'public'::regnamespace and p.prosecdef and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g where g.grantee = 0)
union all select format('role %s may bypass row level security', rolname) from pg_roles where rolname = any($2::text[]) and (rolsuper or rolbypassrls)
order by 1`;
