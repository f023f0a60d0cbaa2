-- The spine: tenancy, prices and the ledger.
--
-- Why one migration: this is the first release; nothing older exists to be moved.
-- Locks: none that matter, every object is new. Runs as outlay_owner in one transaction.
-- Roles (outlay_app, outlay_writer, outlay_system, outlay_lookup, outlay_eraser) are made before, by the provisioning step,
-- because roles belong to the cluster and not to the database. Rules of this SQL: prisma/README.md.

-- ------------------------------------------------------------------------------------------------ who may look around
GRANT USAGE ON SCHEMA public TO outlay_app, outlay_writer, outlay_system, outlay_lookup, outlay_eraser;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- ------------------------------------------------------------------------------------------------ people (global)
CREATE TABLE users (
  id uuid PRIMARY KEY,
  email text NOT NULL,
  name text NOT NULL,
  password_hash text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email_key ON users (email);
ALTER TABLE users ADD CONSTRAINT users_email_lower CHECK (email = lower(email));

-- The primary key is the SHA-256 of the session id in hex: a leaked table opens no session.
CREATE TABLE sessions (
  id text PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  tenant_id uuid,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  last_seen_at timestamptz(3) NOT NULL DEFAULT now(),
  ip text NOT NULL DEFAULT '',
  user_agent text NOT NULL DEFAULT ''
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

CREATE TABLE password_resets (
  token_hash text PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3)
);
CREATE INDEX password_resets_user_id_idx ON password_resets (user_id);

-- Letters are written with the change that causes them and sent by a job, so that neither is lost without the other.
CREATE TABLE mail_outbox (
  id uuid PRIMARY KEY,
  recipient text NOT NULL,
  subject text NOT NULL,
  html text NOT NULL,
  text text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  next_attempt_at timestamptz(3) NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0,
  last_error text,
  sent_at timestamptz(3)
);
CREATE INDEX mail_outbox_due_idx ON mail_outbox (next_attempt_at);
CREATE INDEX mail_outbox_created_at_idx ON mail_outbox (created_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON users, sessions, password_resets, mail_outbox TO outlay_app;
GRANT SELECT ON sessions TO outlay_lookup;

-- ------------------------------------------------------------------------------------------------ tenancy
CREATE TABLE tenants (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  time_zone text NOT NULL DEFAULT 'UTC',
  late_window_days integer NOT NULL DEFAULT 7,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE members (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'finance', 'developer', 'viewer')),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX members_user_id_idx ON members (user_id);

CREATE TABLE invitations (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  email text NOT NULL,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'finance', 'developer', 'viewer')),
  token_hash text NOT NULL,
  invited_by uuid NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  accepted_at timestamptz(3),
  revoked_at timestamptz(3),
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX invitations_token_hash_key ON invitations (token_hash);

CREATE TABLE api_keys (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL,
  environment text NOT NULL,
  abilities text[] NOT NULL,
  key_hash text NOT NULL,
  prefix text NOT NULL,
  created_by uuid NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3),
  revoked_at timestamptz(3),
  last_used_at timestamptz(3),
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX api_keys_key_hash_key ON api_keys (key_hash);

CREATE TABLE audit_log (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  at timestamptz(3) NOT NULL DEFAULT now(),
  actor_id uuid,
  actor text NOT NULL,
  action text NOT NULL,
  subject_type text NOT NULL,
  subject_id text NOT NULL,
  before jsonb,
  after jsonb,
  request_id text NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_log_action_idx ON audit_log (tenant_id, action, id);

GRANT SELECT, INSERT, UPDATE ON tenants TO outlay_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON members, invitations, api_keys TO outlay_app;
GRANT SELECT, INSERT ON audit_log TO outlay_app;
GRANT SELECT (id, name, time_zone, late_window_days) ON tenants TO outlay_lookup, outlay_system;
GRANT SELECT (id, time_zone) ON tenants TO outlay_writer;
GRANT SELECT ON api_keys, members, invitations TO outlay_lookup;

-- ------------------------------------------------------------------------------------------------ prices
CREATE TABLE price_versions (
  id uuid PRIMARY KEY,
  provider text NOT NULL,
  model text NOT NULL,
  model_match jsonb NOT NULL,
  tier text NOT NULL DEFAULT 'standard',
  region text NOT NULL DEFAULT '',
  context_from bigint NOT NULL DEFAULT 0,
  effective_from timestamptz(3) NOT NULL,
  known_from timestamptz(3) NOT NULL,
  withdrawn boolean NOT NULL DEFAULT false,
  source text NOT NULL,
  source_version text NOT NULL,
  version text NOT NULL
);
CREATE INDEX price_versions_model_idx ON price_versions (provider, model);

CREATE TABLE price_rates (
  price_version_id uuid NOT NULL REFERENCES price_versions (id) ON DELETE CASCADE,
  class text NOT NULL,
  price numeric NOT NULL CHECK (price >= 0),
  per bigint NOT NULL CHECK (per > 0),
  PRIMARY KEY (price_version_id, class)
);

CREATE TABLE tenant_price_versions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  provider text NOT NULL,
  model text NOT NULL,
  model_match jsonb NOT NULL,
  tier text NOT NULL DEFAULT 'standard',
  region text NOT NULL DEFAULT '',
  context_from bigint NOT NULL DEFAULT 0,
  effective_from timestamptz(3) NOT NULL,
  known_from timestamptz(3) NOT NULL,
  withdrawn boolean NOT NULL DEFAULT false,
  source text NOT NULL,
  source_version text NOT NULL,
  version text NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE tenant_price_rates (
  tenant_id uuid NOT NULL,
  price_version_id uuid NOT NULL,
  class text NOT NULL,
  price numeric NOT NULL CHECK (price >= 0),
  per bigint NOT NULL CHECK (per > 0),
  PRIMARY KEY (tenant_id, price_version_id, class),
  FOREIGN KEY (tenant_id, price_version_id) REFERENCES tenant_price_versions (tenant_id, id) ON DELETE CASCADE
);

-- Rows are never edited: the book answers "what did we believe then" only if nobody can change what was written.
GRANT SELECT, INSERT ON price_versions, price_rates, tenant_price_versions, tenant_price_rates TO outlay_app;
GRANT SELECT ON price_versions, price_rates TO outlay_writer, outlay_system;

-- ------------------------------------------------------------------------------------------------ the ledger
-- Partitioned by id, a month a partition (a UUIDv7 carries its time), so that the primary key is global and the same event
-- sent again with another time cannot slip in. Ids made from a caller's own key stand in the sixteen f partitions.
CREATE TABLE usage_events (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  part smallint NOT NULL DEFAULT 0,
  sign smallint NOT NULL DEFAULT 1,
  corrects uuid,
  revision integer NOT NULL DEFAULT 0,
  input_hash bytea NOT NULL,
  run_id uuid,
  run_ref text,
  attempt integer,
  attempt_kind text,
  request_id text,
  provider_request_id text,
  occurred_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(6) NOT NULL,
  late boolean NOT NULL DEFAULT false,
  writer_slot smallint NOT NULL,
  batch bigint NOT NULL,
  environment text NOT NULL,
  api_key_id uuid,
  customer_id text,
  user_id text,
  workflow text,
  feature text,
  tags jsonb,
  prompt_version text,
  policy_version text,
  app_version text,
  provider text,
  api text,
  provider_account text,
  model_requested text,
  model_served text,
  service_tier_requested text,
  service_tier_served text,
  region text,
  source text NOT NULL,
  status text NOT NULL,
  error_class text,
  outcome text,
  latency_ms integer,
  ttft_ms integer,
  input_uncached integer NOT NULL DEFAULT 0,
  cache_read integer NOT NULL DEFAULT 0,
  cache_write_5m integer NOT NULL DEFAULT 0,
  cache_write_30m integer NOT NULL DEFAULT 0,
  cache_write_1h integer NOT NULL DEFAULT 0,
  cache_write_12h integer NOT NULL DEFAULT 0,
  cache_write_other integer NOT NULL DEFAULT 0,
  input_audio integer NOT NULL DEFAULT 0,
  cache_read_audio integer NOT NULL DEFAULT 0,
  input_image integer NOT NULL DEFAULT 0,
  cache_read_image integer NOT NULL DEFAULT 0,
  input_video integer NOT NULL DEFAULT 0,
  output_text integer NOT NULL DEFAULT 0,
  output_reasoning integer NOT NULL DEFAULT 0,
  output_audio integer NOT NULL DEFAULT 0,
  output_image integer NOT NULL DEFAULT 0,
  extras jsonb,
  raw_usage jsonb,
  normaliser_version smallint NOT NULL DEFAULT 0,
  cost_pico bigint,
  ceiling_pico bigint NOT NULL DEFAULT 0,
  provider_cost_pico bigint,
  cost_basis text NOT NULL,
  price_version_id uuid,
  snapshot_hash bytea,
  plan_version_id uuid,
  active_price_id text,
  units numeric,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT usage_events_kind CHECK (kind IN ('usage', 'outcome', 'reversal', 'restatement')),
  CONSTRAINT usage_events_sign CHECK (sign = CASE kind WHEN 'reversal' THEN -1 ELSE 1 END),
  CONSTRAINT usage_events_basis CHECK (cost_basis IN ('priced', 'unpriced', 'estimated', 'provider_reported')),
  CONSTRAINT usage_events_unpriced CHECK ((cost_basis = 'unpriced') = (cost_pico IS NULL)),
  CONSTRAINT usage_events_outcome CHECK ((subject = 'outcome') = (outcome IS NOT NULL))
) PARTITION BY RANGE (id);
CREATE INDEX usage_events_occurred_at_idx ON usage_events (tenant_id, occurred_at, id);
CREATE INDEX usage_events_customer_idx ON usage_events (tenant_id, customer_id, occurred_at);
CREATE INDEX usage_events_run_idx ON usage_events (tenant_id, run_id);
CREATE INDEX usage_events_request_idx ON usage_events (tenant_id, request_id);
CREATE INDEX usage_events_corrects_idx ON usage_events (tenant_id, corrects) WHERE corrects IS NOT NULL;
CREATE INDEX usage_events_recorded_at_idx ON usage_events USING brin (recorded_at);

-- What a call was made under: the caller's entitlement and caps, stored once by content hash.
CREATE TABLE snapshots (
  tenant_id uuid NOT NULL,
  hash bytea NOT NULL,
  body jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, hash)
);

CREATE TABLE workflows (
  tenant_id uuid NOT NULL,
  name text NOT NULL,
  unit_name text NOT NULL DEFAULT 'run',
  target_cost_pico bigint,
  time_to_live_ms bigint NOT NULL DEFAULT 86400000,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, name)
);

-- A projection of the ledger, upserted in the statement that inserts the events. prev_* are copies of the locked row made by
-- DO UPDATE itself: how a run moves between rollup cells is computed from RETURNING alone.
-- label_key orders who may name the run: its outcome row before its calls, the lowest call id before later ones.
CREATE TABLE runs (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  run_ref text,
  label_key text COLLATE "C" NOT NULL,
  environment text NOT NULL,
  customer_id text NOT NULL,
  workflow text NOT NULL,
  plan_version_id uuid,
  cost_pico bigint NOT NULL,
  ceiling_pico bigint NOT NULL,
  calls integer NOT NULL,
  retries integer NOT NULL,
  unpriced integer NOT NULL,
  outcome_revision integer NOT NULL,
  outcome text,
  outcome_at timestamptz(3),
  units numeric,
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  open_until timestamptz(3) NOT NULL,
  prev_environment text,
  prev_customer_id text,
  prev_workflow text,
  prev_plan_version_id uuid,
  prev_cost_pico bigint,
  prev_outcome text,
  prev_outcome_at timestamptz(3),
  prev_units numeric,
  PRIMARY KEY (tenant_id, run_id)
) WITH (fillfactor = 70);
CREATE INDEX runs_last_at_idx ON runs (tenant_id, last_at);

-- A writer connection holds a slot by an advisory lock and numbers its batches: {slot: batch} names a final set of rows.
CREATE TABLE writer_slots (
  slot smallint PRIMARY KEY CHECK (slot BETWEEN 0 AND 63),
  batch bigint NOT NULL,
  written_at timestamptz(3) NOT NULL DEFAULT now()
) WITH (fillfactor = 10);

CREATE TABLE usage_rollup (
  tenant_id uuid NOT NULL,
  slot smallint NOT NULL,
  bucket timestamptz(3) NOT NULL,
  environment text NOT NULL,
  workflow text NOT NULL,
  provider text NOT NULL,
  model text NOT NULL,
  calls bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  retries bigint NOT NULL DEFAULT 0,
  fallbacks bigint NOT NULL DEFAULT 0,
  untagged bigint NOT NULL DEFAULT 0,
  input_uncached bigint NOT NULL DEFAULT 0,
  cache_read bigint NOT NULL DEFAULT 0,
  cache_write_5m bigint NOT NULL DEFAULT 0,
  cache_write_30m bigint NOT NULL DEFAULT 0,
  cache_write_1h bigint NOT NULL DEFAULT 0,
  cache_write_12h bigint NOT NULL DEFAULT 0,
  cache_write_other bigint NOT NULL DEFAULT 0,
  input_audio bigint NOT NULL DEFAULT 0,
  cache_read_audio bigint NOT NULL DEFAULT 0,
  input_image bigint NOT NULL DEFAULT 0,
  cache_read_image bigint NOT NULL DEFAULT 0,
  input_video bigint NOT NULL DEFAULT 0,
  output_text bigint NOT NULL DEFAULT 0,
  output_reasoning bigint NOT NULL DEFAULT 0,
  output_audio bigint NOT NULL DEFAULT 0,
  output_image bigint NOT NULL DEFAULT 0,
  cost_pico bigint NOT NULL DEFAULT 0,
  ceiling_pico bigint NOT NULL DEFAULT 0,
  retry_cost_pico bigint NOT NULL DEFAULT 0,
  failed_cost_pico bigint NOT NULL DEFAULT 0,
  unpriced bigint NOT NULL DEFAULT 0,
  outcomes_usable bigint NOT NULL DEFAULT 0,
  outcomes_unusable bigint NOT NULL DEFAULT 0,
  cost_usable_pico bigint NOT NULL DEFAULT 0,
  cost_unusable_pico bigint NOT NULL DEFAULT 0,
  units numeric NOT NULL DEFAULT 0,
  latency_le_100ms bigint NOT NULL DEFAULT 0,
  latency_le_300ms bigint NOT NULL DEFAULT 0,
  latency_le_1s bigint NOT NULL DEFAULT 0,
  latency_le_3s bigint NOT NULL DEFAULT 0,
  latency_le_10s bigint NOT NULL DEFAULT 0,
  latency_le_30s bigint NOT NULL DEFAULT 0,
  latency_le_100s bigint NOT NULL DEFAULT 0,
  latency_over_100s bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, bucket, environment, workflow, provider, model, slot)
) WITH (fillfactor = 50);

CREATE TABLE usage_rollup_day (
  tenant_id uuid NOT NULL,
  slot smallint NOT NULL,
  day date NOT NULL,
  environment text NOT NULL,
  workflow text NOT NULL,
  provider text NOT NULL,
  model text NOT NULL,
  calls bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  retries bigint NOT NULL DEFAULT 0,
  fallbacks bigint NOT NULL DEFAULT 0,
  untagged bigint NOT NULL DEFAULT 0,
  input_uncached bigint NOT NULL DEFAULT 0,
  cache_read bigint NOT NULL DEFAULT 0,
  cache_write_5m bigint NOT NULL DEFAULT 0,
  cache_write_30m bigint NOT NULL DEFAULT 0,
  cache_write_1h bigint NOT NULL DEFAULT 0,
  cache_write_12h bigint NOT NULL DEFAULT 0,
  cache_write_other bigint NOT NULL DEFAULT 0,
  input_audio bigint NOT NULL DEFAULT 0,
  cache_read_audio bigint NOT NULL DEFAULT 0,
  input_image bigint NOT NULL DEFAULT 0,
  cache_read_image bigint NOT NULL DEFAULT 0,
  input_video bigint NOT NULL DEFAULT 0,
  output_text bigint NOT NULL DEFAULT 0,
  output_reasoning bigint NOT NULL DEFAULT 0,
  output_audio bigint NOT NULL DEFAULT 0,
  output_image bigint NOT NULL DEFAULT 0,
  cost_pico bigint NOT NULL DEFAULT 0,
  ceiling_pico bigint NOT NULL DEFAULT 0,
  retry_cost_pico bigint NOT NULL DEFAULT 0,
  failed_cost_pico bigint NOT NULL DEFAULT 0,
  unpriced bigint NOT NULL DEFAULT 0,
  outcomes_usable bigint NOT NULL DEFAULT 0,
  outcomes_unusable bigint NOT NULL DEFAULT 0,
  cost_usable_pico bigint NOT NULL DEFAULT 0,
  cost_unusable_pico bigint NOT NULL DEFAULT 0,
  units numeric NOT NULL DEFAULT 0,
  latency_le_100ms bigint NOT NULL DEFAULT 0,
  latency_le_300ms bigint NOT NULL DEFAULT 0,
  latency_le_1s bigint NOT NULL DEFAULT 0,
  latency_le_3s bigint NOT NULL DEFAULT 0,
  latency_le_10s bigint NOT NULL DEFAULT 0,
  latency_le_30s bigint NOT NULL DEFAULT 0,
  latency_le_100s bigint NOT NULL DEFAULT 0,
  latency_over_100s bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, day, environment, workflow, provider, model, slot)
) WITH (fillfactor = 50);

CREATE TABLE customer_rollup (
  tenant_id uuid NOT NULL,
  slot smallint NOT NULL,
  bucket timestamptz(3) NOT NULL,
  customer_id text NOT NULL,
  plan_version_id uuid NOT NULL,
  workflow text NOT NULL,
  calls bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  retries bigint NOT NULL DEFAULT 0,
  fallbacks bigint NOT NULL DEFAULT 0,
  untagged bigint NOT NULL DEFAULT 0,
  input_uncached bigint NOT NULL DEFAULT 0,
  cache_read bigint NOT NULL DEFAULT 0,
  cache_write_5m bigint NOT NULL DEFAULT 0,
  cache_write_30m bigint NOT NULL DEFAULT 0,
  cache_write_1h bigint NOT NULL DEFAULT 0,
  cache_write_12h bigint NOT NULL DEFAULT 0,
  cache_write_other bigint NOT NULL DEFAULT 0,
  input_audio bigint NOT NULL DEFAULT 0,
  cache_read_audio bigint NOT NULL DEFAULT 0,
  input_image bigint NOT NULL DEFAULT 0,
  cache_read_image bigint NOT NULL DEFAULT 0,
  input_video bigint NOT NULL DEFAULT 0,
  output_text bigint NOT NULL DEFAULT 0,
  output_reasoning bigint NOT NULL DEFAULT 0,
  output_audio bigint NOT NULL DEFAULT 0,
  output_image bigint NOT NULL DEFAULT 0,
  cost_pico bigint NOT NULL DEFAULT 0,
  ceiling_pico bigint NOT NULL DEFAULT 0,
  retry_cost_pico bigint NOT NULL DEFAULT 0,
  failed_cost_pico bigint NOT NULL DEFAULT 0,
  unpriced bigint NOT NULL DEFAULT 0,
  outcomes_usable bigint NOT NULL DEFAULT 0,
  outcomes_unusable bigint NOT NULL DEFAULT 0,
  cost_usable_pico bigint NOT NULL DEFAULT 0,
  cost_unusable_pico bigint NOT NULL DEFAULT 0,
  units numeric NOT NULL DEFAULT 0,
  latency_le_100ms bigint NOT NULL DEFAULT 0,
  latency_le_300ms bigint NOT NULL DEFAULT 0,
  latency_le_1s bigint NOT NULL DEFAULT 0,
  latency_le_3s bigint NOT NULL DEFAULT 0,
  latency_le_10s bigint NOT NULL DEFAULT 0,
  latency_le_30s bigint NOT NULL DEFAULT 0,
  latency_le_100s bigint NOT NULL DEFAULT 0,
  latency_over_100s bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, customer_id, bucket, workflow, plan_version_id, slot)
) WITH (fillfactor = 50);

CREATE TABLE customer_rollup_day (
  tenant_id uuid NOT NULL,
  slot smallint NOT NULL,
  day date NOT NULL,
  customer_id text NOT NULL,
  plan_version_id uuid NOT NULL,
  workflow text NOT NULL,
  calls bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  retries bigint NOT NULL DEFAULT 0,
  fallbacks bigint NOT NULL DEFAULT 0,
  untagged bigint NOT NULL DEFAULT 0,
  input_uncached bigint NOT NULL DEFAULT 0,
  cache_read bigint NOT NULL DEFAULT 0,
  cache_write_5m bigint NOT NULL DEFAULT 0,
  cache_write_30m bigint NOT NULL DEFAULT 0,
  cache_write_1h bigint NOT NULL DEFAULT 0,
  cache_write_12h bigint NOT NULL DEFAULT 0,
  cache_write_other bigint NOT NULL DEFAULT 0,
  input_audio bigint NOT NULL DEFAULT 0,
  cache_read_audio bigint NOT NULL DEFAULT 0,
  input_image bigint NOT NULL DEFAULT 0,
  cache_read_image bigint NOT NULL DEFAULT 0,
  input_video bigint NOT NULL DEFAULT 0,
  output_text bigint NOT NULL DEFAULT 0,
  output_reasoning bigint NOT NULL DEFAULT 0,
  output_audio bigint NOT NULL DEFAULT 0,
  output_image bigint NOT NULL DEFAULT 0,
  cost_pico bigint NOT NULL DEFAULT 0,
  ceiling_pico bigint NOT NULL DEFAULT 0,
  retry_cost_pico bigint NOT NULL DEFAULT 0,
  failed_cost_pico bigint NOT NULL DEFAULT 0,
  unpriced bigint NOT NULL DEFAULT 0,
  outcomes_usable bigint NOT NULL DEFAULT 0,
  outcomes_unusable bigint NOT NULL DEFAULT 0,
  cost_usable_pico bigint NOT NULL DEFAULT 0,
  cost_unusable_pico bigint NOT NULL DEFAULT 0,
  units numeric NOT NULL DEFAULT 0,
  latency_le_100ms bigint NOT NULL DEFAULT 0,
  latency_le_300ms bigint NOT NULL DEFAULT 0,
  latency_le_1s bigint NOT NULL DEFAULT 0,
  latency_le_3s bigint NOT NULL DEFAULT 0,
  latency_le_10s bigint NOT NULL DEFAULT 0,
  latency_le_30s bigint NOT NULL DEFAULT 0,
  latency_le_100s bigint NOT NULL DEFAULT 0,
  latency_over_100s bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, customer_id, day, workflow, plan_version_id, slot)
) WITH (fillfactor = 50);

GRANT SELECT, INSERT ON usage_events, snapshots TO outlay_app, outlay_writer;
GRANT SELECT, INSERT, UPDATE ON runs TO outlay_app, outlay_writer;
GRANT SELECT, INSERT, UPDATE ON usage_rollup, usage_rollup_day, customer_rollup, customer_rollup_day TO outlay_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_rollup, usage_rollup_day, customer_rollup, customer_rollup_day TO outlay_app;
GRANT SELECT, INSERT, UPDATE ON writer_slots TO outlay_writer;
GRANT SELECT ON writer_slots TO outlay_app, outlay_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON workflows TO outlay_app;
GRANT SELECT ON workflows TO outlay_writer;

-- ------------------------------------------------------------------------------------------------ row level security
-- Enabled and forced on every tenant table. FORCE binds the owner too, so whatever must look before a tenant is known goes
-- through a function owned by a narrow role with a policy of its own.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['members', 'invitations', 'api_keys', 'audit_log', 'tenant_price_versions', 'tenant_price_rates',
    'usage_events', 'snapshots', 'workflows', 'runs', 'usage_rollup', 'usage_rollup_day', 'customer_rollup', 'customer_rollup_day']
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
  FOREACH name IN ARRAY ARRAY['usage_events', 'snapshots', 'workflows', 'runs', 'usage_rollup', 'usage_rollup_day', 'customer_rollup', 'customer_rollup_day']
  LOOP
    EXECUTE format($policy$CREATE POLICY writer_tenants ON %I TO outlay_writer
      USING (tenant_id = ANY ((SELECT current_setting('app.tenant_ids', true)::uuid[])::uuid[]))
      WITH CHECK (tenant_id = ANY ((SELECT current_setting('app.tenant_ids', true)::uuid[])::uuid[]))$policy$, name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['members', 'invitations', 'api_keys']
  LOOP
    EXECUTE format('CREATE POLICY lookup_all ON %I FOR SELECT TO outlay_lookup USING (true)', name);
  END LOOP;
END
$$;

-- The tenants table is its own tenant key.
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY app_tenant ON tenants TO outlay_app
  USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY writer_tenants ON tenants FOR SELECT TO outlay_writer
  USING (id = ANY ((SELECT current_setting('app.tenant_ids', true)::uuid[])::uuid[]));
CREATE POLICY lookup_all ON tenants FOR SELECT TO outlay_lookup USING (true);
CREATE POLICY system_all ON tenants FOR SELECT TO outlay_system USING (true);
CREATE POLICY eraser_tenant ON tenants TO outlay_eraser USING (id = nullif(current_setting('app.erasing', true), '')::uuid);
GRANT SELECT, DELETE ON tenants TO outlay_eraser;

-- ------------------------------------------------------------------------------------------------ append only
CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_user = 'outlay_eraser'
     AND OLD.tenant_id = nullif(current_setting('app.erasing', true), '')::uuid THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'usage_events is append-only: % refused. Write a correction instead.', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON usage_events FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON usage_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_user = 'outlay_eraser'
     AND OLD.tenant_id = nullif(current_setting('app.erasing', true), '')::uuid THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'audit_log is append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();

-- ------------------------------------------------------------------------------------------------ partitions
CREATE FUNCTION uuid_of_ms(ms bigint) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
  SELECT (lpad(to_hex(ms), 12, '0') || repeat('0', 20))::uuid
$$;

-- CREATE TABLE then ATTACH: CREATE ... PARTITION OF would lock the parent against every insert. The caller holds nothing else in its
-- transaction. The new table has forced RLS without a policy and no grants, so it answers through its parent only.
CREATE FUNCTION attach_usage_partition(partition_name text, from_id text, to_id text) RETURNS void LANGUAGE plpgsql
  SET search_path = public, pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('CREATE TABLE public.%I (LIKE public.usage_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition_name);
  EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', partition_name);
  EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.%I FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_ledger_change()', partition_name);
  EXECUTE format('ALTER TABLE public.usage_events ATTACH PARTITION public.%I FOR VALUES FROM (%s) TO (%s)', partition_name, from_id, to_id);
END
$$;
REVOKE ALL ON FUNCTION attach_usage_partition(text, text, text) FROM PUBLIC;

-- Makes the partition of the month that holds this instant, once; true when it was made now.
CREATE FUNCTION ensure_usage_partition(at timestamptz) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
  month_start timestamp := date_trunc('month', at AT TIME ZONE 'UTC');
  partition_name text := 'usage_events_' || to_char(month_start, 'YYYYMM');
BEGIN
  IF to_regclass('public.' || partition_name) IS NOT NULL THEN RETURN false; END IF;
  IF at < now() - interval '38 months' OR at > now() + interval '6 months' THEN
    RAISE EXCEPTION 'no partition for %: outside of 38 months back to 6 months ahead', at USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('outlay.usage_partition', 0));
  -- A query of its own: to_regclass would answer from the cache what it answered before we waited for the lock.
  IF EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = partition_name) THEN RETURN false; END IF;
  PERFORM attach_usage_partition(partition_name,
    quote_literal(uuid_of_ms((extract(epoch FROM month_start AT TIME ZONE 'UTC') * 1000)::bigint)),
    quote_literal(uuid_of_ms((extract(epoch FROM (month_start + interval '1 month') AT TIME ZONE 'UTC') * 1000)::bigint)));
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION ensure_usage_partition(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_usage_partition(timestamptz) TO outlay_app, outlay_system;

DO $$
BEGIN
  FOR n IN 0..15 LOOP
    PERFORM attach_usage_partition('usage_events_f' || to_hex(n),
      quote_literal('f' || to_hex(n) || '000000-0000-0000-0000-000000000000'),
      CASE n WHEN 15 THEN 'MAXVALUE' ELSE quote_literal('f' || to_hex(n + 1) || '000000-0000-0000-0000-000000000000') END);
  END LOOP;
  FOR n IN -1..2 LOOP
    PERFORM ensure_usage_partition(now() + make_interval(months => n));
  END LOOP;
END
$$;

-- ------------------------------------------------------------------------------------------------ looking before a tenant is known
GRANT CREATE ON SCHEMA public TO outlay_lookup, outlay_eraser;

CREATE FUNCTION lookup_api_key(hash text) RETURNS TABLE (tenant_id uuid, id uuid, environment text, abilities text[], expires_at timestamptz,
  revoked_at timestamptz, time_zone text, late_window_days integer)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
  SELECT k.tenant_id, k.id, k.environment, k.abilities, k.expires_at, k.revoked_at, t.time_zone, t.late_window_days
  FROM api_keys k JOIN tenants t ON t.id = k.tenant_id WHERE k.key_hash = hash
$$;
REVOKE ALL ON FUNCTION lookup_api_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup_api_key(text) TO outlay_app;
ALTER FUNCTION lookup_api_key(text) OWNER TO outlay_lookup;

CREATE FUNCTION lookup_memberships(member_user_id uuid) RETURNS TABLE (tenant_id uuid, name text, time_zone text, role text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
  SELECT m.tenant_id, t.name, t.time_zone, m.role FROM members m JOIN tenants t ON t.id = m.tenant_id
  WHERE m.user_id = member_user_id ORDER BY m.created_at, m.tenant_id
$$;
REVOKE ALL ON FUNCTION lookup_memberships(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup_memberships(uuid) TO outlay_app;
ALTER FUNCTION lookup_memberships(uuid) OWNER TO outlay_lookup;

CREATE FUNCTION lookup_invitation(hash text) RETURNS TABLE (tenant_id uuid, id uuid, team_name text, email text, role text,
  expires_at timestamptz, accepted_at timestamptz, revoked_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
  SELECT i.tenant_id, i.id, t.name, i.email, i.role, i.expires_at, i.accepted_at, i.revoked_at
  FROM invitations i JOIN tenants t ON t.id = i.tenant_id WHERE i.token_hash = hash
$$;
REVOKE ALL ON FUNCTION lookup_invitation(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup_invitation(text) TO outlay_app;
ALTER FUNCTION lookup_invitation(text) OWNER TO outlay_lookup;

-- The only erasure. The caller waits out the grace period and writes the audit outside of the tenant.
CREATE FUNCTION erase_tenant(erased_tenant_id uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
  name text;
BEGIN
  PERFORM set_config('app.erasing', erased_tenant_id::text, true);
  FOREACH name IN ARRAY ARRAY['usage_events', 'snapshots', 'workflows', 'runs', 'usage_rollup', 'usage_rollup_day', 'customer_rollup',
    'customer_rollup_day', 'tenant_price_rates', 'tenant_price_versions', 'audit_log', 'api_keys', 'invitations', 'members']
  LOOP
    EXECUTE format('DELETE FROM public.%I WHERE tenant_id = $1', name) USING erased_tenant_id;
  END LOOP;
  DELETE FROM public.tenants WHERE id = erased_tenant_id;
  PERFORM set_config('app.erasing', '', true);
END
$$;
REVOKE ALL ON FUNCTION erase_tenant(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_tenant(uuid) TO outlay_system;
ALTER FUNCTION erase_tenant(uuid) OWNER TO outlay_eraser;

REVOKE CREATE ON SCHEMA public FROM outlay_lookup, outlay_eraser;
