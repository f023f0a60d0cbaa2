-- Demo teams, and the erasure of a team: asked for by name, after a grace period, audited outside of the team.
--
-- Why: erase_tenant erased at once whatever it was given. Now somebody must have asked for it, the grace period must be over, and nobody may
-- be able to send any more; what was erased when, and for whom, stays in a table that belongs to no team.
-- Locks: tenants for a moment, to add a column with a constant default. Backfills nothing.

-- A team of made-up data: it has no grace period.
ALTER TABLE tenants ADD COLUMN demo boolean NOT NULL DEFAULT false;
GRANT SELECT (demo) ON tenants TO outlay_lookup, outlay_system;
-- Whoever could make a real team a demo could erase it at once.
REVOKE UPDATE ON tenants FROM outlay_app;
GRANT UPDATE (name, time_zone, late_window_days) ON tenants TO outlay_app;

-- No tenant's table: it outlives them. Only the functions below write it.
CREATE TABLE tenant_erasures (
  id uuid PRIMARY KEY,
  erased_tenant_id uuid NOT NULL,
  name text NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz(3) NOT NULL,
  erase_after timestamptz(3) NOT NULL,
  cancelled_at timestamptz(3),
  erased_at timestamptz(3),
  erased_rows jsonb
);
CREATE UNIQUE INDEX tenant_erasures_open_key ON tenant_erasures (erased_tenant_id) WHERE cancelled_at IS NULL AND erased_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON tenant_erasures TO outlay_eraser;
GRANT SELECT ON tenant_erasures TO outlay_system;
GRANT UPDATE (revoked_at) ON api_keys TO outlay_eraser;

SET LOCAL ROLE outlay_eraser;
DROP FUNCTION erase_tenant(uuid);
RESET ROLE;
GRANT CREATE ON SCHEMA public TO outlay_eraser;

-- Asks for the erasure of a team under the very name that it has; asked again, it answers what was agreed. The grace period is at least a day.
CREATE FUNCTION request_tenant_erasure(asked_tenant_id uuid, asked_name text, asked_by text, grace interval) RETURNS timestamptz
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
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
$$;
REVOKE ALL ON FUNCTION request_tenant_erasure(uuid, text, text, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION request_tenant_erasure(uuid, text, text, interval) TO outlay_system;
ALTER FUNCTION request_tenant_erasure(uuid, text, text, interval) OWNER TO outlay_eraser;

-- True when there was something to take back.
CREATE FUNCTION cancel_tenant_erasure(asked_tenant_id uuid) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
BEGIN
  UPDATE tenant_erasures SET cancelled_at = now() WHERE erased_tenant_id = asked_tenant_id AND cancelled_at IS NULL AND erased_at IS NULL;
  RETURN FOUND;
END
$$;
REVOKE ALL ON FUNCTION cancel_tenant_erasure(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cancel_tenant_erasure(uuid) TO outlay_system;
ALTER FUNCTION cancel_tenant_erasure(uuid) OWNER TO outlay_eraser;

-- The first step of an erasure that is due: nobody can send any more. Answers how many keys were still in use.
CREATE FUNCTION close_tenant(erased_tenant_id uuid) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
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
$$;
REVOKE ALL ON FUNCTION close_tenant(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION close_tenant(uuid) TO outlay_system;
ALTER FUNCTION close_tenant(uuid) OWNER TO outlay_eraser;

-- The only erasure. It asks the catalogue which tables hold a tenant's rows, so that a later table cannot be forgotten here. By name: rates
-- stand before the versions that they belong to. Answers the rows by table.
CREATE FUNCTION erase_tenant(erased_tenant_id uuid) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_catalog, pg_temp AS $$
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
$$;
REVOKE ALL ON FUNCTION erase_tenant(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_tenant(uuid) TO outlay_system;
ALTER FUNCTION erase_tenant(uuid) OWNER TO outlay_eraser;

REVOKE CREATE ON SCHEMA public FROM outlay_eraser;
