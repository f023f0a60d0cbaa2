-- Units of usable outcomes beside units: what a plan that charges only usable outcomes counts against an allowance.
--
-- Why: an unusable outcome may state units too, and one sum hid which of them a customer pays for.
-- Locks: stops the writers and everything that reads the rollups, for one scan of runs (about a second a million).
-- Backfills: every cell in which a usable run has units, from the runs, which say the same of archived months.

-- A writer takes its slot before anything else: from here on none is under way.
LOCK TABLE writer_slots IN SHARE ROW EXCLUSIVE MODE;

ALTER TABLE usage_rollup ADD COLUMN units_usable numeric NOT NULL DEFAULT 0;
ALTER TABLE usage_rollup_day ADD COLUMN units_usable numeric NOT NULL DEFAULT 0;
ALTER TABLE customer_rollup ADD COLUMN units_usable numeric NOT NULL DEFAULT 0;
ALTER TABLE customer_rollup_day ADD COLUMN units_usable numeric NOT NULL DEFAULT 0;

-- Forced row level security binds the owner, and only the owner sees all teams at once: lifted for this transaction alone.
ALTER TABLE runs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY;
ALTER TABLE usage_rollup NO FORCE ROW LEVEL SECURITY;
ALTER TABLE usage_rollup_day NO FORCE ROW LEVEL SECURITY;
ALTER TABLE customer_rollup NO FORCE ROW LEVEL SECURITY;
ALTER TABLE customer_rollup_day NO FORCE ROW LEVEL SECURITY;

-- Into slot -1, which no writer owns: a cell is the sum over its slots.
WITH moves AS MATERIALIZED (
  SELECT m.tenant_id, m.bucket, (m.bucket AT TIME ZONE t.time_zone)::date AS day, m.environment, m.workflow, m.customer_id, m.plan_version_id, m.units
  FROM (
    SELECT tenant_id, date_bin('15 minutes', outcome_at, '2000-01-01T00:00:00Z') AS bucket, environment, workflow, customer_id,
      coalesce(plan_version_id, '00000000-0000-0000-0000-000000000000') AS plan_version_id, sum(units) AS units
    FROM runs WHERE outcome = 'usable' AND units <> 0 GROUP BY 1, 2, 3, 4, 5, 6
  ) m JOIN tenants t ON t.id = m.tenant_id
), usage_cells AS (
  INSERT INTO usage_rollup AS r (tenant_id, bucket, environment, workflow, provider, model, slot, units_usable)
  SELECT tenant_id, bucket, environment, workflow, '', '', -1, sum(units) FROM moves GROUP BY 1, 2, 3, 4
  ON CONFLICT (tenant_id, bucket, environment, workflow, provider, model, slot) DO UPDATE SET units_usable = r.units_usable + excluded.units_usable
), usage_days AS (
  INSERT INTO usage_rollup_day AS r (tenant_id, day, environment, workflow, provider, model, slot, units_usable)
  SELECT tenant_id, day, environment, workflow, '', '', -1, sum(units) FROM moves GROUP BY 1, 2, 3, 4
  ON CONFLICT (tenant_id, day, environment, workflow, provider, model, slot) DO UPDATE SET units_usable = r.units_usable + excluded.units_usable
), customer_cells AS (
  INSERT INTO customer_rollup AS r (tenant_id, customer_id, bucket, workflow, plan_version_id, slot, units_usable)
  SELECT tenant_id, customer_id, bucket, workflow, plan_version_id, -1, sum(units) FROM moves GROUP BY 1, 2, 3, 4, 5
  ON CONFLICT (tenant_id, customer_id, bucket, workflow, plan_version_id, slot) DO UPDATE SET units_usable = r.units_usable + excluded.units_usable
)
INSERT INTO customer_rollup_day AS r (tenant_id, customer_id, day, workflow, plan_version_id, slot, units_usable)
SELECT tenant_id, customer_id, day, workflow, plan_version_id, -1, sum(units) FROM moves GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (tenant_id, customer_id, day, workflow, plan_version_id, slot) DO UPDATE SET units_usable = r.units_usable + excluded.units_usable;

ALTER TABLE runs FORCE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
ALTER TABLE usage_rollup FORCE ROW LEVEL SECURITY;
ALTER TABLE usage_rollup_day FORCE ROW LEVEL SECURITY;
ALTER TABLE customer_rollup FORCE ROW LEVEL SECURITY;
ALTER TABLE customer_rollup_day FORCE ROW LEVEL SECURITY;
