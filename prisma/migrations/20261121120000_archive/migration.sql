-- Archived months: a partition leaves the ledger for files, and its signed total takes its place in the books.
--
-- Why: years of facts need not stand in the database. A month is frozen (no writer adds to it), written to files team by team, and each team's
-- total of it is stored with its seal; from that moment on the total speaks for the rows, in the same transaction. Then the partition is dropped, and an
-- empty one that takes nothing keeps its place, because what is sent again for an archived month could not be told from something new.
-- Locks: runs for a moment, to add columns without a default. Backfills nothing.

-- ------------------------------------------------------------------------------------------------ what an archived month leaves behind
-- What a run's archived rows sum to, and the outcome that stands among them: the run's own sums stay what they were.
ALTER TABLE runs ADD COLUMN archived_cost_pico bigint, ADD COLUMN archived_ceiling_pico bigint, ADD COLUMN archived_calls integer,
  ADD COLUMN archived_retries integer, ADD COLUMN archived_unpriced integer, ADD COLUMN archived_outcome text;

-- A team's total of a month. It speaks for the rows with ids in [id_from, id_to), whether the partition stands there still or not.
CREATE TABLE archived_totals (
  tenant_id uuid NOT NULL,
  month date NOT NULL,
  id_from uuid NOT NULL,
  id_to uuid NOT NULL,
  row_count bigint NOT NULL,
  occurred_from timestamptz(3) NOT NULL,
  occurred_to timestamptz(3) NOT NULL,
  totals jsonb NOT NULL,
  file text NOT NULL,
  content_sha256 text NOT NULL,
  seal text NOT NULL,
  archived_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, month)
);
ALTER TABLE archived_totals ENABLE ROW LEVEL SECURITY;
ALTER TABLE archived_totals FORCE ROW LEVEL SECURITY;
CREATE POLICY app_tenant ON archived_totals TO outlay_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY eraser_tenant ON archived_totals TO outlay_eraser USING (tenant_id = nullif(current_setting('app.erasing', true), '')::uuid);
-- Before a partition goes its owner counts what is covered.
CREATE POLICY owner_counts ON archived_totals FOR SELECT TO outlay_owner USING (true);
GRANT SELECT, INSERT, DELETE ON archived_totals TO outlay_app;
GRANT SELECT, DELETE ON archived_totals TO outlay_eraser;

-- Of the whole ledger: a partition holds the month of every team.
CREATE TABLE archived_months (
  month date PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('frozen', 'archived')),
  frozen_at timestamptz(3) NOT NULL DEFAULT now(),
  archived_at timestamptz(3)
);
GRANT SELECT ON archived_months TO outlay_app, outlay_writer, outlay_system;

-- ------------------------------------------------------------------------------------------------ freezing, dropping, thawing
-- From now on the partition of this month takes no row, but those that a restore brings back. Waits at most a second for its lock: the caller tries again.
CREATE FUNCTION freeze_usage_month(frozen_month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_catalog, pg_temp SET lock_timeout = '1s' AS $$
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
$$;
REVOKE ALL ON FUNCTION freeze_usage_month(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION freeze_usage_month(date) TO outlay_system;

-- Drops a frozen month whose every row is covered by a total, and leaves an empty partition that takes nothing.
CREATE FUNCTION drop_usage_month(dropped_month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_catalog, pg_temp SET lock_timeout = '1s' AS $$
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
$$;
REVOKE ALL ON FUNCTION drop_usage_month(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_usage_month(date) TO outlay_system;

-- A month for which no total speaks any more takes rows again: after a restore, or when an archive is given up before it was dropped.
CREATE FUNCTION thaw_usage_month(thawed_month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_catalog, pg_temp SET lock_timeout = '1s' AS $$
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
$$;
REVOKE ALL ON FUNCTION thaw_usage_month(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION thaw_usage_month(date) TO outlay_system;

-- The months of the ledger's partitions, oldest first, with their size on disk; those of callers' own keys have none.
CREATE FUNCTION usage_months() RETURNS TABLE (month date, bytes bigint, state text) LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_catalog, pg_temp AS $$
  SELECT to_date(substr(c.relname, 14), 'YYYYMM'), pg_total_relation_size(c.oid), m.state
  FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN archived_months m ON m.month = to_date(substr(c.relname, 14), 'YYYYMM')
  WHERE i.inhparent = 'public.usage_events'::regclass AND c.relname ~ '^usage_events_[0-9]{6}$' ORDER BY 1
$$;
REVOKE ALL ON FUNCTION usage_months() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION usage_months() TO outlay_system;
