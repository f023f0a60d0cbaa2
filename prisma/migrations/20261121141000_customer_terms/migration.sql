-- Segment, time zone and anchor of a customer since when.
--
-- Why: they decide what an override gives and where a period begins. A usage event that comes late must meet those that held when it happened, else the same
-- period would be rated by two plans. `customers` keeps the present ones; this keeps them all.
-- Locks: tenants for a moment, to add a trigger. Backfills nothing: customers come with the same release.

CREATE TABLE customer_terms (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id text NOT NULL,
  segment text,
  -- Null: the team's.
  time_zone text,
  anchor_day date NOT NULL,
  effective_from timestamptz(3) NOT NULL,
  created_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX customer_terms_customer_idx ON customer_terms (tenant_id, customer_id, effective_from);

ALTER TABLE customer_terms ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer_terms FORCE ROW LEVEL SECURITY;
CREATE POLICY app_tenant ON customer_terms TO outlay_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY eraser_tenant ON customer_terms TO outlay_eraser USING (tenant_id = nullif(current_setting('app.erasing', true), '')::uuid);
GRANT SELECT, INSERT ON customer_terms TO outlay_app;
GRANT SELECT, DELETE ON customer_terms TO outlay_eraser;
CREATE TRIGGER tell_policy AFTER INSERT OR DELETE ON customer_terms FOR EACH ROW EXECUTE FUNCTION tell_policy_change('customer');

-- The team's zone is that of every customer without one of its own.
CREATE FUNCTION tell_zone_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM pg_notify('outlay_policy', NEW.id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER tell_zone AFTER UPDATE OF time_zone ON tenants FOR EACH ROW EXECUTE FUNCTION tell_zone_change();
