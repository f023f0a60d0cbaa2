-- Negotiated prices that wait for approval, re-pricing runs, and what heals the quarantine.
--
-- Why: a price that is more than ten times away from the one that holds needs a second look before it prices anything; history is priced
-- again by a run that previews, survives a crash and never overlaps another; unpriced rows are found without reading the whole ledger.
-- Locks: the index on usage_events locks each partition against inserts while it is built (about 0.2 s a million rows); stop the api of a
-- large ledger first. Everything else is new. Backfills nothing.

-- ------------------------------------------------------------------------------------------------ prices that wait
-- A proposal is no price: it stands here until somebody approves it, then its rows are inserted into the book.
CREATE TABLE price_proposals (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'approved', 'declined')),
  price jsonb NOT NULL,
  factor text NOT NULL,
  warning text NOT NULL,
  proposed_by uuid NOT NULL,
  proposed_by_name text NOT NULL,
  proposed_at timestamptz(3) NOT NULL,
  decided_by uuid,
  decided_by_name text,
  decided_at timestamptz(3),
  PRIMARY KEY (tenant_id, id)
);
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_by_name, decided_at) ON price_proposals TO outlay_app;

-- ------------------------------------------------------------------------------------------------ re-pricing
-- A run names its rows by a filter and a cut, and its prices by what was known at known_at, so that it does what its preview said,
-- however often it is interrupted. cursor is the last row that was walked; lease says who walks.
CREATE TABLE repricing_runs (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('manual', 'healing')),
  state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'running', 'done', 'failed', 'cancelled')),
  filter jsonb NOT NULL,
  reason text NOT NULL,
  cut text NOT NULL,
  known_at timestamptz(3) NOT NULL,
  starts_itself boolean NOT NULL DEFAULT false,
  preview jsonb,
  cursor uuid,
  seen bigint NOT NULL DEFAULT 0,
  corrected bigint NOT NULL DEFAULT 0,
  changed_meanwhile bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  before_pico numeric NOT NULL DEFAULT 0,
  after_pico numeric NOT NULL DEFAULT 0,
  error text,
  created_by uuid,
  created_by_name text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  started_at timestamptz(3),
  finished_at timestamptz(3),
  request_id text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  lease uuid,
  lease_until timestamptz(3),
  PRIMARY KEY (tenant_id, id)
);
-- Two runs never overlap on a row: of a team only one may run.
CREATE UNIQUE INDEX repricing_runs_running_key ON repricing_runs (tenant_id) WHERE state = 'running';
GRANT SELECT, INSERT, UPDATE ON repricing_runs TO outlay_app;

-- checked_mark is the price book (global, own, normaliser) under which the quarantine was last searched for rows that have a price by now.
CREATE TABLE repricing_settings (
  tenant_id uuid NOT NULL,
  heals boolean NOT NULL DEFAULT true,
  checked_mark text NOT NULL DEFAULT '',
  checked_at timestamptz(3),
  PRIMARY KEY (tenant_id)
);
GRANT SELECT, INSERT, UPDATE ON repricing_settings TO outlay_app;

-- The quarantine: rows without a price are few, and are looked for again and again.
CREATE INDEX usage_events_unpriced_idx ON usage_events (tenant_id, id) WHERE cost_basis = 'unpriced';

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['price_proposals', 'repricing_runs', 'repricing_settings']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format($policy$CREATE POLICY app_tenant ON %I TO outlay_app
      USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
      WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)$policy$, name);
    EXECUTE format($policy$CREATE POLICY eraser_tenant ON %I TO outlay_eraser
      USING (tenant_id = nullif(current_setting('app.erasing', true), '')::uuid)$policy$, name);
    EXECUTE format('GRANT SELECT, DELETE ON %I TO outlay_eraser', name);
  END LOOP;
END
$$;

-- ------------------------------------------------------------------------------------------------ looking before a tenant is known
GRANT SELECT (tenant_id, known_from) ON tenant_price_versions TO outlay_lookup;
GRANT SELECT (tenant_id, id, state, starts_itself, preview, lease_until) ON repricing_runs TO outlay_lookup;
CREATE POLICY lookup_all ON tenant_price_versions FOR SELECT TO outlay_lookup USING (true);
CREATE POLICY lookup_all ON repricing_runs FOR SELECT TO outlay_lookup USING (true);

GRANT CREATE ON SCHEMA public TO outlay_lookup, outlay_eraser;

-- Of these teams, those with prices of their own, and a mark that changes whenever one is added: a process asks whether its books are old.
CREATE FUNCTION lookup_price_marks(tenant_ids uuid[]) RETURNS TABLE (tenant_id uuid, mark text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
  SELECT v.tenant_id, count(*) || ' ' || max(v.known_from)::text FROM tenant_price_versions v WHERE v.tenant_id = ANY (tenant_ids) GROUP BY v.tenant_id
$$;
REVOKE ALL ON FUNCTION lookup_price_marks(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup_price_marks(uuid[]) TO outlay_app;
ALTER FUNCTION lookup_price_marks(uuid[]) OWNER TO outlay_lookup;

-- Runs that wait for a worker: without preview, about to start, or running without anybody who drives them.
CREATE FUNCTION due_repricing_runs() RETURNS TABLE (tenant_id uuid, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
  SELECT r.tenant_id, r.id FROM repricing_runs r
  WHERE (r.state = 'running' OR (r.state = 'planned' AND (r.preview IS NULL OR r.starts_itself))) AND (r.lease_until IS NULL OR r.lease_until < now())
  ORDER BY r.id
$$;
REVOKE ALL ON FUNCTION due_repricing_runs() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION due_repricing_runs() TO outlay_system;
ALTER FUNCTION due_repricing_runs() OWNER TO outlay_lookup;

-- The only erasure now asks the catalogue which tables hold a tenant's rows, so that a later table cannot be forgotten here. By name: rates
-- stand before the versions that they belong to.
SET LOCAL ROLE outlay_eraser;
CREATE OR REPLACE FUNCTION erase_tenant(erased_tenant_id uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
  name text;
BEGIN
  PERFORM set_config('app.erasing', erased_tenant_id::text, true);
  FOR name IN SELECT tablename FROM pg_policies WHERE schemaname = 'public' AND policyname = 'eraser_tenant' AND tablename <> 'tenants' ORDER BY tablename
  LOOP
    EXECUTE format('DELETE FROM public.%I WHERE tenant_id = $1', name) USING erased_tenant_id;
  END LOOP;
  DELETE FROM public.tenants WHERE id = erased_tenant_id;
  PERFORM set_config('app.erasing', '', true);
END
$$;
RESET ROLE;

REVOKE CREATE ON SCHEMA public FROM outlay_lookup, outlay_eraser;
