-- Which of a person's teams hold made-up data: every page of such a team says so.
--
-- Why: the label must be there before any page of the team is drawn, and so it comes with the memberships.
-- Locks: none that anybody waits for; a request between the two statements waits for this transaction.
-- Only its owner may replace a function.
SET LOCAL ROLE outlay_lookup;
DROP FUNCTION lookup_memberships(uuid);
RESET ROLE;

GRANT CREATE ON SCHEMA public TO outlay_lookup;
CREATE FUNCTION lookup_memberships(member_user_id uuid) RETURNS TABLE (tenant_id uuid, name text, time_zone text, role text, demo boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
  SELECT m.tenant_id, t.name, t.time_zone, m.role, t.demo FROM members m JOIN tenants t ON t.id = m.tenant_id
  WHERE m.user_id = member_user_id ORDER BY m.created_at, m.tenant_id
$$;
REVOKE ALL ON FUNCTION lookup_memberships(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup_memberships(uuid) TO outlay_app;
ALTER FUNCTION lookup_memberships(uuid) OWNER TO outlay_lookup;
REVOKE CREATE ON SCHEMA public FROM outlay_lookup;
