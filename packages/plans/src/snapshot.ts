/** What a run, call or outcome was made under, as the ledger keeps it: canonical JSON, stored once by its hash. A charge is derived from it alone. Pure. */
import { canonicalJson } from '@outlay/kernel';
import { sha256 } from '@outlay/kernel/ids';
import { z } from 'zod';
import type { TenantPolicy } from './cap';
import type { CustomerPolicy, Entitlement } from './entitlement';
import { planDefinitionSchema } from './plan-definition';

/** The largest body, in bytes. */
export const SNAPSHOT_BYTES_MAX = 32 * 1024;

const partsOf = new WeakMap<CustomerPolicy, { tenant: TenantPolicy; atMinute: number; body: string; hash: string }>();

/**
 * Canonical JSON of `{entitlement, caps, risk, caller?}`. The caller's own entitlement is kept beside the server's, which decides. Caps that would make it too large are named by
 * their hash only: nothing is charged by a cap. `atMs` picks the caps that hold.
 */
export function snapshotOf(customer: CustomerPolicy, tenant: TenantPolicy, atMs: number, caller?: unknown): string {
  const caps = tenant.caps
    .filter((cap) => cap.disabledAt === null && (cap.expiresAt === null || Date.parse(cap.expiresAt) > atMs) && (cap.scope !== 'customer' || cap.subject === null || cap.subject === customer.customerId))
    .map(({ id, scope, subject, metric, window, mode, limit }) => ({ id, scope, subject, metric, window, mode, limit }));
  const body = {
    entitlement: customer.entitlement, caps,
    risk: { enabled: tenant.risk.enabled, floorPico: String(tenant.risk.floorPico), factor: tenant.risk.factor, liftedUntil: customer.riskLiftedUntil },
    ...(caller === undefined ? {} : { caller }),
  };
  const text = canonicalJson(body);
  return Buffer.byteLength(text) <= SNAPSHOT_BYTES_MAX ? text : canonicalJson({ ...body, caps: { count: caps.length, sha256: sha256(canonicalJson(caps)) } });
}

/** Of a usage event whose caller says nothing of its own: made once for a customer's policy, because ingestion asks for each event. */
export function usualSnapshot(customer: CustomerPolicy, tenant: TenantPolicy, atMs: number): { readonly body: string; readonly hash: string } {
  const known = partsOf.get(customer);
  // A cap that ends by itself ends between two minutes.
  const atMinute = tenant.caps.some(({ expiresAt }) => expiresAt !== null) ? Math.floor(atMs / 60_000) : 0;
  if (known !== undefined && known.tenant === tenant && known.atMinute === atMinute) return known;
  const body = snapshotOf(customer, tenant, atMs);
  const made = { tenant, atMinute, body, hash: sha256(body) };
  partsOf.set(customer, made);
  return made;
}

const snapshotSchema = z.looseObject({
  entitlement: z.looseObject({
    plan: z.object({ id: z.string(), key: z.string(), name: z.string() }),
    version: z.object({ id: z.string(), number: z.number() }),
    definition: planDefinitionSchema,
    overrides: z.array(z.string()),
    calendar: z.object({ timeZone: z.string(), anchorDay: z.string(), interval: z.enum(['month', 'quarter', 'year']) }),
    since: z.string(),
  }).nullish(),
});

/** The entitlement that a stored snapshot keeps; null for one of a customer without a plan, or that a caller alone has written. */
export function entitlementIn(body: unknown): Entitlement | null {
  const parsed = snapshotSchema.safeParse(body);
  return parsed.success ? (parsed.data.entitlement ?? null) : null;
}
