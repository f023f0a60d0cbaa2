/** Environments are no rows of their own: they are what events and keys name. */
import { LATELY_DAYS, listEnvironments } from '@outlay/ledger';
import { listKeys, roleCan } from '@outlay/tenancy';
import { can, router } from './procedure';

export const environmentsRouter = router({
  list: can('ledger.read').query(async ({ ctx }) => {
    const { acting, tenancy, deps } = ctx;
    const nowMs = Date.now();
    const seen = await listEnvironments(deps.db, acting.tenantId, nowMs);
    // Who may not see keys sees the environments of events alone.
    const keys = roleCan(acting.role, 'keys.read') ? await listKeys(tenancy, acting) : null;
    const names = [...new Set([...seen.map(({ environment }) => environment), ...(keys ?? []).map(({ environment }) => environment)])];
    return {
      days: LATELY_DAYS,
      environments: names.map((name) => {
        const found = seen.find(({ environment }) => environment === name);
        const own = keys?.filter(({ environment }) => environment === name) ?? null;
        return {
          name, firstSeen: found?.firstSeen.toISOString() ?? null, lastSeen: found?.lastSeen.toISOString() ?? null, calls: found?.calls ?? 0, costPico: String(found?.costPico ?? 0n),
          keys: own && own.map((key) => ({ id: key.id, name: key.name, works: key.revokedAt === null && (key.expiresAt === null || key.expiresAt.getTime() > nowMs) })),
        };
      }),
    };
  }),
});
