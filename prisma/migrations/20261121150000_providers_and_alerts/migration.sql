-- Provider connections and what providers say (the bill), alert rules, alerts, channels and their deliveries.
--
-- Why: a team connects its provider keys, is told of a spike minutes after it began, and compares what it recorded with what it is billed.
-- Locks: none that matter, every object is new. Backfills nothing.

-- The data key of a team, wrapped by OUTLAY_MASTER_KEY: made with its first secret.
CREATE TABLE tenant_keys (
  tenant_id uuid PRIMARY KEY,
  wrapped_key text NOT NULL,
  wrapped_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE provider_connections (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  provider text NOT NULL CHECK (provider IN ('openai', 'anthropic', 'google', 'openrouter', 'import')),
  name text NOT NULL,
  -- What is no secret: base URL, organisation, project, table, location.
  settings jsonb NOT NULL DEFAULT '{}',
  -- Sealed with the team's data key; the row's identity is associated data.
  credentials text,
  -- The last characters of the key, to tell two apart.
  credential_hint text NOT NULL DEFAULT '',
  state text NOT NULL CHECK (state IN ('waiting', 'healthy', 'failing', 'stopped', 'paused')),
  -- Where each stream goes on: {stream: cursor}.
  watermarks jsonb NOT NULL DEFAULT '{}',
  last_success_at timestamptz(3),
  last_attempt_at timestamptz(3),
  last_error text,
  failures integer NOT NULL DEFAULT 0,
  next_sync_at timestamptz(3) NOT NULL DEFAULT now(),
  leased_until timestamptz(3),
  created_by text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  removed_at timestamptz(3),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX provider_connections_due_idx ON provider_connections (next_sync_at) WHERE removed_at IS NULL;

CREATE TABLE provider_syncs (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  connection_id uuid NOT NULL,
  cause text NOT NULL CHECK (cause IN ('schedule', 'person', 'import')),
  state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  started_at timestamptz(3) NOT NULL DEFAULT now(),
  finished_at timestamptz(3),
  pages integer NOT NULL DEFAULT 0,
  rows_read integer NOT NULL DEFAULT 0,
  rows_changed integer NOT NULL DEFAULT 0,
  progress text NOT NULL DEFAULT '',
  error text,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX provider_syncs_connection_idx ON provider_syncs (tenant_id, connection_id, started_at);

-- What the provider says it was used for. Append-only: a restatement is a further revision, and the highest one holds. The key excludes amounts.
CREATE TABLE provider_usage (
  tenant_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  width text NOT NULL CHECK (width IN ('1m', '1h', '1d')),
  bucket timestamptz(3) NOT NULL,
  -- SHA-256 of the canonical JSON of `dimensions`.
  key_hash bytea NOT NULL,
  revision integer NOT NULL,
  -- {model, api_key_id, project_id, service_tier, ...} as the provider names them.
  dimensions jsonb NOT NULL,
  model text,
  api_key text,
  project text,
  requests bigint NOT NULL DEFAULT 0,
  -- Token classes of the ledger and other quantities.
  quantities jsonb NOT NULL,
  -- By our book; null where no price is known.
  priced_pico numeric,
  provisional boolean NOT NULL,
  observed_at timestamptz(3) NOT NULL DEFAULT now(),
  sync_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, connection_id, width, bucket, key_hash, revision)
);

-- What the provider bills, by UTC day.
CREATE TABLE provider_costs (
  tenant_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  day date NOT NULL,
  key_hash bytea NOT NULL,
  revision integer NOT NULL,
  dimensions jsonb NOT NULL,
  model text,
  api_key text,
  project text,
  line_item text,
  -- US dollars, pico; as exact as the provider says it.
  amount_pico numeric NOT NULL,
  quantity numeric,
  currency text NOT NULL DEFAULT 'USD',
  provisional boolean NOT NULL,
  observed_at timestamptz(3) NOT NULL DEFAULT now(),
  sync_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, connection_id, day, key_hash, revision)
);

-- One comparison of a day: what matched and what the rest is.
CREATE TABLE reconciliations (
  tenant_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  day date NOT NULL,
  computed_at timestamptz(3) NOT NULL,
  cut text NOT NULL,
  ledger_pico numeric NOT NULL,
  billed_pico numeric NOT NULL,
  -- [{key, matched_pico, causes: {cause: pico}, ...}]
  rows jsonb NOT NULL,
  causes jsonb NOT NULL,
  PRIMARY KEY (tenant_id, connection_id, day)
);

CREATE TABLE channels (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('email', 'slack', 'webhook')),
  name text NOT NULL,
  -- E-mail addresses; for webhooks the host, as the list shows it.
  settings jsonb NOT NULL DEFAULT '{}',
  -- Sealed: the webhook's URL and signing secret.
  secret text,
  disabled_at timestamptz(3),
  created_by text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE alert_rules (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('spike', 'budget', 'forecast', 'cap_reached', 'error_share', 'retry_share', 'unpriced', 'sync_broken', 'drift', 'balance_broken', 'credits_low', 'no_data')),
  name text NOT NULL,
  -- What it watches: {scope: tenant | workflow | customer | model | key, subject: null (each) or one}.
  scope text NOT NULL DEFAULT 'tenant' CHECK (scope IN ('tenant', 'workflow', 'customer', 'model', 'key', 'provider')),
  subject text,
  -- Thresholds of the kind.
  settings jsonb NOT NULL DEFAULT '{}',
  channel_ids uuid[] NOT NULL DEFAULT '{}',
  -- What it does by itself when it fires: {kind, ...}; null: nothing.
  action jsonb,
  renotify_minutes integer CHECK (renotify_minutes >= 5),
  -- {from: "22:00", to: "07:00"} in the team's zone: messages wait, but for those that act by themselves.
  quiet_hours jsonb,
  muted_until timestamptz(3),
  enabled boolean NOT NULL DEFAULT true,
  -- Made with the team, changed and switched off, never removed.
  built_in boolean NOT NULL DEFAULT false,
  created_by text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);

-- One crossing: unique by rule, subject, window and threshold, whichever of several workers saw it first.
CREATE TABLE alerts (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  rule_id uuid NOT NULL,
  kind text NOT NULL,
  scope text NOT NULL,
  subject text NOT NULL DEFAULT '',
  window_key text NOT NULL,
  threshold_key text NOT NULL DEFAULT '',
  state text NOT NULL CHECK (state IN ('pending', 'firing', 'acknowledged', 'resolved')),
  severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  title text NOT NULL,
  -- What the rule saw, and the explanation once it is computed.
  facts jsonb NOT NULL DEFAULT '{}',
  explanation jsonb,
  started_at timestamptz(3) NOT NULL,
  fired_at timestamptz(3),
  last_seen_at timestamptz(3) NOT NULL,
  resolved_at timestamptz(3),
  notified_at timestamptz(3),
  muted_until timestamptz(3),
  acknowledged_by text,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, rule_id, subject, window_key, threshold_key)
);
CREATE INDEX alerts_open_idx ON alerts (tenant_id, state) WHERE state <> 'resolved';
CREATE INDEX alerts_started_idx ON alerts (tenant_id, started_at);

-- What happened to an alert: append-only.
CREATE TABLE alert_events (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  alert_id uuid NOT NULL,
  at timestamptz(3) NOT NULL DEFAULT now(),
  kind text NOT NULL CHECK (kind IN ('pending', 'fired', 'notified', 'acknowledged', 'muted', 'action', 'undone', 'resolved', 'reopened')),
  by text NOT NULL,
  details jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX alert_events_alert_idx ON alert_events (tenant_id, alert_id, at);

-- The outbox of channels: one row a message and channel, its dedupe key makes it one.
CREATE TABLE deliveries (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  channel_id uuid NOT NULL,
  alert_id uuid,
  kind text NOT NULL CHECK (kind IN ('alert', 'resolved', 'digest', 'test')),
  dedupe_key text NOT NULL,
  payload jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(3) NOT NULL DEFAULT now(),
  leased_until timestamptz(3),
  last_status integer,
  last_error text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  sent_at timestamptz(3),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, channel_id, dedupe_key)
);
CREATE INDEX deliveries_due_idx ON deliveries (next_attempt_at) WHERE state = 'waiting';

-- Who gets the morning's summary; its link ends it without a sign-in.
CREATE TABLE digest_subscriptions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  email text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('daily', 'weekly')),
  -- SHA-256 of the unsubscribe token.
  token_hash text NOT NULL,
  last_sent_for date,
  unsubscribed_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, email, kind)
);
CREATE UNIQUE INDEX digest_subscriptions_token_idx ON digest_subscriptions (token_hash);

-- Budgets of a calendar month, in the team's zone. Spend beyond is told, not stopped: caps stop.
CREATE TABLE budgets (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  scope text NOT NULL CHECK (scope IN ('tenant', 'workflow', 'customer', 'model', 'provider')),
  subject text,
  month_pico numeric NOT NULL CHECK (month_pico > 0),
  created_by text NOT NULL,
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX budgets_subject_idx ON budgets (tenant_id, scope, coalesce(subject, ''));

-- The forecast as it was each day, to show what changed since.
CREATE TABLE forecasts (
  tenant_id uuid NOT NULL,
  scope text NOT NULL,
  subject text NOT NULL DEFAULT '',
  day date NOT NULL,
  month_end_pico numeric NOT NULL,
  lower_pico numeric NOT NULL,
  upper_pico numeric NOT NULL,
  methods text[] NOT NULL,
  mape double precision,
  details jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, scope, subject, day)
);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tenant_keys', 'provider_connections', 'provider_syncs', 'provider_usage', 'provider_costs', 'reconciliations', 'channels', 'alert_rules', 'alerts', 'alert_events',
    'deliveries', 'digest_subscriptions', 'budgets', 'forecasts']
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

GRANT UPDATE (wrapped_key, wrapped_at) ON tenant_keys TO outlay_app;
GRANT UPDATE (name, settings, credentials, credential_hint, state, watermarks, last_success_at, last_attempt_at, last_error, failures, next_sync_at, leased_until, removed_at) ON provider_connections TO outlay_app;
GRANT UPDATE (state, finished_at, pages, rows_read, rows_changed, progress, error) ON provider_syncs TO outlay_app;
GRANT UPDATE (computed_at, cut, ledger_pico, billed_pico, rows, causes) ON reconciliations TO outlay_app;
GRANT UPDATE (name, settings, secret, disabled_at), DELETE ON channels TO outlay_app;
GRANT UPDATE (name, scope, subject, settings, channel_ids, action, renotify_minutes, quiet_hours, muted_until, enabled, updated_at), DELETE ON alert_rules TO outlay_app;
GRANT UPDATE (state, severity, title, facts, explanation, fired_at, last_seen_at, resolved_at, notified_at, muted_until, acknowledged_by) ON alerts TO outlay_app;
GRANT UPDATE (state, attempts, next_attempt_at, leased_until, last_status, last_error, sent_at, payload) ON deliveries TO outlay_app;
GRANT UPDATE (last_sent_for, unsubscribed_at, token_hash) ON digest_subscriptions TO outlay_app;
GRANT UPDATE (month_pico, updated_at), DELETE ON budgets TO outlay_app;
GRANT UPDATE (month_end_pico, lower_pico, upper_pico, methods, mape, details) ON forecasts TO outlay_app;

-- Due work of all teams, and no more of it.
CREATE POLICY system_due ON provider_connections FOR SELECT TO outlay_system USING (true);
GRANT SELECT (tenant_id, id, next_sync_at, leased_until, removed_at, state) ON provider_connections TO outlay_system;
CREATE POLICY system_due ON deliveries FOR SELECT TO outlay_system USING (true);
GRANT SELECT (tenant_id, id, state, next_attempt_at, leased_until) ON deliveries TO outlay_system;
CREATE POLICY system_due ON digest_subscriptions FOR SELECT TO outlay_system USING (true);
GRANT SELECT (tenant_id, id, kind, last_sent_for, unsubscribed_at) ON digest_subscriptions TO outlay_system;
CREATE POLICY system_due ON alerts FOR SELECT TO outlay_system USING (true);
GRANT SELECT (tenant_id, state, resolved_at) ON alerts TO outlay_system;

-- An unsubscribe link carries no session: the token's hash finds the row, and ends it.
CREATE POLICY lookup_token ON digest_subscriptions TO outlay_lookup USING (true);
GRANT SELECT, UPDATE (unsubscribed_at) ON digest_subscriptions TO outlay_lookup;
CREATE FUNCTION end_digest(hash text) RETURNS TABLE (email text, kind text) LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
  UPDATE digest_subscriptions d SET unsubscribed_at = coalesce(d.unsubscribed_at, now()) WHERE d.token_hash = hash RETURNING d.email, d.kind
$$;
REVOKE ALL ON FUNCTION end_digest(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION end_digest(text) TO outlay_app;
GRANT CREATE ON SCHEMA public TO outlay_lookup;
ALTER FUNCTION end_digest(text) OWNER TO outlay_lookup;
REVOKE CREATE ON SCHEMA public FROM outlay_lookup;
