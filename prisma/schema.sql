-- The schema after all migrations, printed from the catalogue by printSchema. Do not edit: add a migration, then run
-- node_modules/.bin/vitest run --config .config/vitest.config.ts packages/platform/src/migrate -u

GRANT USAGE ON SCHEMA public TO PUBLIC;
GRANT USAGE ON SCHEMA public TO outlay_app;
GRANT USAGE ON SCHEMA public TO outlay_eraser;
GRANT USAGE ON SCHEMA public TO outlay_lookup;
GRANT CREATE WITH GRANT OPTION, USAGE WITH GRANT OPTION ON SCHEMA public TO outlay_owner;
GRANT USAGE ON SCHEMA public TO outlay_system;
GRANT USAGE ON SCHEMA public TO outlay_writer;

CREATE TABLE alert_events (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  alert_id uuid NOT NULL,
  at timestamp(3) with time zone NOT NULL DEFAULT now(),
  kind text NOT NULL,
  by text NOT NULL,
  details jsonb NOT NULL DEFAULT '{}'::jsonb,
  CONSTRAINT alert_events_kind_check CHECK ((kind = ANY (ARRAY['pending'::text, 'fired'::text, 'notified'::text, 'acknowledged'::text, 'muted'::text, 'action'::text, 'undone'::text, 'resolved'::text, 'reopened'::text]))),
  CONSTRAINT alert_events_pkey PRIMARY KEY (tenant_id, id)
);
-- row level security, forced
CREATE INDEX alert_events_alert_idx ON public.alert_events USING btree (tenant_id, alert_id, at);
CREATE POLICY app_tenant ON alert_events FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON alert_events FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT INSERT, SELECT ON alert_events TO outlay_app;
GRANT DELETE, SELECT ON alert_events TO outlay_eraser;

CREATE TABLE alert_rules (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  scope text NOT NULL DEFAULT 'tenant'::text,
  subject text,
  settings jsonb NOT NULL DEFAULT '{}'::jsonb,
  channel_ids uuid[] NOT NULL DEFAULT '{}'::uuid[],
  action jsonb,
  renotify_minutes integer,
  quiet_hours jsonb,
  muted_until timestamp(3) with time zone,
  enabled boolean NOT NULL DEFAULT true,
  built_in boolean NOT NULL DEFAULT false,
  created_by text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  updated_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT alert_rules_kind_check CHECK ((kind = ANY (ARRAY['spike'::text, 'budget'::text, 'forecast'::text, 'cap_reached'::text, 'error_share'::text, 'retry_share'::text, 'unpriced'::text, 'sync_broken'::text, 'drift'::text, 'balance_broken'::text, 'credits_low'::text, 'no_data'::text]))),
  CONSTRAINT alert_rules_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT alert_rules_renotify_minutes_check CHECK ((renotify_minutes >= 5)),
  CONSTRAINT alert_rules_scope_check CHECK ((scope = ANY (ARRAY['tenant'::text, 'workflow'::text, 'customer'::text, 'model'::text, 'key'::text, 'provider'::text])))
);
-- row level security, forced
CREATE POLICY app_tenant ON alert_rules FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON alert_rules FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT DELETE, INSERT, SELECT ON alert_rules TO outlay_app;
GRANT DELETE, SELECT ON alert_rules TO outlay_eraser;
GRANT UPDATE (name, scope, subject, settings, channel_ids, action, renotify_minutes, quiet_hours, muted_until, enabled, updated_at) ON alert_rules TO outlay_app;

CREATE TABLE alerts (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  rule_id uuid NOT NULL,
  kind text NOT NULL,
  scope text NOT NULL,
  subject text NOT NULL DEFAULT ''::text,
  window_key text NOT NULL,
  threshold_key text NOT NULL DEFAULT ''::text,
  state text NOT NULL,
  severity text NOT NULL,
  title text NOT NULL,
  facts jsonb NOT NULL DEFAULT '{}'::jsonb,
  explanation jsonb,
  started_at timestamp(3) with time zone NOT NULL,
  fired_at timestamp(3) with time zone,
  last_seen_at timestamp(3) with time zone NOT NULL,
  resolved_at timestamp(3) with time zone,
  notified_at timestamp(3) with time zone,
  muted_until timestamp(3) with time zone,
  acknowledged_by text,
  CONSTRAINT alerts_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT alerts_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text]))),
  CONSTRAINT alerts_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'firing'::text, 'acknowledged'::text, 'resolved'::text]))),
  CONSTRAINT alerts_tenant_id_rule_id_subject_window_key_threshold_key_key UNIQUE (tenant_id, rule_id, subject, window_key, threshold_key)
);
-- row level security, forced
CREATE INDEX alerts_open_idx ON public.alerts USING btree (tenant_id, state) WHERE (state <> 'resolved'::text);
CREATE INDEX alerts_started_idx ON public.alerts USING btree (tenant_id, started_at);
CREATE POLICY app_tenant ON alerts FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON alerts FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY system_due ON alerts FOR SELECT TO outlay_system USING (true);
GRANT INSERT, SELECT ON alerts TO outlay_app;
GRANT DELETE, SELECT ON alerts TO outlay_eraser;
GRANT SELECT (tenant_id, state, resolved_at) ON alerts TO outlay_system;
GRANT UPDATE (state, severity, title, facts, explanation, fired_at, last_seen_at, resolved_at, notified_at, muted_until, acknowledged_by) ON alerts TO outlay_app;

CREATE TABLE api_keys (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  environment text NOT NULL,
  abilities text[] NOT NULL,
  key_hash text NOT NULL,
  prefix text NOT NULL,
  created_by uuid NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  expires_at timestamp(3) with time zone,
  revoked_at timestamp(3) with time zone,
  last_used_at timestamp(3) with time zone,
  CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
);
-- row level security, forced
CREATE UNIQUE INDEX api_keys_key_hash_key ON public.api_keys USING btree (key_hash);
CREATE POLICY app_tenant ON api_keys FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON api_keys FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY lookup_all ON api_keys FOR SELECT TO outlay_lookup USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON api_keys TO outlay_app;
GRANT DELETE, SELECT ON api_keys TO outlay_eraser;
GRANT SELECT ON api_keys TO outlay_lookup;
GRANT UPDATE (revoked_at) ON api_keys TO outlay_eraser;

CREATE TABLE archived_months (
  month date NOT NULL,
  state text NOT NULL,
  frozen_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  archived_at timestamp(3) with time zone,
  CONSTRAINT archived_months_pkey PRIMARY KEY (month),
  CONSTRAINT archived_months_state_check CHECK ((state = ANY (ARRAY['frozen'::text, 'archived'::text])))
);
GRANT SELECT ON archived_months TO outlay_app;
GRANT SELECT ON archived_months TO outlay_system;
GRANT SELECT ON archived_months TO outlay_writer;

CREATE TABLE archived_totals (
  tenant_id uuid NOT NULL,
  month date NOT NULL,
  id_from uuid NOT NULL,
  id_to uuid NOT NULL,
  row_count bigint NOT NULL,
  occurred_from timestamp(3) with time zone NOT NULL,
  occurred_to timestamp(3) with time zone NOT NULL,
  totals jsonb NOT NULL,
  file text NOT NULL,
  content_sha256 text NOT NULL,
  seal text NOT NULL,
  archived_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT archived_totals_pkey PRIMARY KEY (tenant_id, month)
);
-- row level security, forced
CREATE POLICY app_tenant ON archived_totals FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON archived_totals FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY owner_counts ON archived_totals FOR SELECT TO outlay_owner USING (true);
GRANT DELETE, INSERT, SELECT ON archived_totals TO outlay_app;
GRANT DELETE, SELECT ON archived_totals TO outlay_eraser;

CREATE TABLE audit_log (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  at timestamp(3) with time zone NOT NULL DEFAULT now(),
  actor_id uuid,
  actor text NOT NULL,
  action text NOT NULL,
  subject_type text NOT NULL,
  subject_id text NOT NULL,
  before jsonb,
  after jsonb,
  request_id text NOT NULL,
  CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, id)
);
-- row level security, forced
CREATE INDEX audit_log_action_idx ON public.audit_log USING btree (tenant_id, action, id);
CREATE POLICY app_tenant ON audit_log FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON audit_log FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
GRANT INSERT, SELECT ON audit_log TO outlay_app;
GRANT DELETE, SELECT ON audit_log TO outlay_eraser;

CREATE TABLE budgets (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  scope text NOT NULL,
  subject text,
  month_pico numeric NOT NULL,
  created_by text NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT budgets_month_pico_check CHECK ((month_pico > (0)::numeric)),
  CONSTRAINT budgets_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT budgets_scope_check CHECK ((scope = ANY (ARRAY['tenant'::text, 'workflow'::text, 'customer'::text, 'model'::text, 'provider'::text])))
);
-- row level security, forced
CREATE UNIQUE INDEX budgets_subject_idx ON public.budgets USING btree (tenant_id, scope, COALESCE(subject, ''::text));
CREATE POLICY app_tenant ON budgets FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON budgets FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT DELETE, INSERT, SELECT ON budgets TO outlay_app;
GRANT DELETE, SELECT ON budgets TO outlay_eraser;
GRANT UPDATE (month_pico, updated_at) ON budgets TO outlay_app;

CREATE TABLE cap_scopes (
  tenant_id uuid NOT NULL,
  scope text NOT NULL,
  cut text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  filled_at timestamp(3) with time zone,
  CONSTRAINT cap_scopes_pkey PRIMARY KEY (tenant_id, scope),
  CONSTRAINT cap_scopes_scope_check CHECK ((scope = ANY (ARRAY['user'::text, 'feature'::text, 'key'::text])))
);
-- row level security, forced
CREATE POLICY app_tenant ON cap_scopes FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON cap_scopes FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY system_due ON cap_scopes FOR SELECT TO outlay_system USING (true);
CREATE POLICY writer_tenants ON cap_scopes FOR ALL TO outlay_writer USING ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[]))) WITH CHECK ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[])));
GRANT INSERT, SELECT ON cap_scopes TO outlay_app;
GRANT DELETE, SELECT ON cap_scopes TO outlay_eraser;
GRANT SELECT ON cap_scopes TO outlay_writer;
GRANT SELECT (tenant_id, scope, filled_at) ON cap_scopes TO outlay_system;
GRANT UPDATE (filled_at) ON cap_scopes TO outlay_app;

CREATE TABLE cap_usage (
  tenant_id uuid NOT NULL,
  scope text NOT NULL,
  subject text NOT NULL,
  bucket timestamp with time zone NOT NULL,
  slot smallint NOT NULL,
  ceiling_pico bigint NOT NULL DEFAULT 0,
  tokens bigint NOT NULL DEFAULT 0,
  calls bigint NOT NULL DEFAULT 0,
  units numeric NOT NULL DEFAULT 0,
  CONSTRAINT cap_usage_pkey PRIMARY KEY (tenant_id, scope, subject, bucket, slot)
);
-- WITH (fillfactor=50)
-- row level security, forced
CREATE POLICY app_tenant ON cap_usage FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON cap_usage FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY writer_tenants ON cap_usage FOR ALL TO outlay_writer USING ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[]))) WITH CHECK ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[])));
GRANT INSERT, SELECT, UPDATE ON cap_usage TO outlay_app;
GRANT DELETE, SELECT ON cap_usage TO outlay_eraser;
GRANT INSERT, SELECT, UPDATE ON cap_usage TO outlay_writer;

CREATE TABLE caps (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  scope text NOT NULL,
  subject text,
  metric text NOT NULL,
  window_kind text,
  mode text NOT NULL,
  limit_amount numeric NOT NULL,
  source text NOT NULL,
  expires_at timestamp(3) with time zone,
  disabled_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT caps_check1 CHECK (((scope <> 'tenant'::text) OR (subject IS NULL))),
  CONSTRAINT caps_limit_amount_check CHECK ((limit_amount >= (0)::numeric)),
  CONSTRAINT caps_metric_check CHECK ((metric = ANY (ARRAY['cost'::text, 'units'::text, 'tokens'::text, 'calls'::text, 'runs'::text, 'starts'::text]))),
  CONSTRAINT caps_mode_check CHECK ((mode = ANY (ARRAY['soft'::text, 'degrade'::text, 'hard'::text]))),
  CONSTRAINT caps_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT caps_scope_check CHECK ((scope = ANY (ARRAY['tenant'::text, 'environment'::text, 'workflow'::text, 'customer'::text, 'user'::text, 'feature'::text, 'model'::text, 'key'::text]))),
  CONSTRAINT caps_source_check CHECK ((source = ANY (ARRAY['person'::text, 'api'::text, 'alert'::text, 'demo'::text]))),
  CONSTRAINT caps_starts_check CHECK (((metric <> 'starts'::text) OR ((mode = 'hard'::text) AND (limit_amount >= (1)::numeric)))),
  CONSTRAINT caps_window_check CHECK (((metric = ANY (ARRAY['runs'::text, 'starts'::text])) = (window_kind IS NULL))),
  CONSTRAINT caps_window_kind_check CHECK ((window_kind = ANY (ARRAY['day'::text, 'week'::text, 'month'::text, 'period'::text])))
);
-- row level security, forced
CREATE POLICY app_tenant ON caps FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON caps FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE TRIGGER tell_policy AFTER INSERT OR DELETE OR UPDATE ON public.caps FOR EACH ROW EXECUTE FUNCTION tell_policy_change();
GRANT DELETE, INSERT, SELECT ON caps TO outlay_app;
GRANT DELETE, SELECT ON caps TO outlay_eraser;
GRANT UPDATE (name, scope, subject, metric, window_kind, mode, limit_amount, expires_at, disabled_at, updated_at) ON caps TO outlay_app;

CREATE TABLE channels (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  settings jsonb NOT NULL DEFAULT '{}'::jsonb,
  secret text,
  disabled_at timestamp(3) with time zone,
  created_by text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT channels_kind_check CHECK ((kind = ANY (ARRAY['email'::text, 'slack'::text, 'webhook'::text]))),
  CONSTRAINT channels_pkey PRIMARY KEY (tenant_id, id)
);
-- row level security, forced
CREATE POLICY app_tenant ON channels FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON channels FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT DELETE, INSERT, SELECT ON channels TO outlay_app;
GRANT DELETE, SELECT ON channels TO outlay_eraser;
GRANT UPDATE (name, settings, secret, disabled_at) ON channels TO outlay_app;

CREATE TABLE credit_entries (
  tenant_id uuid NOT NULL,
  posting_id uuid NOT NULL,
  line smallint NOT NULL,
  customer_id text NOT NULL,
  account text NOT NULL,
  lot_id uuid,
  amount numeric NOT NULL,
  CONSTRAINT credit_entries_account_check CHECK ((account = ANY (ARRAY['lot'::text, 'granted'::text, 'burned'::text, 'expired'::text, 'overdraft'::text]))),
  CONSTRAINT credit_entries_amount_check CHECK ((amount <> (0)::numeric)),
  CONSTRAINT credit_entries_check CHECK (((account = 'lot'::text) = (lot_id IS NOT NULL))),
  CONSTRAINT credit_entries_pkey PRIMARY KEY (tenant_id, posting_id, line)
);
-- row level security, forced
CREATE INDEX credit_entries_customer_idx ON public.credit_entries USING btree (tenant_id, customer_id);
CREATE POLICY app_tenant ON credit_entries FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON credit_entries FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE TRIGGER book_entry AFTER INSERT ON public.credit_entries FOR EACH ROW EXECUTE FUNCTION book_credit_entry();
CREATE CONSTRAINT TRIGGER posting_balances AFTER INSERT ON public.credit_entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION assert_posting_balances();
GRANT INSERT, SELECT ON credit_entries TO outlay_app;
GRANT DELETE, SELECT ON credit_entries TO outlay_eraser;

CREATE TABLE credit_lots (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id text NOT NULL,
  kind text NOT NULL,
  priority integer NOT NULL DEFAULT 0,
  remaining numeric NOT NULL DEFAULT 0,
  expires_at timestamp(3) with time zone,
  rollover_days integer,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  note text NOT NULL DEFAULT ''::text,
  CONSTRAINT credit_lots_kind_check CHECK ((kind = ANY (ARRAY['grant'::text, 'top_up'::text, 'promotion'::text, 'rollover'::text, 'returned'::text]))),
  CONSTRAINT credit_lots_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT credit_lots_remaining_check CHECK ((remaining >= (0)::numeric)),
  CONSTRAINT credit_lots_rollover_days_check CHECK ((rollover_days > 0))
);
-- row level security, forced
CREATE INDEX credit_lots_customer_idx ON public.credit_lots USING btree (tenant_id, customer_id);
CREATE INDEX credit_lots_expiry_idx ON public.credit_lots USING btree (expires_at) WHERE ((expires_at IS NOT NULL) AND (remaining > (0)::numeric));
CREATE POLICY app_tenant ON credit_lots FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY book_tenant ON credit_lots FOR ALL TO outlay_owner USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON credit_lots FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY system_due ON credit_lots FOR SELECT TO outlay_system USING (true);
GRANT SELECT ON credit_lots TO outlay_app;
GRANT DELETE, SELECT ON credit_lots TO outlay_eraser;
GRANT INSERT (tenant_id, id, customer_id, kind, priority, expires_at, rollover_days, created_at, note) ON credit_lots TO outlay_app;
GRANT SELECT (tenant_id, id, customer_id, remaining, expires_at) ON credit_lots TO outlay_system;

CREATE TABLE credit_marks (
  tenant_id uuid NOT NULL,
  slot smallint NOT NULL,
  batch bigint NOT NULL,
  taken_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT credit_marks_pkey PRIMARY KEY (tenant_id, slot)
);
-- row level security, forced
CREATE POLICY app_tenant ON credit_marks FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON credit_marks FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT INSERT, SELECT ON credit_marks TO outlay_app;
GRANT DELETE, SELECT ON credit_marks TO outlay_eraser;
GRANT UPDATE (batch, taken_at) ON credit_marks TO outlay_app;

CREATE TABLE credit_overdrafts (
  tenant_id uuid NOT NULL,
  customer_id text NOT NULL,
  balance numeric NOT NULL DEFAULT 0,
  CONSTRAINT credit_overdrafts_balance_check CHECK ((balance <= (0)::numeric)),
  CONSTRAINT credit_overdrafts_pkey PRIMARY KEY (tenant_id, customer_id)
);
-- row level security, forced
CREATE POLICY app_tenant ON credit_overdrafts FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY book_tenant ON credit_overdrafts FOR ALL TO outlay_owner USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON credit_overdrafts FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT SELECT ON credit_overdrafts TO outlay_app;
GRANT DELETE, SELECT ON credit_overdrafts TO outlay_eraser;

CREATE TABLE credit_postings (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id text NOT NULL,
  kind text NOT NULL,
  run_id uuid,
  at timestamp(3) with time zone NOT NULL,
  note text NOT NULL DEFAULT ''::text,
  created_by text NOT NULL,
  created_at timestamp(6) with time zone NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT credit_postings_kind_check CHECK ((kind = ANY (ARRAY['grant'::text, 'top_up'::text, 'promotion'::text, 'burn'::text, 'return'::text, 'expiry'::text, 'rollover'::text, 'settlement'::text]))),
  CONSTRAINT credit_postings_pkey PRIMARY KEY (tenant_id, id)
);
-- row level security, forced
CREATE INDEX credit_postings_customer_idx ON public.credit_postings USING btree (tenant_id, customer_id, at, id);
CREATE INDEX credit_postings_run_idx ON public.credit_postings USING btree (tenant_id, run_id) WHERE (run_id IS NOT NULL);
CREATE POLICY app_tenant ON credit_postings FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON credit_postings FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE TRIGGER tell_credits AFTER INSERT ON public.credit_postings FOR EACH ROW WHEN ((new.kind <> 'burn'::text)) EXECUTE FUNCTION tell_credit_change();
GRANT INSERT, SELECT ON credit_postings TO outlay_app;
GRANT DELETE, SELECT ON credit_postings TO outlay_eraser;

CREATE TABLE customer_rollup (
  tenant_id uuid NOT NULL,
  slot smallint NOT NULL,
  bucket timestamp(3) with time zone NOT NULL,
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
  fallback_cost_pico bigint NOT NULL DEFAULT 0,
  units_usable numeric NOT NULL DEFAULT 0,
  CONSTRAINT customer_rollup_pkey PRIMARY KEY (tenant_id, customer_id, bucket, workflow, plan_version_id, slot)
);
-- WITH (fillfactor=50)
-- row level security, forced
CREATE POLICY app_tenant ON customer_rollup FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON customer_rollup FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY writer_tenants ON customer_rollup FOR ALL TO outlay_writer USING ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[]))) WITH CHECK ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[])));
GRANT DELETE, INSERT, SELECT, UPDATE ON customer_rollup TO outlay_app;
GRANT DELETE, SELECT ON customer_rollup TO outlay_eraser;
GRANT INSERT, SELECT, UPDATE ON customer_rollup TO outlay_writer;

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
  fallback_cost_pico bigint NOT NULL DEFAULT 0,
  units_usable numeric NOT NULL DEFAULT 0,
  CONSTRAINT customer_rollup_day_pkey PRIMARY KEY (tenant_id, customer_id, day, workflow, plan_version_id, slot)
);
-- WITH (fillfactor=50)
-- row level security, forced
CREATE POLICY app_tenant ON customer_rollup_day FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON customer_rollup_day FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY writer_tenants ON customer_rollup_day FOR ALL TO outlay_writer USING ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[]))) WITH CHECK ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[])));
GRANT DELETE, INSERT, SELECT, UPDATE ON customer_rollup_day TO outlay_app;
GRANT DELETE, SELECT ON customer_rollup_day TO outlay_eraser;
GRANT INSERT, SELECT, UPDATE ON customer_rollup_day TO outlay_writer;

CREATE TABLE customer_terms (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id text NOT NULL,
  segment text,
  time_zone text,
  anchor_day date NOT NULL,
  effective_from timestamp(3) with time zone NOT NULL,
  created_at timestamp(6) with time zone NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT customer_terms_pkey PRIMARY KEY (tenant_id, id)
);
-- row level security, forced
CREATE INDEX customer_terms_customer_idx ON public.customer_terms USING btree (tenant_id, customer_id, effective_from);
CREATE POLICY app_tenant ON customer_terms FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON customer_terms FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE TRIGGER tell_policy AFTER INSERT OR DELETE ON public.customer_terms FOR EACH ROW EXECUTE FUNCTION tell_policy_change('customer');
GRANT INSERT, SELECT ON customer_terms TO outlay_app;
GRANT DELETE, SELECT ON customer_terms TO outlay_eraser;

CREATE TABLE customers (
  tenant_id uuid NOT NULL,
  customer_id text NOT NULL,
  name text NOT NULL DEFAULT ''::text,
  segment text,
  time_zone text,
  anchor_day date NOT NULL,
  suspended_at timestamp(3) with time zone,
  suspended_reason text,
  risk_lifted_until timestamp(3) with time zone,
  source text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT customers_customer_id_check CHECK ((customer_id <> ''::text)),
  CONSTRAINT customers_pkey PRIMARY KEY (tenant_id, customer_id),
  CONSTRAINT customers_source_check CHECK ((source = ANY (ARRAY['api'::text, 'console'::text, 'first_sight'::text, 'demo'::text])))
);
-- row level security, forced
CREATE POLICY app_tenant ON customers FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON customers FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE TRIGGER tell_policy AFTER INSERT OR DELETE OR UPDATE ON public.customers FOR EACH ROW EXECUTE FUNCTION tell_policy_change('customer');
GRANT INSERT, SELECT ON customers TO outlay_app;
GRANT DELETE, SELECT ON customers TO outlay_eraser;
GRANT UPDATE (name, segment, time_zone, anchor_day, suspended_at, suspended_reason, risk_lifted_until) ON customers TO outlay_app;

CREATE TABLE decisions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  run_id uuid NOT NULL,
  run_ref text,
  kind text NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  request_id text NOT NULL,
  environment text NOT NULL,
  api_key_id uuid,
  customer_id text NOT NULL DEFAULT ''::text,
  user_id text,
  workflow text NOT NULL DEFAULT ''::text,
  verdict text NOT NULL,
  reason text,
  blocked_by text,
  rule_version integer NOT NULL,
  snapshot_hash bytea,
  input json NOT NULL,
  answer json NOT NULL,
  CONSTRAINT decisions_kind_check CHECK ((kind = ANY (ARRAY['begin'::text, 'extend'::text]))),
  CONSTRAINT decisions_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT decisions_verdict_check CHECK ((verdict = ANY (ARRAY['allow'::text, 'warn'::text, 'degrade'::text, 'deny'::text])))
);
-- row level security, forced
CREATE INDEX decisions_customer_idx ON public.decisions USING btree (tenant_id, customer_id, id);
CREATE INDEX decisions_request_idx ON public.decisions USING btree (tenant_id, request_id);
CREATE INDEX decisions_run_idx ON public.decisions USING btree (tenant_id, run_id);
CREATE INDEX decisions_stopped_idx ON public.decisions USING btree (tenant_id, id) WHERE (verdict <> 'allow'::text);
CREATE POLICY app_tenant ON decisions FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON decisions FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT INSERT, SELECT ON decisions TO outlay_app;
GRANT DELETE, SELECT ON decisions TO outlay_eraser;

CREATE TABLE deliveries (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  channel_id uuid NOT NULL,
  alert_id uuid,
  kind text NOT NULL,
  dedupe_key text NOT NULL,
  payload jsonb NOT NULL,
  state text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  leased_until timestamp(3) with time zone,
  last_status integer,
  last_error text,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  sent_at timestamp(3) with time zone,
  CONSTRAINT deliveries_kind_check CHECK ((kind = ANY (ARRAY['alert'::text, 'resolved'::text, 'digest'::text, 'test'::text]))),
  CONSTRAINT deliveries_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'failed'::text]))),
  CONSTRAINT deliveries_tenant_id_channel_id_dedupe_key_key UNIQUE (tenant_id, channel_id, dedupe_key)
);
-- row level security, forced
CREATE INDEX deliveries_due_idx ON public.deliveries USING btree (next_attempt_at) WHERE (state = 'waiting'::text);
CREATE POLICY app_tenant ON deliveries FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON deliveries FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY system_due ON deliveries FOR SELECT TO outlay_system USING (true);
GRANT INSERT, SELECT ON deliveries TO outlay_app;
GRANT DELETE, SELECT ON deliveries TO outlay_eraser;
GRANT SELECT (tenant_id, id, state, next_attempt_at, leased_until) ON deliveries TO outlay_system;
GRANT UPDATE (payload, state, attempts, next_attempt_at, leased_until, last_status, last_error, sent_at) ON deliveries TO outlay_app;

CREATE TABLE demo_fills (
  tenant_id uuid NOT NULL,
  made_by uuid,
  state text NOT NULL DEFAULT 'waiting'::text,
  seed integer NOT NULL,
  ends_at timestamp(3) with time zone NOT NULL,
  events integer NOT NULL,
  recorded integer NOT NULL DEFAULT 0,
  resume_at integer NOT NULL DEFAULT 0,
  lease uuid,
  leased_until timestamp(3) with time zone,
  attempts integer NOT NULL DEFAULT 0,
  started_at timestamp(3) with time zone,
  finished_at timestamp(3) with time zone,
  failure text,
  CONSTRAINT demo_fills_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT demo_fills_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text, 'stopping'::text])))
);
-- row level security, forced
CREATE POLICY app_tenant ON demo_fills FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON demo_fills FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY system_due ON demo_fills FOR SELECT TO outlay_system USING (true);
GRANT INSERT, SELECT ON demo_fills TO outlay_app;
GRANT DELETE, SELECT ON demo_fills TO outlay_eraser;
GRANT SELECT (tenant_id, made_by, state, leased_until) ON demo_fills TO outlay_system;
GRANT UPDATE (state, recorded, resume_at, lease, leased_until, attempts, started_at, finished_at, failure) ON demo_fills TO outlay_app;

CREATE TABLE digest_subscriptions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  email text NOT NULL,
  kind text NOT NULL,
  token_hash text NOT NULL,
  last_sent_for date,
  unsubscribed_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT digest_subscriptions_kind_check CHECK ((kind = ANY (ARRAY['daily'::text, 'weekly'::text]))),
  CONSTRAINT digest_subscriptions_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT digest_subscriptions_tenant_id_email_kind_key UNIQUE (tenant_id, email, kind)
);
-- row level security, forced
CREATE UNIQUE INDEX digest_subscriptions_token_idx ON public.digest_subscriptions USING btree (token_hash);
CREATE POLICY app_tenant ON digest_subscriptions FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON digest_subscriptions FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY lookup_token ON digest_subscriptions FOR ALL TO outlay_lookup USING (true);
CREATE POLICY system_due ON digest_subscriptions FOR SELECT TO outlay_system USING (true);
GRANT INSERT, SELECT ON digest_subscriptions TO outlay_app;
GRANT DELETE, SELECT ON digest_subscriptions TO outlay_eraser;
GRANT SELECT ON digest_subscriptions TO outlay_lookup;
GRANT SELECT (tenant_id, id, kind, last_sent_for, unsubscribed_at) ON digest_subscriptions TO outlay_system;
GRANT UPDATE (token_hash, last_sent_for, unsubscribed_at) ON digest_subscriptions TO outlay_app;
GRANT UPDATE (unsubscribed_at) ON digest_subscriptions TO outlay_lookup;

CREATE TABLE forecasts (
  tenant_id uuid NOT NULL,
  scope text NOT NULL,
  subject text NOT NULL DEFAULT ''::text,
  day date NOT NULL,
  month_end_pico numeric NOT NULL,
  lower_pico numeric NOT NULL,
  upper_pico numeric NOT NULL,
  methods text[] NOT NULL,
  mape double precision,
  details jsonb NOT NULL DEFAULT '{}'::jsonb,
  CONSTRAINT forecasts_pkey PRIMARY KEY (tenant_id, scope, subject, day)
);
-- row level security, forced
CREATE POLICY app_tenant ON forecasts FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON forecasts FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT INSERT, SELECT ON forecasts TO outlay_app;
GRANT DELETE, SELECT ON forecasts TO outlay_eraser;
GRANT UPDATE (month_end_pico, lower_pico, upper_pico, methods, mape, details) ON forecasts TO outlay_app;

CREATE TABLE gate_settings (
  tenant_id uuid NOT NULL,
  risk_enabled boolean NOT NULL DEFAULT true,
  risk_floor_pico bigint NOT NULL DEFAULT '50000000000000'::bigint,
  risk_factor numeric NOT NULL DEFAULT 20,
  updated_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT gate_settings_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT gate_settings_risk_factor_check CHECK ((risk_factor >= (1)::numeric)),
  CONSTRAINT gate_settings_risk_floor_pico_check CHECK ((risk_floor_pico > 0))
);
-- row level security, forced
CREATE POLICY app_tenant ON gate_settings FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON gate_settings FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE TRIGGER tell_policy AFTER INSERT OR DELETE OR UPDATE ON public.gate_settings FOR EACH ROW EXECUTE FUNCTION tell_policy_change();
GRANT INSERT, SELECT ON gate_settings TO outlay_app;
GRANT DELETE, SELECT ON gate_settings TO outlay_eraser;
GRANT UPDATE (risk_enabled, risk_floor_pico, risk_factor, updated_at) ON gate_settings TO outlay_app;

CREATE TABLE holds (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  run_ref text,
  environment text NOT NULL,
  api_key_id uuid,
  customer_id text NOT NULL DEFAULT ''::text,
  user_id text,
  workflow text NOT NULL DEFAULT ''::text,
  feature text,
  begun_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  bounded boolean NOT NULL,
  amounts jsonb NOT NULL,
  reserves jsonb NOT NULL,
  request_hash bytea NOT NULL,
  answer json NOT NULL,
  plan_version_id uuid,
  snapshot_hash bytea,
  ended_at timestamp(3) with time zone,
  end_reason text,
  CONSTRAINT holds_check CHECK (((ended_at IS NULL) = (end_reason IS NULL))),
  CONSTRAINT holds_end_reason_check CHECK ((end_reason = ANY (ARRAY['finished'::text, 'released'::text, 'expired'::text, 'freed'::text]))),
  CONSTRAINT holds_pkey PRIMARY KEY (tenant_id, run_id)
);
-- row level security, forced
CREATE INDEX holds_open_idx ON public.holds USING btree (tenant_id, expires_at) WHERE (ended_at IS NULL);
CREATE POLICY app_tenant ON holds FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON holds FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY system_due ON holds FOR SELECT TO outlay_system USING (true);
GRANT INSERT, SELECT ON holds TO outlay_app;
GRANT DELETE, SELECT ON holds TO outlay_eraser;
GRANT SELECT (tenant_id, run_id, expires_at, ended_at) ON holds TO outlay_system;
GRANT UPDATE (expires_at, bounded, amounts, reserves, answer, ended_at, end_reason) ON holds TO outlay_app;

CREATE TABLE invitations (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  email text NOT NULL,
  role text NOT NULL,
  token_hash text NOT NULL,
  invited_by uuid NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  expires_at timestamp(3) with time zone NOT NULL,
  accepted_at timestamp(3) with time zone,
  revoked_at timestamp(3) with time zone,
  CONSTRAINT invitations_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT invitations_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'finance'::text, 'developer'::text, 'viewer'::text]))),
  CONSTRAINT invitations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
);
-- row level security, forced
CREATE UNIQUE INDEX invitations_token_hash_key ON public.invitations USING btree (token_hash);
CREATE POLICY app_tenant ON invitations FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON invitations FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY lookup_all ON invitations FOR SELECT TO outlay_lookup USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON invitations TO outlay_app;
GRANT DELETE, SELECT ON invitations TO outlay_eraser;
GRANT SELECT ON invitations TO outlay_lookup;

CREATE TABLE mail_outbox (
  id uuid NOT NULL,
  recipient text NOT NULL,
  subject text NOT NULL,
  html text NOT NULL,
  text text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  next_attempt_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0,
  last_error text,
  sent_at timestamp(3) with time zone,
  headers jsonb NOT NULL DEFAULT '{}'::jsonb,
  CONSTRAINT mail_outbox_pkey PRIMARY KEY (id)
);
CREATE INDEX mail_outbox_created_at_idx ON public.mail_outbox USING btree (created_at);
CREATE INDEX mail_outbox_due_idx ON public.mail_outbox USING btree (next_attempt_at);
GRANT DELETE, INSERT, SELECT, UPDATE ON mail_outbox TO outlay_app;

CREATE TABLE members (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  role text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  notices_seen_at timestamp(3) with time zone,
  CONSTRAINT members_pkey PRIMARY KEY (tenant_id, user_id),
  CONSTRAINT members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'finance'::text, 'developer'::text, 'viewer'::text]))),
  CONSTRAINT members_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
  CONSTRAINT members_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
-- row level security, forced
CREATE INDEX members_user_id_idx ON public.members USING btree (user_id);
CREATE POLICY app_tenant ON members FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON members FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY lookup_all ON members FOR SELECT TO outlay_lookup USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON members TO outlay_app;
GRANT DELETE, SELECT ON members TO outlay_eraser;
GRANT SELECT ON members TO outlay_lookup;
GRANT UPDATE (notices_seen_at) ON members TO outlay_app;

CREATE TABLE password_resets (
  token_hash text NOT NULL,
  user_id uuid NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  expires_at timestamp(3) with time zone NOT NULL,
  used_at timestamp(3) with time zone,
  CONSTRAINT password_resets_pkey PRIMARY KEY (token_hash),
  CONSTRAINT password_resets_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX password_resets_user_id_idx ON public.password_resets USING btree (user_id);
GRANT DELETE, INSERT, SELECT, UPDATE ON password_resets TO outlay_app;

CREATE TABLE plan_assignments (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id text NOT NULL,
  plan_version_id uuid NOT NULL,
  effective_from timestamp(3) with time zone NOT NULL,
  reason text NOT NULL,
  created_at timestamp(6) with time zone NOT NULL DEFAULT clock_timestamp(),
  created_by text NOT NULL,
  withdrawn_at timestamp(3) with time zone,
  CONSTRAINT plan_assignments_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT plan_assignments_reason_check CHECK ((reason = ANY (ARRAY['first_sight'::text, 'assigned'::text, 'migrated'::text, 'demo'::text])))
);
-- row level security, forced
CREATE INDEX plan_assignments_customer_idx ON public.plan_assignments USING btree (tenant_id, customer_id, effective_from);
CREATE INDEX plan_assignments_version_idx ON public.plan_assignments USING btree (tenant_id, plan_version_id);
CREATE POLICY app_tenant ON plan_assignments FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON plan_assignments FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE TRIGGER tell_policy AFTER INSERT OR DELETE OR UPDATE ON public.plan_assignments FOR EACH ROW EXECUTE FUNCTION tell_policy_change('customer');
GRANT INSERT, SELECT ON plan_assignments TO outlay_app;
GRANT DELETE, SELECT ON plan_assignments TO outlay_eraser;
GRANT UPDATE (withdrawn_at) ON plan_assignments TO outlay_app;

CREATE TABLE plan_overrides (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  scope text NOT NULL,
  subject text NOT NULL,
  patch jsonb,
  effective_from timestamp(3) with time zone NOT NULL,
  note text NOT NULL DEFAULT ''::text,
  created_at timestamp(6) with time zone NOT NULL DEFAULT clock_timestamp(),
  created_by text NOT NULL,
  CONSTRAINT plan_overrides_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT plan_overrides_scope_check CHECK ((scope = ANY (ARRAY['segment'::text, 'customer'::text])))
);
-- row level security, forced
CREATE INDEX plan_overrides_subject_idx ON public.plan_overrides USING btree (tenant_id, scope, subject, effective_from);
CREATE POLICY app_tenant ON plan_overrides FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON plan_overrides FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE TRIGGER tell_policy AFTER INSERT OR DELETE OR UPDATE ON public.plan_overrides FOR EACH ROW EXECUTE FUNCTION tell_policy_change();
GRANT INSERT, SELECT ON plan_overrides TO outlay_app;
GRANT DELETE, SELECT ON plan_overrides TO outlay_eraser;

CREATE TABLE plan_versions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  plan_id uuid NOT NULL,
  number integer NOT NULL,
  definition jsonb NOT NULL,
  effective_from timestamp(3) with time zone NOT NULL,
  migrates text NOT NULL,
  note text NOT NULL DEFAULT ''::text,
  published_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  published_by text NOT NULL,
  withdrawn_at timestamp(3) with time zone,
  CONSTRAINT plan_versions_migrates_check CHECK ((migrates = ANY (ARRAY['now'::text, 'renewal'::text, 'grandfather'::text]))),
  CONSTRAINT plan_versions_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT plan_versions_tenant_id_plan_id_number_key UNIQUE (tenant_id, plan_id, number)
);
-- row level security, forced
CREATE POLICY app_tenant ON plan_versions FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON plan_versions FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE TRIGGER tell_policy AFTER INSERT OR DELETE OR UPDATE ON public.plan_versions FOR EACH ROW EXECUTE FUNCTION tell_policy_change();
GRANT INSERT, SELECT ON plan_versions TO outlay_app;
GRANT DELETE, SELECT ON plan_versions TO outlay_eraser;
GRANT UPDATE (withdrawn_at) ON plan_versions TO outlay_app;

CREATE TABLE plans (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  key text NOT NULL,
  name text NOT NULL,
  words text NOT NULL DEFAULT ''::text,
  is_default boolean NOT NULL DEFAULT false,
  draft jsonb,
  draft_saved_at timestamp(3) with time zone,
  draft_saved_by text,
  archived_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT plans_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT plans_tenant_id_key_key UNIQUE (tenant_id, key)
);
-- row level security, forced
CREATE UNIQUE INDEX plans_default_idx ON public.plans USING btree (tenant_id) WHERE is_default;
CREATE POLICY app_tenant ON plans FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON plans FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE TRIGGER tell_policy AFTER INSERT OR DELETE OR UPDATE ON public.plans FOR EACH ROW EXECUTE FUNCTION tell_policy_change();
GRANT INSERT, SELECT ON plans TO outlay_app;
GRANT DELETE, SELECT ON plans TO outlay_eraser;
GRANT UPDATE (key, name, words, is_default, draft, draft_saved_at, draft_saved_by, archived_at) ON plans TO outlay_app;

CREATE TABLE price_proposals (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  state text NOT NULL DEFAULT 'waiting'::text,
  price jsonb NOT NULL,
  factor text NOT NULL,
  warning text NOT NULL,
  proposed_by uuid NOT NULL,
  proposed_by_name text NOT NULL,
  proposed_at timestamp(3) with time zone NOT NULL,
  decided_by uuid,
  decided_by_name text,
  decided_at timestamp(3) with time zone,
  CONSTRAINT price_proposals_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT price_proposals_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'approved'::text, 'declined'::text])))
);
-- row level security, forced
CREATE POLICY app_tenant ON price_proposals FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON price_proposals FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT INSERT, SELECT ON price_proposals TO outlay_app;
GRANT DELETE, SELECT ON price_proposals TO outlay_eraser;
GRANT UPDATE (state, decided_by, decided_by_name, decided_at) ON price_proposals TO outlay_app;

CREATE TABLE price_rates (
  price_version_id uuid NOT NULL,
  class text NOT NULL,
  price numeric NOT NULL,
  per bigint NOT NULL,
  CONSTRAINT price_rates_per_check CHECK ((per > 0)),
  CONSTRAINT price_rates_pkey PRIMARY KEY (price_version_id, class),
  CONSTRAINT price_rates_price_check CHECK ((price >= (0)::numeric)),
  CONSTRAINT price_rates_price_version_id_fkey FOREIGN KEY (price_version_id) REFERENCES price_versions(id) ON DELETE CASCADE
);
GRANT INSERT, SELECT ON price_rates TO outlay_app;
GRANT SELECT ON price_rates TO outlay_system;
GRANT SELECT ON price_rates TO outlay_writer;

CREATE TABLE price_versions (
  id uuid NOT NULL,
  provider text NOT NULL,
  model text NOT NULL,
  model_match jsonb NOT NULL,
  tier text NOT NULL DEFAULT 'standard'::text,
  region text NOT NULL DEFAULT ''::text,
  context_from bigint NOT NULL DEFAULT 0,
  effective_from timestamp(3) with time zone NOT NULL,
  known_from timestamp(3) with time zone NOT NULL,
  withdrawn boolean NOT NULL DEFAULT false,
  source text NOT NULL,
  source_version text NOT NULL,
  version text NOT NULL,
  CONSTRAINT price_versions_pkey PRIMARY KEY (id)
);
CREATE INDEX price_versions_model_idx ON public.price_versions USING btree (provider, model);
GRANT INSERT, SELECT ON price_versions TO outlay_app;
GRANT SELECT ON price_versions TO outlay_system;
GRANT SELECT ON price_versions TO outlay_writer;

CREATE TABLE provider_connections (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  provider text NOT NULL,
  name text NOT NULL,
  settings jsonb NOT NULL DEFAULT '{}'::jsonb,
  credentials text,
  credential_hint text NOT NULL DEFAULT ''::text,
  state text NOT NULL,
  watermarks jsonb NOT NULL DEFAULT '{}'::jsonb,
  last_success_at timestamp(3) with time zone,
  last_attempt_at timestamp(3) with time zone,
  last_error text,
  failures integer NOT NULL DEFAULT 0,
  next_sync_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  leased_until timestamp(3) with time zone,
  created_by text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  removed_at timestamp(3) with time zone,
  CONSTRAINT provider_connections_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT provider_connections_provider_check CHECK ((provider = ANY (ARRAY['openai'::text, 'anthropic'::text, 'google'::text, 'openrouter'::text, 'import'::text]))),
  CONSTRAINT provider_connections_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'healthy'::text, 'failing'::text, 'stopped'::text, 'paused'::text])))
);
-- row level security, forced
CREATE INDEX provider_connections_due_idx ON public.provider_connections USING btree (next_sync_at) WHERE (removed_at IS NULL);
CREATE POLICY app_tenant ON provider_connections FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON provider_connections FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY system_due ON provider_connections FOR SELECT TO outlay_system USING (true);
GRANT INSERT, SELECT ON provider_connections TO outlay_app;
GRANT DELETE, SELECT ON provider_connections TO outlay_eraser;
GRANT SELECT (tenant_id, id, state, next_sync_at, leased_until, removed_at) ON provider_connections TO outlay_system;
GRANT UPDATE (name, settings, credentials, credential_hint, state, watermarks, last_success_at, last_attempt_at, last_error, failures, next_sync_at, leased_until, removed_at) ON provider_connections TO outlay_app;

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
  amount_pico numeric NOT NULL,
  quantity numeric,
  currency text NOT NULL DEFAULT 'USD'::text,
  provisional boolean NOT NULL,
  observed_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  sync_id uuid NOT NULL,
  CONSTRAINT provider_costs_pkey PRIMARY KEY (tenant_id, connection_id, day, key_hash, revision)
);
-- row level security, forced
CREATE POLICY app_tenant ON provider_costs FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON provider_costs FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT INSERT, SELECT ON provider_costs TO outlay_app;
GRANT DELETE, SELECT ON provider_costs TO outlay_eraser;

CREATE TABLE provider_syncs (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  connection_id uuid NOT NULL,
  cause text NOT NULL,
  state text NOT NULL,
  started_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  finished_at timestamp(3) with time zone,
  pages integer NOT NULL DEFAULT 0,
  rows_read integer NOT NULL DEFAULT 0,
  rows_changed integer NOT NULL DEFAULT 0,
  progress text NOT NULL DEFAULT ''::text,
  error text,
  CONSTRAINT provider_syncs_cause_check CHECK ((cause = ANY (ARRAY['schedule'::text, 'person'::text, 'import'::text]))),
  CONSTRAINT provider_syncs_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT provider_syncs_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text])))
);
-- row level security, forced
CREATE INDEX provider_syncs_connection_idx ON public.provider_syncs USING btree (tenant_id, connection_id, started_at);
CREATE POLICY app_tenant ON provider_syncs FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON provider_syncs FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT INSERT, SELECT ON provider_syncs TO outlay_app;
GRANT DELETE, SELECT ON provider_syncs TO outlay_eraser;
GRANT UPDATE (state, finished_at, pages, rows_read, rows_changed, progress, error) ON provider_syncs TO outlay_app;

CREATE TABLE provider_usage (
  tenant_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  width text NOT NULL,
  bucket timestamp(3) with time zone NOT NULL,
  key_hash bytea NOT NULL,
  revision integer NOT NULL,
  dimensions jsonb NOT NULL,
  model text,
  api_key text,
  project text,
  requests bigint NOT NULL DEFAULT 0,
  quantities jsonb NOT NULL,
  priced_pico numeric,
  provisional boolean NOT NULL,
  observed_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  sync_id uuid NOT NULL,
  CONSTRAINT provider_usage_pkey PRIMARY KEY (tenant_id, connection_id, width, bucket, key_hash, revision),
  CONSTRAINT provider_usage_width_check CHECK ((width = ANY (ARRAY['1m'::text, '1h'::text, '1d'::text])))
);
-- row level security, forced
CREATE POLICY app_tenant ON provider_usage FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON provider_usage FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT INSERT, SELECT ON provider_usage TO outlay_app;
GRANT DELETE, SELECT ON provider_usage TO outlay_eraser;

CREATE TABLE reconciliations (
  tenant_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  day date NOT NULL,
  computed_at timestamp(3) with time zone NOT NULL,
  cut text NOT NULL,
  ledger_pico numeric NOT NULL,
  billed_pico numeric NOT NULL,
  rows jsonb NOT NULL,
  causes jsonb NOT NULL,
  basis text NOT NULL DEFAULT ''::text,
  CONSTRAINT reconciliations_pkey PRIMARY KEY (tenant_id, connection_id, day)
);
-- row level security, forced
CREATE POLICY app_tenant ON reconciliations FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON reconciliations FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT INSERT, SELECT ON reconciliations TO outlay_app;
GRANT DELETE, SELECT ON reconciliations TO outlay_eraser;
GRANT UPDATE (computed_at, cut, ledger_pico, billed_pico, rows, causes, basis) ON reconciliations TO outlay_app;

CREATE TABLE repricing_runs (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  state text NOT NULL DEFAULT 'planned'::text,
  filter jsonb NOT NULL,
  reason text NOT NULL,
  cut text NOT NULL,
  known_at timestamp(3) with time zone NOT NULL,
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
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  started_at timestamp(3) with time zone,
  finished_at timestamp(3) with time zone,
  request_id text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  lease uuid,
  lease_until timestamp(3) with time zone,
  CONSTRAINT repricing_runs_kind_check CHECK ((kind = ANY (ARRAY['manual'::text, 'healing'::text]))),
  CONSTRAINT repricing_runs_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT repricing_runs_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
);
-- row level security, forced
CREATE UNIQUE INDEX repricing_runs_running_key ON public.repricing_runs USING btree (tenant_id) WHERE (state = 'running'::text);
CREATE POLICY app_tenant ON repricing_runs FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON repricing_runs FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY lookup_all ON repricing_runs FOR SELECT TO outlay_lookup USING (true);
GRANT INSERT, SELECT, UPDATE ON repricing_runs TO outlay_app;
GRANT DELETE, SELECT ON repricing_runs TO outlay_eraser;
GRANT SELECT (tenant_id, id, state, starts_itself, preview, lease_until) ON repricing_runs TO outlay_lookup;

CREATE TABLE repricing_settings (
  tenant_id uuid NOT NULL,
  heals boolean NOT NULL DEFAULT true,
  checked_mark text NOT NULL DEFAULT ''::text,
  checked_at timestamp(3) with time zone,
  CONSTRAINT repricing_settings_pkey PRIMARY KEY (tenant_id)
);
-- row level security, forced
CREATE POLICY app_tenant ON repricing_settings FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON repricing_settings FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT INSERT, SELECT, UPDATE ON repricing_settings TO outlay_app;
GRANT DELETE, SELECT ON repricing_settings TO outlay_eraser;

CREATE TABLE runs (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  run_ref text,
  label_key text NOT NULL,
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
  outcome_at timestamp(3) with time zone,
  units numeric,
  first_at timestamp(3) with time zone NOT NULL,
  last_at timestamp(3) with time zone NOT NULL,
  open_until timestamp(3) with time zone NOT NULL,
  prev_environment text,
  prev_customer_id text,
  prev_workflow text,
  prev_plan_version_id uuid,
  prev_cost_pico bigint,
  prev_outcome text,
  prev_outcome_at timestamp(3) with time zone,
  prev_units numeric,
  archived_cost_pico bigint,
  archived_ceiling_pico bigint,
  archived_calls integer,
  archived_retries integer,
  archived_unpriced integer,
  archived_outcome text,
  CONSTRAINT runs_pkey PRIMARY KEY (tenant_id, run_id)
);
-- WITH (fillfactor=70)
-- row level security, forced
CREATE INDEX runs_last_at_idx ON public.runs USING btree (tenant_id, last_at);
CREATE POLICY app_tenant ON runs FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON runs FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY writer_tenants ON runs FOR ALL TO outlay_writer USING ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[]))) WITH CHECK ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[])));
GRANT INSERT, SELECT, UPDATE ON runs TO outlay_app;
GRANT DELETE, SELECT ON runs TO outlay_eraser;
GRANT INSERT, SELECT, UPDATE ON runs TO outlay_writer;

CREATE TABLE saved_views (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  page text NOT NULL,
  name text NOT NULL,
  search jsonb NOT NULL,
  created_by uuid NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT saved_views_page_check CHECK ((page = 'ledger'::text)),
  CONSTRAINT saved_views_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT saved_views_tenant_id_page_name_key UNIQUE (tenant_id, page, name)
);
-- row level security, forced
CREATE POLICY app_tenant ON saved_views FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON saved_views FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT DELETE, INSERT, SELECT ON saved_views TO outlay_app;
GRANT DELETE, SELECT ON saved_views TO outlay_eraser;
GRANT UPDATE (name, search) ON saved_views TO outlay_app;

CREATE TABLE sessions (
  id text NOT NULL,
  user_id uuid NOT NULL,
  tenant_id uuid,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  expires_at timestamp(3) with time zone NOT NULL,
  last_seen_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  ip text NOT NULL DEFAULT ''::text,
  user_agent text NOT NULL DEFAULT ''::text,
  CONSTRAINT sessions_pkey PRIMARY KEY (id),
  CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX sessions_expires_at_idx ON public.sessions USING btree (expires_at);
CREATE INDEX sessions_user_id_idx ON public.sessions USING btree (user_id);
GRANT DELETE, INSERT, SELECT, UPDATE ON sessions TO outlay_app;
GRANT SELECT ON sessions TO outlay_lookup;

CREATE TABLE snapshots (
  tenant_id uuid NOT NULL,
  hash bytea NOT NULL,
  body jsonb NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT snapshots_pkey PRIMARY KEY (tenant_id, hash)
);
-- row level security, forced
CREATE POLICY app_tenant ON snapshots FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON snapshots FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY writer_tenants ON snapshots FOR ALL TO outlay_writer USING ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[]))) WITH CHECK ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[])));
GRANT INSERT, SELECT ON snapshots TO outlay_app;
GRANT DELETE, SELECT ON snapshots TO outlay_eraser;
GRANT INSERT, SELECT ON snapshots TO outlay_writer;

CREATE TABLE tenant_erasures (
  id uuid NOT NULL,
  erased_tenant_id uuid NOT NULL,
  name text NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamp(3) with time zone NOT NULL,
  erase_after timestamp(3) with time zone NOT NULL,
  cancelled_at timestamp(3) with time zone,
  erased_at timestamp(3) with time zone,
  erased_rows jsonb,
  CONSTRAINT tenant_erasures_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX tenant_erasures_open_key ON public.tenant_erasures USING btree (erased_tenant_id) WHERE ((cancelled_at IS NULL) AND (erased_at IS NULL));
GRANT INSERT, SELECT, UPDATE ON tenant_erasures TO outlay_eraser;
GRANT SELECT ON tenant_erasures TO outlay_system;

CREATE TABLE tenant_keys (
  tenant_id uuid NOT NULL,
  wrapped_key text NOT NULL,
  wrapped_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT tenant_keys_pkey PRIMARY KEY (tenant_id)
);
-- row level security, forced
CREATE POLICY app_tenant ON tenant_keys FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON tenant_keys FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT INSERT, SELECT ON tenant_keys TO outlay_app;
GRANT DELETE, SELECT ON tenant_keys TO outlay_eraser;
GRANT UPDATE (wrapped_key, wrapped_at) ON tenant_keys TO outlay_app;

CREATE TABLE tenant_price_rates (
  tenant_id uuid NOT NULL,
  price_version_id uuid NOT NULL,
  class text NOT NULL,
  price numeric NOT NULL,
  per bigint NOT NULL,
  CONSTRAINT tenant_price_rates_per_check CHECK ((per > 0)),
  CONSTRAINT tenant_price_rates_pkey PRIMARY KEY (tenant_id, price_version_id, class),
  CONSTRAINT tenant_price_rates_price_check CHECK ((price >= (0)::numeric)),
  CONSTRAINT tenant_price_rates_tenant_id_price_version_id_fkey FOREIGN KEY (tenant_id, price_version_id) REFERENCES tenant_price_versions(tenant_id, id) ON DELETE CASCADE
);
-- row level security, forced
CREATE POLICY app_tenant ON tenant_price_rates FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON tenant_price_rates FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
GRANT INSERT, SELECT ON tenant_price_rates TO outlay_app;
GRANT DELETE, SELECT ON tenant_price_rates TO outlay_eraser;

CREATE TABLE tenant_price_versions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  provider text NOT NULL,
  model text NOT NULL,
  model_match jsonb NOT NULL,
  tier text NOT NULL DEFAULT 'standard'::text,
  region text NOT NULL DEFAULT ''::text,
  context_from bigint NOT NULL DEFAULT 0,
  effective_from timestamp(3) with time zone NOT NULL,
  known_from timestamp(3) with time zone NOT NULL,
  withdrawn boolean NOT NULL DEFAULT false,
  source text NOT NULL,
  source_version text NOT NULL,
  version text NOT NULL,
  CONSTRAINT tenant_price_versions_pkey PRIMARY KEY (tenant_id, id)
);
-- row level security, forced
CREATE POLICY app_tenant ON tenant_price_versions FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON tenant_price_versions FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY lookup_all ON tenant_price_versions FOR SELECT TO outlay_lookup USING (true);
GRANT INSERT, SELECT ON tenant_price_versions TO outlay_app;
GRANT DELETE, SELECT ON tenant_price_versions TO outlay_eraser;
GRANT SELECT (tenant_id, known_from) ON tenant_price_versions TO outlay_lookup;

CREATE TABLE tenants (
  id uuid NOT NULL,
  name text NOT NULL,
  time_zone text NOT NULL DEFAULT 'UTC'::text,
  late_window_days integer NOT NULL DEFAULT 7,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  demo boolean NOT NULL DEFAULT false,
  CONSTRAINT tenants_pkey PRIMARY KEY (id)
);
-- row level security, forced
CREATE POLICY app_tenant ON tenants FOR ALL TO outlay_app USING ((id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON tenants FOR ALL TO outlay_eraser USING ((id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY lookup_all ON tenants FOR SELECT TO outlay_lookup USING (true);
CREATE POLICY system_all ON tenants FOR SELECT TO outlay_system USING (true);
CREATE POLICY writer_tenants ON tenants FOR SELECT TO outlay_writer USING ((id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[])));
CREATE TRIGGER tell_zone AFTER UPDATE OF time_zone ON public.tenants FOR EACH ROW EXECUTE FUNCTION tell_zone_change();
GRANT INSERT, SELECT ON tenants TO outlay_app;
GRANT DELETE, SELECT ON tenants TO outlay_eraser;
GRANT SELECT (id, name, time_zone, late_window_days, demo) ON tenants TO outlay_lookup;
GRANT SELECT (id, name, time_zone, late_window_days, demo) ON tenants TO outlay_system;
GRANT SELECT (id, time_zone) ON tenants TO outlay_writer;
GRANT UPDATE (name, time_zone, late_window_days) ON tenants TO outlay_app;

CREATE TABLE trial_balances (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  state text NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  started_at timestamp(3) with time zone,
  finished_at timestamp(3) with time zone,
  leased_until timestamp(3) with time zone,
  rows_expected bigint NOT NULL DEFAULT 0,
  rows_read bigint NOT NULL DEFAULT 0,
  checks jsonb NOT NULL DEFAULT '[]'::jsonb,
  failure text,
  cut text,
  cursor uuid,
  lease uuid,
  attempts integer NOT NULL DEFAULT 0,
  CONSTRAINT trial_balances_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT trial_balances_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text])))
);
-- row level security, forced
CREATE UNIQUE INDEX trial_balances_open_idx ON public.trial_balances USING btree (tenant_id) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]));
CREATE POLICY app_tenant ON trial_balances FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON trial_balances FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY system_due ON trial_balances FOR SELECT TO outlay_system USING (true);
GRANT DELETE, INSERT, SELECT ON trial_balances TO outlay_app;
GRANT DELETE, SELECT ON trial_balances TO outlay_eraser;
GRANT SELECT (tenant_id, id, state, leased_until) ON trial_balances TO outlay_system;
GRANT UPDATE (state, started_at, finished_at, leased_until, rows_expected, rows_read, checks, failure, cut, cursor, lease, attempts) ON trial_balances TO outlay_app;

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
  occurred_at timestamp(3) with time zone NOT NULL,
  recorded_at timestamp(6) with time zone NOT NULL,
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
  CONSTRAINT usage_events_basis CHECK ((cost_basis = ANY (ARRAY['priced'::text, 'unpriced'::text, 'estimated'::text, 'provider_reported'::text]))),
  CONSTRAINT usage_events_kind CHECK ((kind = ANY (ARRAY['usage'::text, 'outcome'::text, 'reversal'::text, 'restatement'::text]))),
  CONSTRAINT usage_events_outcome CHECK (((subject = 'outcome'::text) = (outcome IS NOT NULL))),
  CONSTRAINT usage_events_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT usage_events_sign CHECK ((sign =
CASE kind
    WHEN 'reversal'::text THEN '-1'::integer
    ELSE 1
END)),
  CONSTRAINT usage_events_unpriced CHECK (((cost_basis = 'unpriced'::text) = (cost_pico IS NULL)))
);
-- PARTITION BY RANGE (id)
-- row level security, forced
CREATE INDEX usage_events_corrects_idx ON ONLY public.usage_events USING btree (tenant_id, corrects) WHERE (corrects IS NOT NULL);
CREATE INDEX usage_events_customer_idx ON ONLY public.usage_events USING btree (tenant_id, customer_id, occurred_at);
CREATE INDEX usage_events_occurred_at_idx ON ONLY public.usage_events USING btree (tenant_id, occurred_at, id);
CREATE INDEX usage_events_recorded_at_idx ON ONLY public.usage_events USING brin (recorded_at);
CREATE INDEX usage_events_request_idx ON ONLY public.usage_events USING btree (tenant_id, request_id);
CREATE INDEX usage_events_run_idx ON ONLY public.usage_events USING btree (tenant_id, run_id);
CREATE INDEX usage_events_unpriced_idx ON ONLY public.usage_events USING btree (tenant_id, id) WHERE (cost_basis = 'unpriced'::text);
CREATE POLICY app_tenant ON usage_events FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON usage_events FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY writer_tenants ON usage_events FOR ALL TO outlay_writer USING ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[]))) WITH CHECK ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[])));
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON public.usage_events FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.usage_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
GRANT INSERT, SELECT ON usage_events TO outlay_app;
GRANT DELETE, SELECT ON usage_events TO outlay_eraser;
GRANT INSERT, SELECT ON usage_events TO outlay_writer;
-- partitions usage_events_YYYYMM: row level security forced, no grants, triggers append_only_rows append_only_truncate
-- partitions usage_events_f[0-9a-f]: row level security forced, no grants, triggers append_only_rows append_only_truncate

CREATE TABLE usage_rollup (
  tenant_id uuid NOT NULL,
  slot smallint NOT NULL,
  bucket timestamp(3) with time zone NOT NULL,
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
  fallback_cost_pico bigint NOT NULL DEFAULT 0,
  units_usable numeric NOT NULL DEFAULT 0,
  CONSTRAINT usage_rollup_pkey PRIMARY KEY (tenant_id, bucket, environment, workflow, provider, model, slot)
);
-- WITH (fillfactor=50)
-- row level security, forced
CREATE POLICY app_tenant ON usage_rollup FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON usage_rollup FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY writer_tenants ON usage_rollup FOR ALL TO outlay_writer USING ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[]))) WITH CHECK ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[])));
GRANT DELETE, INSERT, SELECT, UPDATE ON usage_rollup TO outlay_app;
GRANT DELETE, SELECT ON usage_rollup TO outlay_eraser;
GRANT INSERT, SELECT, UPDATE ON usage_rollup TO outlay_writer;

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
  fallback_cost_pico bigint NOT NULL DEFAULT 0,
  units_usable numeric NOT NULL DEFAULT 0,
  CONSTRAINT usage_rollup_day_pkey PRIMARY KEY (tenant_id, day, environment, workflow, provider, model, slot)
);
-- WITH (fillfactor=50)
-- row level security, forced
CREATE POLICY app_tenant ON usage_rollup_day FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON usage_rollup_day FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY writer_tenants ON usage_rollup_day FOR ALL TO outlay_writer USING ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[]))) WITH CHECK ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[])));
GRANT DELETE, INSERT, SELECT, UPDATE ON usage_rollup_day TO outlay_app;
GRANT DELETE, SELECT ON usage_rollup_day TO outlay_eraser;
GRANT INSERT, SELECT, UPDATE ON usage_rollup_day TO outlay_writer;

CREATE TABLE users (
  id uuid NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  password_hash text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT users_email_lower CHECK ((email = lower(email))),
  CONSTRAINT users_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email);
GRANT DELETE, INSERT, SELECT, UPDATE ON users TO outlay_app;

CREATE TABLE workflows (
  tenant_id uuid NOT NULL,
  name text NOT NULL,
  unit_name text NOT NULL DEFAULT 'run'::text,
  target_cost_pico bigint,
  time_to_live_ms bigint NOT NULL DEFAULT 86400000,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  usable_means text NOT NULL DEFAULT ''::text,
  route jsonb NOT NULL DEFAULT '[]'::jsonb,
  on_gate_unavailable text NOT NULL DEFAULT 'allow'::text,
  CONSTRAINT workflows_on_gate_unavailable_check CHECK ((on_gate_unavailable = ANY (ARRAY['allow'::text, 'deny'::text, 'degrade'::text]))),
  CONSTRAINT workflows_pkey PRIMARY KEY (tenant_id, name)
);
-- row level security, forced
CREATE POLICY app_tenant ON workflows FOR ALL TO outlay_app USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY eraser_tenant ON workflows FOR ALL TO outlay_eraser USING ((tenant_id = (NULLIF(current_setting('app.erasing'::text, true), ''::text))::uuid));
CREATE POLICY writer_tenants ON workflows FOR ALL TO outlay_writer USING ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[]))) WITH CHECK ((tenant_id = ANY (( SELECT (current_setting('app.tenant_ids'::text, true))::uuid[] AS current_setting)::uuid[])));
CREATE TRIGGER tell_policy AFTER INSERT OR DELETE OR UPDATE ON public.workflows FOR EACH ROW EXECUTE FUNCTION tell_policy_change();
GRANT DELETE, INSERT, SELECT, UPDATE ON workflows TO outlay_app;
GRANT DELETE, SELECT ON workflows TO outlay_eraser;
GRANT SELECT ON workflows TO outlay_writer;

CREATE TABLE writer_slots (
  slot smallint NOT NULL,
  batch bigint NOT NULL,
  written_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT writer_slots_pkey PRIMARY KEY (slot),
  CONSTRAINT writer_slots_slot_check CHECK (((slot >= 0) AND (slot <= 63)))
);
-- WITH (fillfactor=10)
GRANT SELECT ON writer_slots TO outlay_app;
GRANT SELECT ON writer_slots TO outlay_system;
GRANT INSERT, SELECT, UPDATE ON writer_slots TO outlay_writer;

CREATE OR REPLACE FUNCTION public.assert_posting_balances()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
BEGIN
  IF (SELECT sum(amount) FROM public.credit_entries WHERE tenant_id = NEW.tenant_id AND posting_id = NEW.posting_id) <> 0 THEN
    RAISE EXCEPTION 'The entries of posting % do not sum to zero.', NEW.posting_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $function$;
GRANT EXECUTE ON FUNCTION assert_posting_balances() TO PUBLIC;

CREATE OR REPLACE FUNCTION public.attach_usage_partition(partition_name text, from_id text, to_id text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  EXECUTE format('CREATE TABLE public.%I (LIKE public.usage_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition_name);
  EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', partition_name);
  EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.%I FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_ledger_change()', partition_name);
  EXECUTE format('ALTER TABLE public.usage_events ATTACH PARTITION public.%I FOR VALUES FROM (%s) TO (%s)', partition_name, from_id, to_id);
END
$function$;

CREATE OR REPLACE FUNCTION public.book_credit_entry()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
BEGIN
  IF NEW.account = 'lot' THEN
    UPDATE public.credit_lots SET remaining = remaining + NEW.amount WHERE tenant_id = NEW.tenant_id AND id = NEW.lot_id AND customer_id = NEW.customer_id;
    IF NOT FOUND THEN RAISE EXCEPTION 'There is no lot % of this customer.', NEW.lot_id USING ERRCODE = 'foreign_key_violation'; END IF;
  ELSIF NEW.account = 'overdraft' THEN
    INSERT INTO public.credit_overdrafts (tenant_id, customer_id, balance) VALUES (NEW.tenant_id, NEW.customer_id, 0) ON CONFLICT (tenant_id, customer_id) DO NOTHING;
    UPDATE public.credit_overdrafts SET balance = balance + NEW.amount WHERE tenant_id = NEW.tenant_id AND customer_id = NEW.customer_id;
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.cancel_tenant_erasure(asked_tenant_id uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  UPDATE tenant_erasures SET cancelled_at = now() WHERE erased_tenant_id = asked_tenant_id AND cancelled_at IS NULL AND erased_at IS NULL;
  RETURN FOUND;
END
$function$;
-- OWNER outlay_eraser
GRANT EXECUTE ON FUNCTION cancel_tenant_erasure(uuid) TO outlay_system;

CREATE OR REPLACE FUNCTION public.close_tenant(erased_tenant_id uuid)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  closed bigint;
BEGIN
  PERFORM 1 FROM tenant_erasures e WHERE e.erased_tenant_id = $1 AND e.cancelled_at IS NULL AND e.erased_at IS NULL AND e.erase_after <= now();
  IF NOT FOUND THEN RAISE EXCEPTION 'no erasure of the team % is due', $1 USING ERRCODE = 'object_not_in_prerequisite_state'; END IF;
  PERFORM set_config('app.erasing', $1::text, true);
  UPDATE api_keys SET revoked_at = now() WHERE tenant_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now());
  GET DIAGNOSTICS closed = ROW_COUNT;
  PERFORM set_config('app.erasing', '', true);
  RETURN closed;
END
$function$;
-- OWNER outlay_eraser
GRANT EXECUTE ON FUNCTION close_tenant(uuid) TO outlay_system;

CREATE OR REPLACE FUNCTION public.drop_usage_month(dropped_month date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '1s'
AS $function$
DECLARE
  partition_name text := 'usage_events_' || to_char(dropped_month, 'YYYYMM');
  uncovered bigint;
BEGIN
  PERFORM 1 FROM archived_months m WHERE m.month = dropped_month AND m.state = 'frozen';
  IF NOT FOUND THEN RAISE EXCEPTION 'the month % is not frozen', dropped_month USING ERRCODE = 'object_not_in_prerequisite_state'; END IF;
  EXECUTE format($sql$SELECT count(*) FROM (SELECT e.tenant_id, count(*) AS n FROM public.%I e GROUP BY e.tenant_id) s
    FULL JOIN (SELECT t.tenant_id, t.row_count FROM archived_totals t WHERE t.month = $1) a USING (tenant_id) WHERE s.n IS DISTINCT FROM a.row_count$sql$, partition_name)
    INTO uncovered USING dropped_month;
  IF uncovered > 0 THEN
    RAISE EXCEPTION '% teams have rows in % that no total covers', uncovered, dropped_month USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  EXECUTE format('ALTER TABLE public.usage_events DETACH PARTITION public.%I', partition_name);
  EXECUTE format('DROP TABLE public.%I', partition_name);
  PERFORM attach_usage_partition(partition_name, quote_literal(uuid_of_ms((extract(epoch FROM dropped_month::timestamp AT TIME ZONE 'UTC') * 1000)::bigint)),
    quote_literal(uuid_of_ms((extract(epoch FROM (dropped_month + interval '1 month') AT TIME ZONE 'UTC') * 1000)::bigint)));
  EXECUTE format($ddl$ALTER TABLE public.%I ADD CONSTRAINT archived_month CHECK (coalesce(current_setting('app.restoring', true), '') = %L) NOT VALID$ddl$,
    partition_name, to_char(dropped_month, 'YYYYMM'));
  EXECUTE format('CREATE POLICY owner_counts ON public.%I FOR SELECT TO outlay_owner USING (true)', partition_name);
  UPDATE archived_months SET state = 'archived', archived_at = now() WHERE month = dropped_month;
END
$function$;
GRANT EXECUTE ON FUNCTION drop_usage_month(date) TO outlay_system;

CREATE OR REPLACE FUNCTION public.due_repricing_runs()
 RETURNS TABLE(tenant_id uuid, id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
AS $function$
  SELECT r.tenant_id, r.id FROM repricing_runs r
  WHERE (r.state = 'running' OR (r.state = 'planned' AND (r.preview IS NULL OR r.starts_itself))) AND (r.lease_until IS NULL OR r.lease_until < now())
  ORDER BY r.id
$function$;
-- OWNER outlay_lookup
GRANT EXECUTE ON FUNCTION due_repricing_runs() TO outlay_system;

CREATE OR REPLACE FUNCTION public.end_digest(hash text)
 RETURNS TABLE(email text, kind text)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
AS $function$
  UPDATE digest_subscriptions d SET unsubscribed_at = coalesce(d.unsubscribed_at, now()) WHERE d.token_hash = hash RETURNING d.email, d.kind
$function$;
-- OWNER outlay_lookup
GRANT EXECUTE ON FUNCTION end_digest(text) TO outlay_app;

CREATE OR REPLACE FUNCTION public.ensure_usage_partition(at timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
GRANT EXECUTE ON FUNCTION ensure_usage_partition(timestamp with time zone) TO outlay_app;
GRANT EXECUTE ON FUNCTION ensure_usage_partition(timestamp with time zone) TO outlay_system;

CREATE OR REPLACE FUNCTION public.erase_tenant(erased_tenant_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  name text;
  erased bigint;
  counts jsonb := '{}';
BEGIN
  PERFORM 1 FROM tenant_erasures e WHERE e.erased_tenant_id = $1 AND e.cancelled_at IS NULL AND e.erased_at IS NULL AND e.erase_after <= now() FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'no erasure of the team % is due', $1 USING ERRCODE = 'object_not_in_prerequisite_state'; END IF;
  PERFORM set_config('app.erasing', $1::text, true);
  PERFORM 1 FROM api_keys k WHERE k.tenant_id = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now());
  IF FOUND THEN RAISE EXCEPTION 'the team % still has keys in use: close it first', $1 USING ERRCODE = 'object_not_in_prerequisite_state'; END IF;
  FOR name IN SELECT tablename FROM pg_policies WHERE schemaname = 'public' AND policyname = 'eraser_tenant' AND tablename <> 'tenants' ORDER BY tablename
  LOOP
    EXECUTE format('DELETE FROM public.%I WHERE tenant_id = $1', name) USING $1;
    GET DIAGNOSTICS erased = ROW_COUNT;
    counts := counts || jsonb_build_object(name, erased);
  END LOOP;
  DELETE FROM tenants WHERE id = $1;
  UPDATE tenant_erasures e SET erased_at = clock_timestamp(), erased_rows = counts WHERE e.erased_tenant_id = $1 AND e.cancelled_at IS NULL AND e.erased_at IS NULL;
  PERFORM set_config('app.erasing', '', true);
  RETURN counts;
END
$function$;
-- OWNER outlay_eraser
GRANT EXECUTE ON FUNCTION erase_tenant(uuid) TO outlay_system;

CREATE OR REPLACE FUNCTION public.freeze_usage_month(frozen_month date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '1s'
AS $function$
DECLARE
  partition_name text := 'usage_events_' || to_char(frozen_month, 'YYYYMM');
BEGIN
  IF frozen_month <> date_trunc('month', frozen_month)::date OR NOT EXISTS (
    SELECT FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid WHERE i.inhparent = 'public.usage_events'::regclass AND c.relname = partition_name) THEN
    RAISE EXCEPTION 'there is no month % in the ledger', frozen_month USING ERRCODE = 'no_data_found';
  END IF;
  -- Events are 35 days from their id at most, and corrections of a month come with its invoices.
  IF (frozen_month + interval '1 month') AT TIME ZONE 'UTC' > now() - interval '70 days' THEN
    RAISE EXCEPTION 'the month % is too young: it must have ended 70 days ago', frozen_month USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF EXISTS (SELECT FROM archived_months m WHERE m.month = frozen_month) THEN RETURN; END IF;
  EXECUTE format($ddl$ALTER TABLE public.%I ADD CONSTRAINT archived_month CHECK (coalesce(current_setting('app.restoring', true), '') = %L) NOT VALID$ddl$,
    partition_name, to_char(frozen_month, 'YYYYMM'));
  -- The owner counts the rows before it drops them; a partition answers nobody else but through its parent.
  EXECUTE format('CREATE POLICY owner_counts ON public.%I FOR SELECT TO outlay_owner USING (true)', partition_name);
  INSERT INTO archived_months (month, state) VALUES (frozen_month, 'frozen');
END
$function$;
GRANT EXECUTE ON FUNCTION freeze_usage_month(date) TO outlay_system;

CREATE OR REPLACE FUNCTION public.lookup_api_key(hash text)
 RETURNS TABLE(tenant_id uuid, id uuid, environment text, abilities text[], expires_at timestamp with time zone, revoked_at timestamp with time zone, time_zone text, late_window_days integer)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
AS $function$
  SELECT k.tenant_id, k.id, k.environment, k.abilities, k.expires_at, k.revoked_at, t.time_zone, t.late_window_days
  FROM api_keys k JOIN tenants t ON t.id = k.tenant_id WHERE k.key_hash = hash
$function$;
-- OWNER outlay_lookup
GRANT EXECUTE ON FUNCTION lookup_api_key(text) TO outlay_app;

CREATE OR REPLACE FUNCTION public.lookup_invitation(hash text)
 RETURNS TABLE(tenant_id uuid, id uuid, team_name text, email text, role text, expires_at timestamp with time zone, accepted_at timestamp with time zone, revoked_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
AS $function$
  SELECT i.tenant_id, i.id, t.name, i.email, i.role, i.expires_at, i.accepted_at, i.revoked_at
  FROM invitations i JOIN tenants t ON t.id = i.tenant_id WHERE i.token_hash = hash
$function$;
-- OWNER outlay_lookup
GRANT EXECUTE ON FUNCTION lookup_invitation(text) TO outlay_app;

CREATE OR REPLACE FUNCTION public.lookup_memberships(member_user_id uuid)
 RETURNS TABLE(tenant_id uuid, name text, time_zone text, role text, demo boolean)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
AS $function$
  SELECT m.tenant_id, t.name, t.time_zone, m.role, t.demo FROM members m JOIN tenants t ON t.id = m.tenant_id
  WHERE m.user_id = member_user_id ORDER BY m.created_at, m.tenant_id
$function$;
-- OWNER outlay_lookup
GRANT EXECUTE ON FUNCTION lookup_memberships(uuid) TO outlay_app;

CREATE OR REPLACE FUNCTION public.lookup_price_marks(tenant_ids uuid[])
 RETURNS TABLE(tenant_id uuid, mark text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
AS $function$
  SELECT v.tenant_id, count(*) || ' ' || max(v.known_from)::text FROM tenant_price_versions v WHERE v.tenant_id = ANY (tenant_ids) GROUP BY v.tenant_id
$function$;
-- OWNER outlay_lookup
GRANT EXECUTE ON FUNCTION lookup_price_marks(uuid[]) TO outlay_app;

CREATE OR REPLACE FUNCTION public.refuse_audit_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF TG_OP = 'DELETE' AND current_user = 'outlay_eraser'
     AND OLD.tenant_id = nullif(current_setting('app.erasing', true), '')::uuid THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'audit_log is append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
END
$function$;
GRANT EXECUTE ON FUNCTION refuse_audit_change() TO PUBLIC;

CREATE OR REPLACE FUNCTION public.refuse_ledger_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF TG_OP = 'DELETE' AND current_user = 'outlay_eraser'
     AND OLD.tenant_id = nullif(current_setting('app.erasing', true), '')::uuid THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'usage_events is append-only: % refused. Write a correction instead.', TG_OP USING ERRCODE = 'restrict_violation';
END
$function$;
GRANT EXECUTE ON FUNCTION refuse_ledger_change() TO PUBLIC;

CREATE OR REPLACE FUNCTION public.request_tenant_erasure(asked_tenant_id uuid, asked_name text, asked_by text, grace interval)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  team record;
  due timestamptz(3);
BEGIN
  PERFORM set_config('app.erasing', asked_tenant_id::text, true);
  SELECT t.name, t.demo INTO team FROM tenants t WHERE t.id = asked_tenant_id;
  IF NOT FOUND THEN RAISE EXCEPTION 'there is no team %', asked_tenant_id USING ERRCODE = 'no_data_found'; END IF;
  IF team.name <> asked_name THEN RAISE EXCEPTION 'the team % has another name', asked_tenant_id USING ERRCODE = 'invalid_parameter_value'; END IF;
  IF NOT team.demo AND grace < interval '1 day' THEN
    RAISE EXCEPTION 'a team is erased a day after somebody asked, at the earliest' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT e.erase_after INTO due FROM tenant_erasures e WHERE e.erased_tenant_id = asked_tenant_id AND e.cancelled_at IS NULL AND e.erased_at IS NULL;
  IF NOT FOUND THEN
    due := now() + grace;
    INSERT INTO tenant_erasures (id, erased_tenant_id, name, requested_by, requested_at, erase_after)
    VALUES (gen_random_uuid(), asked_tenant_id, team.name, asked_by, now(), due);
  END IF;
  PERFORM set_config('app.erasing', '', true);
  RETURN due;
END
$function$;
-- OWNER outlay_eraser
GRANT EXECUTE ON FUNCTION request_tenant_erasure(uuid,text,text,interval) TO outlay_system;

CREATE OR REPLACE FUNCTION public.tell_credit_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
BEGIN
  PERFORM pg_notify('outlay_credits', NEW.tenant_id || '/' || NEW.customer_id);
  RETURN NULL;
END $function$;
GRANT EXECUTE ON FUNCTION tell_credit_change() TO PUBLIC;

CREATE OR REPLACE FUNCTION public.tell_policy_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
DECLARE
  tenant uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
  customer text := '';
BEGIN
  IF TG_ARGV[0] = 'customer' THEN
    customer := '/' || CASE WHEN TG_OP = 'DELETE' THEN OLD.customer_id ELSE NEW.customer_id END;
  END IF;
  PERFORM pg_notify('outlay_policy', tenant || customer);
  RETURN NULL;
END $function$;
GRANT EXECUTE ON FUNCTION tell_policy_change() TO PUBLIC;

CREATE OR REPLACE FUNCTION public.tell_zone_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
BEGIN
  PERFORM pg_notify('outlay_policy', NEW.id::text);
  RETURN NULL;
END $function$;
GRANT EXECUTE ON FUNCTION tell_zone_change() TO PUBLIC;

CREATE OR REPLACE FUNCTION public.thaw_usage_month(thawed_month date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '1s'
AS $function$
DECLARE
  partition_name text := 'usage_events_' || to_char(thawed_month, 'YYYYMM');
BEGIN
  IF EXISTS (SELECT FROM archived_totals t WHERE t.month = thawed_month) THEN
    RAISE EXCEPTION 'the month % still stands in totals', thawed_month USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  DELETE FROM archived_months m WHERE m.month = thawed_month;
  IF NOT FOUND THEN RETURN; END IF;
  EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT archived_month', partition_name);
  EXECUTE format('DROP POLICY owner_counts ON public.%I', partition_name);
END
$function$;
GRANT EXECUTE ON FUNCTION thaw_usage_month(date) TO outlay_system;

CREATE OR REPLACE FUNCTION public.usage_months()
 RETURNS TABLE(month date, bytes bigint, state text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_catalog', 'pg_temp'
AS $function$
  SELECT to_date(substr(c.relname, 14), 'YYYYMM'), pg_total_relation_size(c.oid), m.state
  FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN archived_months m ON m.month = to_date(substr(c.relname, 14), 'YYYYMM')
  WHERE i.inhparent = 'public.usage_events'::regclass AND c.relname ~ '^usage_events_[0-9]{6}$' ORDER BY 1
$function$;
GRANT EXECUTE ON FUNCTION usage_months() TO outlay_system;

CREATE OR REPLACE FUNCTION public.uuid_of_ms(ms bigint)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT (lpad(to_hex(ms), 12, '0') || repeat('0', 20))::uuid
$function$;
GRANT EXECUTE ON FUNCTION uuid_of_ms(bigint) TO PUBLIC;
