-- Plans, customers, caps, credits, and what the gate holds and decided.
--
-- Why: what a customer may use must hold from the next call on, survive any process, and stay readable as it was when a call was made.
-- Locks: workflows for a moment, to add columns without a rewrite. Backfills nothing: customers appear on first sight.

-- The models that a workflow may use, in order, and what an SDK does when the gate cannot be reached.
ALTER TABLE workflows ADD COLUMN route jsonb NOT NULL DEFAULT '[]';
ALTER TABLE workflows ADD COLUMN on_gate_unavailable text NOT NULL DEFAULT 'allow' CHECK (on_gate_unavailable IN ('allow', 'deny', 'degrade'));
COMMENT ON COLUMN workflows.route IS '[{model, cheaper}] in order of preference; empty: the caller names the model.';

CREATE TABLE customers (
  tenant_id uuid NOT NULL,
  customer_id text NOT NULL CHECK (customer_id <> ''),
  name text NOT NULL DEFAULT '',
  segment text,
  -- Null: the team's.
  time_zone text,
  -- The local date on which the first billing period began.
  anchor_day date NOT NULL,
  suspended_at timestamptz(3),
  suspended_reason text,
  -- Until then the default risk block does not hold for this customer.
  risk_lifted_until timestamptz(3),
  source text NOT NULL CHECK (source IN ('api', 'console', 'first_sight', 'demo')),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, customer_id)
);

CREATE TABLE plans (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  key text NOT NULL,
  name text NOT NULL,
  words text NOT NULL DEFAULT '',
  is_default boolean NOT NULL DEFAULT false,
  draft jsonb,
  draft_saved_at timestamptz(3),
  draft_saved_by text,
  archived_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, key)
);
-- Customers on first sight come to one plan.
CREATE UNIQUE INDEX plans_default_idx ON plans (tenant_id) WHERE is_default;

-- Published once, never changed: no role may update what it says.
CREATE TABLE plan_versions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  plan_id uuid NOT NULL,
  number integer NOT NULL,
  definition jsonb NOT NULL,
  effective_from timestamptz(3) NOT NULL,
  -- What happened to the customers of the version before.
  migrates text NOT NULL CHECK (migrates IN ('now', 'renewal', 'grandfather')),
  note text NOT NULL DEFAULT '',
  published_at timestamptz(3) NOT NULL DEFAULT now(),
  published_by text NOT NULL,
  -- Only one that has not come into force can be taken back.
  withdrawn_at timestamptz(3),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, plan_id, number)
);

-- At time t the row with the greatest effective_from <= t holds, then the one made last.
CREATE TABLE plan_assignments (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id text NOT NULL,
  plan_version_id uuid NOT NULL,
  effective_from timestamptz(3) NOT NULL,
  reason text NOT NULL CHECK (reason IN ('first_sight', 'assigned', 'migrated', 'demo')),
  created_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
  created_by text NOT NULL,
  withdrawn_at timestamptz(3),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX plan_assignments_customer_idx ON plan_assignments (tenant_id, customer_id, effective_from);
CREATE INDEX plan_assignments_version_idx ON plan_assignments (tenant_id, plan_version_id);

-- A change to the plan for one segment or one customer: a merge patch of the definition, null where it ends. Effective-dated as assignments are.
CREATE TABLE plan_overrides (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  scope text NOT NULL CHECK (scope IN ('segment', 'customer')),
  subject text NOT NULL,
  patch jsonb,
  effective_from timestamptz(3) NOT NULL,
  note text NOT NULL DEFAULT '',
  created_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
  created_by text NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX plan_overrides_subject_idx ON plan_overrides (tenant_id, scope, subject, effective_from);

CREATE TABLE caps (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  scope text NOT NULL CHECK (scope IN ('tenant', 'environment', 'workflow', 'customer', 'user', 'feature', 'model', 'key')),
  -- Null: each one of the scope by itself; of scope tenant always.
  subject text,
  metric text NOT NULL CHECK (metric IN ('cost', 'units', 'tokens', 'calls', 'runs')),
  -- "runs" are counted while they are open: no window.
  window_kind text CHECK (window_kind IN ('day', 'week', 'month', 'period')),
  mode text NOT NULL CHECK (mode IN ('soft', 'degrade', 'hard')),
  -- Cost in pico-dollars, units as they are stated, else a count.
  limit_amount numeric NOT NULL CHECK (limit_amount >= 0),
  source text NOT NULL CHECK (source IN ('person', 'api', 'alert', 'demo')),
  -- A cap made by an alert ends by itself.
  expires_at timestamptz(3),
  disabled_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CHECK ((metric = 'runs') = (window_kind IS NULL)),
  CHECK (scope <> 'tenant' OR subject IS NULL)
);

-- One row a team: the risk block that is on by default. Absent: the defaults.
CREATE TABLE gate_settings (
  tenant_id uuid PRIMARY KEY,
  risk_enabled boolean NOT NULL DEFAULT true,
  risk_floor_pico bigint NOT NULL DEFAULT 50000000000000 CHECK (risk_floor_pico > 0),
  risk_factor numeric NOT NULL DEFAULT 20 CHECK (risk_factor >= 1),
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);

-- Prepaid credits. A posting is one event with its idempotency; its entries sum to zero.
CREATE TABLE credit_lots (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('grant', 'top_up', 'promotion', 'rollover', 'returned')),
  priority integer NOT NULL DEFAULT 0,
  remaining numeric NOT NULL DEFAULT 0 CHECK (remaining >= 0),
  expires_at timestamptz(3),
  -- Null: the rest is lost at expiry; else for how many days it lives on in a new lot.
  rollover_days integer CHECK (rollover_days > 0),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  note text NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX credit_lots_customer_idx ON credit_lots (tenant_id, customer_id);
CREATE INDEX credit_lots_expiry_idx ON credit_lots (expires_at) WHERE expires_at IS NOT NULL AND remaining > 0;

CREATE TABLE credit_postings (
  tenant_id uuid NOT NULL,
  -- Derived from what it books, so that the same thing books once.
  id uuid NOT NULL,
  customer_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('grant', 'top_up', 'promotion', 'burn', 'return', 'expiry', 'rollover', 'settlement')),
  run_id uuid,
  at timestamptz(3) NOT NULL,
  note text NOT NULL DEFAULT '',
  created_by text NOT NULL,
  created_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX credit_postings_customer_idx ON credit_postings (tenant_id, customer_id, at, id);

CREATE TABLE credit_entries (
  tenant_id uuid NOT NULL,
  posting_id uuid NOT NULL,
  line smallint NOT NULL,
  customer_id text NOT NULL,
  account text NOT NULL CHECK (account IN ('lot', 'granted', 'burned', 'expired', 'overdraft')),
  lot_id uuid,
  amount numeric NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (tenant_id, posting_id, line),
  CHECK ((account = 'lot') = (lot_id IS NOT NULL))
);
CREATE INDEX credit_entries_customer_idx ON credit_entries (tenant_id, customer_id);

-- What lots could not cover; paid by the next grant.
CREATE TABLE credit_overdrafts (
  tenant_id uuid NOT NULL,
  customer_id text NOT NULL,
  balance numeric NOT NULL DEFAULT 0 CHECK (balance <= 0),
  PRIMARY KEY (tenant_id, customer_id)
);

-- Both balances change with an entry and by nothing else.
CREATE FUNCTION book_credit_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  IF NEW.account = 'lot' THEN
    UPDATE public.credit_lots SET remaining = remaining + NEW.amount WHERE tenant_id = NEW.tenant_id AND id = NEW.lot_id AND customer_id = NEW.customer_id;
    IF NOT FOUND THEN RAISE EXCEPTION 'There is no lot % of this customer.', NEW.lot_id USING ERRCODE = 'foreign_key_violation'; END IF;
  ELSIF NEW.account = 'overdraft' THEN
    INSERT INTO public.credit_overdrafts AS o (tenant_id, customer_id, balance) VALUES (NEW.tenant_id, NEW.customer_id, NEW.amount)
    ON CONFLICT (tenant_id, customer_id) DO UPDATE SET balance = o.balance + excluded.balance;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION book_credit_entry() FROM PUBLIC;
CREATE TRIGGER book_entry AFTER INSERT ON credit_entries FOR EACH ROW EXECUTE FUNCTION book_credit_entry();

CREATE FUNCTION assert_posting_balances() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  IF (SELECT sum(amount) FROM public.credit_entries WHERE tenant_id = NEW.tenant_id AND posting_id = NEW.posting_id) <> 0 THEN
    RAISE EXCEPTION 'The entries of posting % do not sum to zero.', NEW.posting_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER posting_balances AFTER INSERT ON credit_entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION assert_posting_balances();

-- How far each writer slot's outcomes are burned, by team.
CREATE TABLE credit_marks (
  tenant_id uuid NOT NULL,
  slot smallint NOT NULL,
  batch bigint NOT NULL,
  PRIMARY KEY (tenant_id, slot)
);

-- What an allowed run may still spend. What was reserved never changes but by an extension; what remains is computed from the ledger.
CREATE TABLE holds (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  run_ref text,
  environment text NOT NULL,
  api_key_id uuid,
  customer_id text NOT NULL DEFAULT '',
  user_id text,
  workflow text NOT NULL DEFAULT '',
  feature text,
  begun_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  bounded boolean NOT NULL,
  -- By metric, in the gate's whole numbers.
  amounts jsonb NOT NULL,
  -- [{key, metric, amount}]: the counters it counts in.
  reserves jsonb NOT NULL,
  -- SHA-256 of what was asked: the same run asked otherwise is a conflict.
  request_hash bytea NOT NULL,
  answer jsonb NOT NULL,
  plan_version_id uuid,
  snapshot_hash bytea,
  ended_at timestamptz(3),
  end_reason text CHECK (end_reason IN ('finished', 'released', 'expired', 'freed')),
  PRIMARY KEY (tenant_id, run_id),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX holds_open_idx ON holds (tenant_id, expires_at) WHERE ended_at IS NULL;

-- Every begin: what was asked, what the gate saw, what it said. Append-only.
CREATE TABLE decisions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  run_id uuid NOT NULL,
  run_ref text,
  kind text NOT NULL CHECK (kind IN ('begin', 'extend')),
  at timestamptz(3) NOT NULL,
  request_id text NOT NULL,
  environment text NOT NULL,
  api_key_id uuid,
  customer_id text NOT NULL DEFAULT '',
  user_id text,
  workflow text NOT NULL DEFAULT '',
  verdict text NOT NULL CHECK (verdict IN ('allow', 'warn', 'degrade', 'deny')),
  reason text,
  blocked_by text,
  rule_version integer NOT NULL,
  snapshot_hash bytea,
  -- {request, counters, rates}: all that the rule looked at.
  input jsonb NOT NULL,
  answer jsonb NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX decisions_run_idx ON decisions (tenant_id, run_id);
CREATE INDEX decisions_request_idx ON decisions (tenant_id, request_id);
CREATE INDEX decisions_stopped_idx ON decisions (tenant_id, id) WHERE verdict <> 'allow';
CREATE INDEX decisions_customer_idx ON decisions (tenant_id, customer_id, id);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['customers', 'plans', 'plan_versions', 'plan_assignments', 'plan_overrides', 'caps', 'gate_settings',
    'credit_lots', 'credit_postings', 'credit_entries', 'credit_overdrafts', 'credit_marks', 'holds', 'decisions']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format($policy$CREATE POLICY app_tenant ON %I TO outlay_app
      USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
      WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)$policy$, name);
    EXECUTE format($policy$CREATE POLICY eraser_tenant ON %I TO outlay_eraser USING (tenant_id = nullif(current_setting('app.erasing', true), '')::uuid)$policy$, name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO outlay_app', name);
    EXECUTE format('GRANT SELECT, DELETE ON %I TO outlay_eraser', name);
  END LOOP;
END $$;

-- The trigger's function runs as the owner, whom forced row level security binds: it may change balances of the tenant in question, and nothing else.
CREATE POLICY book_tenant ON credit_lots TO outlay_owner
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY book_tenant ON credit_overdrafts TO outlay_owner
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

GRANT UPDATE (name, segment, time_zone, anchor_day, suspended_at, suspended_reason, risk_lifted_until) ON customers TO outlay_app;
GRANT UPDATE (key, name, words, is_default, draft, draft_saved_at, draft_saved_by, archived_at) ON plans TO outlay_app;
GRANT UPDATE (withdrawn_at) ON plan_versions TO outlay_app;
GRANT UPDATE (withdrawn_at) ON plan_assignments TO outlay_app;
GRANT UPDATE (name, scope, subject, metric, window_kind, mode, limit_amount, expires_at, disabled_at, updated_at), DELETE ON caps TO outlay_app;
GRANT UPDATE (risk_enabled, risk_floor_pico, risk_factor, updated_at) ON gate_settings TO outlay_app;
REVOKE INSERT ON credit_lots, credit_overdrafts FROM outlay_app;
-- A lot begins empty: only an entry fills it.
GRANT INSERT (tenant_id, id, customer_id, kind, priority, expires_at, rollover_days, created_at, note) ON credit_lots TO outlay_app;
GRANT UPDATE (batch) ON credit_marks TO outlay_app;
GRANT UPDATE (expires_at, bounded, amounts, reserves, answer, ended_at, end_reason) ON holds TO outlay_app;
-- Due work of all teams, and no more of it.
CREATE POLICY system_due ON credit_lots FOR SELECT TO outlay_system USING (true);
GRANT SELECT (tenant_id, customer_id, id, expires_at, remaining) ON credit_lots TO outlay_system;
CREATE POLICY system_due ON holds FOR SELECT TO outlay_system USING (true);
GRANT SELECT (tenant_id, run_id, expires_at, ended_at) ON holds TO outlay_system;

-- Whoever keeps a team's policy in memory hears that it changed: "tenant", or "tenant/customer" where only one customer's did.
CREATE FUNCTION tell_policy_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  tenant uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
  customer text := '';
BEGIN
  IF TG_ARGV[0] = 'customer' THEN
    customer := '/' || CASE WHEN TG_OP = 'DELETE' THEN OLD.customer_id ELSE NEW.customer_id END;
  END IF;
  PERFORM pg_notify('outlay_policy', tenant || customer);
  RETURN NULL;
END $$;
CREATE TRIGGER tell_policy AFTER INSERT OR UPDATE OR DELETE ON plans FOR EACH ROW EXECUTE FUNCTION tell_policy_change();
CREATE TRIGGER tell_policy AFTER INSERT OR UPDATE OR DELETE ON plan_versions FOR EACH ROW EXECUTE FUNCTION tell_policy_change();
CREATE TRIGGER tell_policy AFTER INSERT OR UPDATE OR DELETE ON plan_overrides FOR EACH ROW EXECUTE FUNCTION tell_policy_change();
CREATE TRIGGER tell_policy AFTER INSERT OR UPDATE OR DELETE ON caps FOR EACH ROW EXECUTE FUNCTION tell_policy_change();
CREATE TRIGGER tell_policy AFTER INSERT OR UPDATE OR DELETE ON gate_settings FOR EACH ROW EXECUTE FUNCTION tell_policy_change();
CREATE TRIGGER tell_policy AFTER INSERT OR UPDATE OR DELETE ON workflows FOR EACH ROW EXECUTE FUNCTION tell_policy_change();
CREATE TRIGGER tell_policy AFTER INSERT OR UPDATE OR DELETE ON customers FOR EACH ROW EXECUTE FUNCTION tell_policy_change('customer');
CREATE TRIGGER tell_policy AFTER INSERT OR UPDATE OR DELETE ON plan_assignments FOR EACH ROW EXECUTE FUNCTION tell_policy_change('customer');
