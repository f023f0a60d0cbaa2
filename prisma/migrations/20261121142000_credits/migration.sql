-- What booking credits needs besides its tables.
--
-- Why: the burn of a run is found by its run, a worker finds outcomes that nobody burned without reading the whole ledger, and whoever keeps balances in
-- memory hears of a grant.
-- Locks: tables that are empty until this version. Backfills nothing.

CREATE INDEX credit_postings_run_idx ON credit_postings (tenant_id, run_id) WHERE run_id IS NOT NULL;

-- When the cut of the mark was taken: rows above it were recorded two minutes before that or later.
ALTER TABLE credit_marks ADD COLUMN taken_at timestamptz(3) NOT NULL DEFAULT now();
GRANT UPDATE (taken_at) ON credit_marks TO outlay_app;

-- "tenant/customer" when a balance changed by anything but a burn: a burn is told by the process that books it, because a notification makes commits wait for each other.
CREATE FUNCTION tell_credit_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM pg_notify('outlay_credits', NEW.tenant_id || '/' || NEW.customer_id);
  RETURN NULL;
END $$;
CREATE TRIGGER tell_credits AFTER INSERT ON credit_postings FOR EACH ROW WHEN (NEW.kind <> 'burn') EXECUTE FUNCTION tell_credit_change();
