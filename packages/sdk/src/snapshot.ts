/** What a run was made under: the caller's entitlement and caps, sent once, with the run's outcome. Pure. */
import type { Caps } from './types.js';

const SNAPSHOT_BYTES_MAX = 8 * 1024;

export interface Snapshot {
  readonly snapshot: object | undefined;
  /** As it is kept. */
  readonly entitlement: unknown;
  readonly activePriceId: string | undefined;
  /** Why the entitlement is not in the snapshot. */
  readonly omitted: string | undefined;
}

/** An entitlement that cannot be kept is left out with its reason: accounting must not stop a paying customer's run. */
export function takeSnapshot(entitlement: unknown, caps: Caps | undefined): Snapshot {
  const activePriceId = priceIdOf(entitlement);
  const kept = caps && Object.keys(caps).length > 0 ? { caps: { ...caps } } : {};
  if (entitlement === undefined || entitlement === null) {
    return { snapshot: 'caps' in kept ? kept : undefined, entitlement: undefined, activePriceId, omitted: undefined };
  }
  let text: string | undefined;
  try {
    text = JSON.stringify({ entitlement, ...kept });
  } catch {
    text = undefined;
  }
  if (text === undefined) return { snapshot: { ...kept, entitlement_omitted: 'not_json' }, entitlement: undefined, activePriceId, omitted: 'it is not JSON' };
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > SNAPSHOT_BYTES_MAX) {
    return { snapshot: { ...kept, entitlement_omitted: 'too_large' }, entitlement: undefined, activePriceId, omitted: `with caps it has ${bytes} bytes, and ${SNAPSHOT_BYTES_MAX} are allowed` };
  }
  // Parsed again: what the caller changes later in its own object is not what the run was made under.
  const whole = JSON.parse(text) as { readonly entitlement?: unknown };
  return { snapshot: whole, entitlement: whole.entitlement, activePriceId, omitted: undefined };
}

function priceIdOf(entitlement: unknown): string | undefined {
  if (typeof entitlement !== 'object' || entitlement === null) return undefined;
  const fields = entitlement as Record<string, unknown>;
  for (const name of ['active_price_id', 'activePriceId', 'priceId', 'price_id']) {
    const value = fields[name];
    if (typeof value === 'string' && value !== '' && value.length <= 255) return value;
  }
  return undefined;
}
