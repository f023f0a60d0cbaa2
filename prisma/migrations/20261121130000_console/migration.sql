-- The console's own facts: what a workflow's outcome means, views that a team keeps, proofs of its books, what a person has seen.
--
-- Why: a page that explains margins needs the words of its team (what counts as usable), and a proof that ran for minutes must be readable afterwards.
-- Locks: workflows and members for a moment, to add columns without a rewrite. Backfills nothing.

ALTER TABLE workflows ADD COLUMN usable_means text NOT NULL DEFAULT '';
-- A workflow's settings belong to people: its row appears when somebody saves them.
COMMENT ON COLUMN workflows.usable_means IS 'What counts as usable, in the words of the team; the caller states the outcome itself.';

-- Until when a person has read the notices of a team.
ALTER TABLE members ADD COLUMN notices_seen_at timestamptz(3);
GRANT UPDATE (notices_seen_at) ON members TO outlay_app;

-- Filters of a page under a name, for everybody in the team.
CREATE TABLE saved_views (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  page text NOT NULL CHECK (page IN ('ledger')),
  name text NOT NULL,
  search jsonb NOT NULL,
  created_by uuid NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, page, name)
);
ALTER TABLE saved_views ENABLE ROW LEVEL SECURITY;
ALTER TABLE saved_views FORCE ROW LEVEL SECURITY;
CREATE POLICY app_tenant ON saved_views TO outlay_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY eraser_tenant ON saved_views TO outlay_eraser USING (tenant_id = nullif(current_setting('app.erasing', true), '')::uuid);
GRANT SELECT, INSERT, DELETE ON saved_views TO outlay_app;
GRANT UPDATE (name, search) ON saved_views TO outlay_app;
GRANT SELECT, DELETE ON saved_views TO outlay_eraser;

-- One proof of a team's books: which laws were checked, how long each took, and the first row that differs.
CREATE TABLE trial_balances (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  requested_by text NOT NULL,
  requested_at timestamptz(3) NOT NULL DEFAULT now(),
  started_at timestamptz(3),
  finished_at timestamptz(3),
  -- Who drives it says so again and again: past this moment somebody else may.
  leased_until timestamptz(3),
  rows_expected bigint NOT NULL DEFAULT 0,
  rows_read bigint NOT NULL DEFAULT 0,
  -- One object a law: {law, name, checked, ms, fault}
  checks jsonb NOT NULL DEFAULT '[]',
  failure text,
  PRIMARY KEY (tenant_id, id)
);
-- One at a time a team.
CREATE UNIQUE INDEX trial_balances_open_idx ON trial_balances (tenant_id) WHERE state IN ('waiting', 'running');
ALTER TABLE trial_balances ENABLE ROW LEVEL SECURITY;
ALTER TABLE trial_balances FORCE ROW LEVEL SECURITY;
CREATE POLICY app_tenant ON trial_balances TO outlay_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY eraser_tenant ON trial_balances TO outlay_eraser USING (tenant_id = nullif(current_setting('app.erasing', true), '')::uuid);
-- Finds due work of all teams, and sees no more of it.
CREATE POLICY system_due ON trial_balances FOR SELECT TO outlay_system USING (true);
GRANT SELECT (tenant_id, id, state, leased_until) ON trial_balances TO outlay_system;
GRANT SELECT, INSERT, DELETE ON trial_balances TO outlay_app;
GRANT UPDATE (state, started_at, finished_at, leased_until, rows_expected, rows_read, checks, failure) ON trial_balances TO outlay_app;
GRANT SELECT, DELETE ON trial_balances TO outlay_eraser;
