/**
 * The whole schema as text, from the catalogue: what a review sees of a migration's net effect, and what a test compares. The
 * same database always prints the same text; partitions are summed up, so that a new month changes nothing.
 */
import type { ClientBase, Pool } from 'pg';

const HEADER = `-- The schema after all migrations, printed from the catalogue by printSchema. Do not edit: add a migration, then run
-- node_modules/.bin/vitest run --config .config/vitest.config.ts packages/platform/src/migrate -u
`;

/** Prints schema public of the connected database. Any role may run it. */
export async function printSchema(pool: Pool | ClientBase): Promise<string> {
  const lines = async (sql: string): Promise<string[]> => {
    const { rows } = await pool.query<{ line: string }>(sql);
    return rows.map((row) => row.line);
  };
  const tables = await pool.query<{ oid: number; name: string; head: string; body: string[]; after: string[] }>(TABLES);
  const parts = [
    HEADER,
    ...(await lines(SCHEMA_GRANTS)), '',
    ...tables.rows.flatMap(({ head, body, after }) => [`${head} (`, body.map((line) => `  ${line}`).join(',\n'), ');', ...after, '']),
    ...(await lines(FUNCTIONS)),
  ];
  return `${parts.join('\n').trimEnd()}\n`;
}

/** Grants of an acl to others than the owner: `GRANT SELECT, INSERT ON what TO whom;` */
function grants(acl: string, owner: string, what: string): string {
  return `(select array_agg(format('GRANT %s ON %s TO %s;', privileges, ${what}, grantee) order by grantee) from (
      select case when g.grantee = 0 then 'PUBLIC' else g.grantee::regrole::text end as grantee,
        string_agg(g.privilege_type || case when g.is_grantable then ' WITH GRANT OPTION' else '' end, ', ' order by g.privilege_type) as privileges
      from aclexplode(${acl}) g where g.grantee <> ${owner} group by 1) by_grantee)`;
}

const SCHEMA_GRANTS = `select unnest(${grants('nspacl', 'nspowner', `'SCHEMA ' || nspname`)}) as line from pg_namespace where nspname = 'public'`;

// MAINTAIN exists since Postgres 17 and NOT NULL constraints as rows since 18: both left out, so that 15 prints the same.
const TABLES = `
select c.oid::int, c.relname as name,
  format('CREATE TABLE %I', c.relname) as head,
  (select array_agg(line order by kind, n, line) from (
    select 1 as kind, a.attnum as n, format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
      case a.attgenerated when 's' then format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(d.adbin, d.adrelid)) else '' end,
      case when a.attnotnull then ' NOT NULL' else '' end,
      case when d.adbin is not null and a.attgenerated = '' then ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) else '' end) as line
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    union all
    select 2, 0, format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) from pg_constraint where conrelid = c.oid and contype in ('p', 'u', 'f', 'c', 'x')
  ) items) as body,
  array_remove(array[
    case when c.relkind = 'p' then format('-- PARTITION BY %s', pg_get_partkeydef(c.oid)) end,
    case when c.reloptions is not null then format('-- WITH (%s)', array_to_string(c.reloptions, ', ')) end,
    case when c.relowner <> 'outlay_owner'::regrole then format('-- OWNER %s', c.relowner::regrole) end,
    case when c.relrowsecurity then format('-- row level security%s', case when c.relforcerowsecurity then ', forced' else '' end) end
  ], null)
  || (select coalesce(array_agg(pg_get_indexdef(i.indexrelid) || ';' order by i.indexrelid::regclass::text), '{}') from pg_index i
      where i.indrelid = c.oid and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = c.oid))
  || (select coalesce(array_agg(format('CREATE POLICY %I ON %I FOR %s TO %s%s%s;', p.policyname, c.relname, p.cmd, array_to_string(p.roles, ', '),
        coalesce(' USING (' || p.qual || ')', ''), coalesce(' WITH CHECK (' || p.with_check || ')', '')) order by p.policyname), '{}')
      from pg_policies p where p.schemaname = 'public' and p.tablename = c.relname)
  || (select coalesce(array_agg(pg_get_triggerdef(t.oid) || ';' order by t.tgname), '{}') from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal)
  || coalesce(${grants('c.relacl', 'c.relowner', 'quote_ident(c.relname)')}, '{}')
  || (select coalesce(array_agg(line order by line), '{}') from (
      select format('GRANT %s (%s) ON %I TO %s;', g.privilege_type, string_agg(quote_ident(a.attname), ', ' order by a.attnum), c.relname, g.grantee::regrole) as line
      from pg_attribute a cross join lateral aclexplode(a.attacl) g where a.attrelid = c.oid group by g.privilege_type, g.grantee) column_grants)
  || (select coalesce(array_agg(line order by line), '{}') from (
      -- Month partitions come with time, so their number is not the schema's.
      select distinct format('-- partitions %s: %s%s%s', regexp_replace(regexp_replace(p.relname, '[0-9]{6}$', 'YYYYMM'), 'f[0-9a-f]$', 'f[0-9a-f]'),
        case when p.relrowsecurity and p.relforcerowsecurity then 'row level security forced' else 'NO FORCED ROW LEVEL SECURITY' end,
        case when exists (select from aclexplode(p.relacl) g where g.grantee <> p.relowner) then ', WITH GRANTS OF THEIR OWN' else ', no grants' end,
        coalesce((select ', triggers ' || string_agg(t.tgname, ' ' order by t.tgname) from pg_trigger t where t.tgrelid = p.oid and not t.tgisinternal), '')) as line
      from pg_inherits h join pg_class p on p.oid = h.inhrelid where h.inhparent = c.oid) partitions)
  as after
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition and c.relname <> '_prisma_migrations'
order by c.relname`;

const FUNCTIONS = `
select trim(trailing E'\n' from pg_get_functiondef(p.oid)) || ';' || coalesce(E'\n' || nullif(array_to_string(
    array_remove(array[case when p.proowner <> 'outlay_owner'::regrole then format('-- OWNER %s', p.proowner::regrole) end], null)
    || coalesce(${grants(`coalesce(p.proacl, acldefault('f', p.proowner))`, 'p.proowner', `'FUNCTION ' || p.oid::regprocedure`)}, '{}'), E'\n'), ''), '') || E'\n' as line
from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prokind in ('f', 'p') order by p.oid::regprocedure::text`;
