-- What users, features and keys used, for teams that cap them: no rollup knows these, because most teams do not and would pay for it with every event.
--
-- Why: a cap on each user must know in a millisecond what that user spent this month.
-- Locks: none. Backfills nothing: a scope is filled by a job, once somebody caps it.

-- From its cut on, writers count a scope; what stands at or below it is added by a job, once.
CREATE TABLE cap_scopes (
  tenant_id uuid NOT NULL,
  scope text NOT NULL CHECK (scope IN ('user', 'feature', 'key')),
  -- As formatCut writes it.
  cut text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  -- Null: the rows of the cut are not in it yet, and the scope is summed from the ledger.
  filled_at timestamptz(3),
  PRIMARY KEY (tenant_id, scope)
);

-- As the rollups are: by quarters of an hour, one row set a slot, so that writers never wait for each other. Slot -1 is the job's.
CREATE TABLE cap_usage (
  tenant_id uuid NOT NULL,
  scope text NOT NULL,
  subject text NOT NULL,
  bucket timestamptz NOT NULL,
  slot smallint NOT NULL,
  ceiling_pico bigint NOT NULL DEFAULT 0,
  tokens bigint NOT NULL DEFAULT 0,
  calls bigint NOT NULL DEFAULT 0,
  units numeric NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, scope, subject, bucket, slot)
) WITH (fillfactor = 50);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['cap_scopes', 'cap_usage']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format($policy$CREATE POLICY app_tenant ON %I TO outlay_app
      USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
      WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)$policy$, name);
    EXECUTE format($policy$CREATE POLICY writer_tenants ON %I TO outlay_writer
      USING (tenant_id = ANY ((SELECT current_setting('app.tenant_ids', true)::uuid[])::uuid[]))
      WITH CHECK (tenant_id = ANY ((SELECT current_setting('app.tenant_ids', true)::uuid[])::uuid[]))$policy$, name);
    EXECUTE format($policy$CREATE POLICY eraser_tenant ON %I TO outlay_eraser USING (tenant_id = nullif(current_setting('app.erasing', true), '')::uuid)$policy$, name);
    EXECUTE format('GRANT SELECT, DELETE ON %I TO outlay_eraser', name);
  END LOOP;
END $$;

GRANT SELECT, INSERT ON cap_scopes TO outlay_app;
GRANT UPDATE (filled_at) ON cap_scopes TO outlay_app;
GRANT SELECT ON cap_scopes TO outlay_writer;
GRANT SELECT, INSERT, UPDATE ON cap_usage TO outlay_app, outlay_writer;
-- Due work of all teams, and no more of it.
CREATE POLICY system_due ON cap_scopes FOR SELECT TO outlay_system USING (true);
GRANT SELECT (tenant_id, scope, filled_at) ON cap_scopes TO outlay_system;
