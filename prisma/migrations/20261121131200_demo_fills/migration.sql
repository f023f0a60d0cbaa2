-- How far a demo team's made-up history is, and who writes it: so that a crash leaves a team that goes on filling, and a removal finds nobody writing.
--
-- Why: demo data is made from the console by a job. The same seed, end and size give the same events, so whoever takes the job up after a crash writes
-- what is missing and nothing twice; and a team is erased only when nobody holds its lease any more, so that no row is written after the erasure.
-- Locks: none that anybody waits for. Backfills nothing.

CREATE TABLE demo_fills (
  tenant_id uuid PRIMARY KEY,
  -- Whoever made it in the console, and may remove it there; null for the team of "outlay seed".
  made_by uuid,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'stopping')),
  seed integer NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  events integer NOT NULL,
  recorded integer NOT NULL DEFAULT 0,
  -- Every event before this one, in the order of the story, is in the ledger.
  resume_at integer NOT NULL DEFAULT 0,
  lease uuid,
  -- Who drives it says so again and again: past this moment somebody else may.
  leased_until timestamptz(3),
  attempts integer NOT NULL DEFAULT 0,
  started_at timestamptz(3),
  finished_at timestamptz(3),
  failure text
);
ALTER TABLE demo_fills ENABLE ROW LEVEL SECURITY;
ALTER TABLE demo_fills FORCE ROW LEVEL SECURITY;
CREATE POLICY app_tenant ON demo_fills TO outlay_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY eraser_tenant ON demo_fills TO outlay_eraser USING (tenant_id = nullif(current_setting('app.erasing', true), '')::uuid);
-- Finds due work of all teams, and sees no more of it.
CREATE POLICY system_due ON demo_fills FOR SELECT TO outlay_system USING (true);
GRANT SELECT (tenant_id, made_by, state, leased_until) ON demo_fills TO outlay_system;
GRANT SELECT, INSERT ON demo_fills TO outlay_app;
GRANT UPDATE (state, recorded, resume_at, lease, leased_until, attempts, started_at, finished_at, failure) ON demo_fills TO outlay_app;
GRANT SELECT, DELETE ON demo_fills TO outlay_eraser;
