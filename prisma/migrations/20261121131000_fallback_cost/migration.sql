-- Retries and fallbacks are told apart in money too: fallback_cost_pico beside retry_cost_pico, which from now on counts retries only.
--
-- Why: a retry asks the same model again, a fallback asks another one; the first is a leak to find, the second a route that was paid for. One sum hid both.
-- Locks: stops the writers and everything that reads usage_events, tenants or the rollups, for one scan of usage_events (about a second a million rows).
-- Backfills: every cell in which a fallback cost something. The rollups' own sums stay what they were: what leaves retry_cost_pico enters fallback_cost_pico.
-- A month whose archived total speaks for its rows keeps one sum, in cells as in the total, until it is restored.

-- A writer takes its slot before anything else: from here on none is under way.
LOCK TABLE writer_slots IN SHARE ROW EXCLUSIVE MODE;

ALTER TABLE usage_rollup ADD COLUMN fallback_cost_pico bigint NOT NULL DEFAULT 0;
ALTER TABLE usage_rollup_day ADD COLUMN fallback_cost_pico bigint NOT NULL DEFAULT 0;
ALTER TABLE customer_rollup ADD COLUMN fallback_cost_pico bigint NOT NULL DEFAULT 0;
ALTER TABLE customer_rollup_day ADD COLUMN fallback_cost_pico bigint NOT NULL DEFAULT 0;

-- Forced row level security binds the owner, and only the owner sees all teams at once: lifted for this transaction alone.
ALTER TABLE usage_events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY;
ALTER TABLE usage_rollup NO FORCE ROW LEVEL SECURITY;
ALTER TABLE usage_rollup_day NO FORCE ROW LEVEL SECURITY;
ALTER TABLE customer_rollup NO FORCE ROW LEVEL SECURITY;
ALTER TABLE customer_rollup_day NO FORCE ROW LEVEL SECURITY;

-- Into slot -1, which no writer owns: a cell is the sum over its slots.
WITH facts AS MATERIALIZED (
  SELECT e.tenant_id, e.bucket, (e.bucket AT TIME ZONE t.time_zone)::date AS day, e.environment, e.workflow, e.provider, e.model, e.customer_id, e.plan_version_id, e.cost
  FROM (
    SELECT tenant_id, date_bin('15 minutes', occurred_at, '2000-01-01T00:00:00Z') AS bucket, environment, coalesce(workflow, '') AS workflow, coalesce(provider, '') AS provider,
      coalesce(model_served, model_requested, '') AS model, coalesce(customer_id, '') AS customer_id,
      coalesce(plan_version_id, '00000000-0000-0000-0000-000000000000') AS plan_version_id, sum(cost_pico)::bigint AS cost
    FROM usage_events f
    WHERE subject = 'call' AND attempt_kind = 'fallback' AND cost_pico <> 0
      AND NOT EXISTS (SELECT FROM archived_totals a WHERE a.tenant_id = f.tenant_id AND f.id >= a.id_from AND f.id < a.id_to)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
  ) e JOIN tenants t ON t.id = e.tenant_id
), usage_cells AS (
  INSERT INTO usage_rollup AS r (tenant_id, bucket, environment, workflow, provider, model, slot, retry_cost_pico, fallback_cost_pico)
  SELECT tenant_id, bucket, environment, workflow, provider, model, -1, -sum(cost)::bigint, sum(cost)::bigint FROM facts GROUP BY 1, 2, 3, 4, 5, 6
  ON CONFLICT (tenant_id, bucket, environment, workflow, provider, model, slot)
    DO UPDATE SET retry_cost_pico = r.retry_cost_pico + excluded.retry_cost_pico, fallback_cost_pico = r.fallback_cost_pico + excluded.fallback_cost_pico
), usage_days AS (
  INSERT INTO usage_rollup_day AS r (tenant_id, day, environment, workflow, provider, model, slot, retry_cost_pico, fallback_cost_pico)
  SELECT tenant_id, day, environment, workflow, provider, model, -1, -sum(cost)::bigint, sum(cost)::bigint FROM facts GROUP BY 1, 2, 3, 4, 5, 6
  ON CONFLICT (tenant_id, day, environment, workflow, provider, model, slot)
    DO UPDATE SET retry_cost_pico = r.retry_cost_pico + excluded.retry_cost_pico, fallback_cost_pico = r.fallback_cost_pico + excluded.fallback_cost_pico
), customer_cells AS (
  INSERT INTO customer_rollup AS r (tenant_id, customer_id, bucket, workflow, plan_version_id, slot, retry_cost_pico, fallback_cost_pico)
  SELECT tenant_id, customer_id, bucket, workflow, plan_version_id, -1, -sum(cost)::bigint, sum(cost)::bigint FROM facts GROUP BY 1, 2, 3, 4, 5
  ON CONFLICT (tenant_id, customer_id, bucket, workflow, plan_version_id, slot)
    DO UPDATE SET retry_cost_pico = r.retry_cost_pico + excluded.retry_cost_pico, fallback_cost_pico = r.fallback_cost_pico + excluded.fallback_cost_pico
)
INSERT INTO customer_rollup_day AS r (tenant_id, customer_id, day, workflow, plan_version_id, slot, retry_cost_pico, fallback_cost_pico)
SELECT tenant_id, customer_id, day, workflow, plan_version_id, -1, -sum(cost)::bigint, sum(cost)::bigint FROM facts GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (tenant_id, customer_id, day, workflow, plan_version_id, slot)
  DO UPDATE SET retry_cost_pico = r.retry_cost_pico + excluded.retry_cost_pico, fallback_cost_pico = r.fallback_cost_pico + excluded.fallback_cost_pico;

ALTER TABLE usage_events FORCE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
ALTER TABLE usage_rollup FORCE ROW LEVEL SECURITY;
ALTER TABLE usage_rollup_day FORCE ROW LEVEL SECURITY;
ALTER TABLE customer_rollup FORCE ROW LEVEL SECURITY;
ALTER TABLE customer_rollup_day FORCE ROW LEVEL SECURITY;
