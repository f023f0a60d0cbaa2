/** Each event's row says which plan version its customer was on, and under which snapshot it happened: asked of the room above, written here. */
import type { EventRow } from './columns';
import type { SnapshotRow } from './store-snapshots';

export interface StampAsk {
  readonly customerId: string;
  readonly occurredMs: number;
  /** What the sender says it was made under; kept beside what holds. */
  readonly caller: unknown;
}

/** `body`: canonical JSON; `hash`: its SHA-256, hex. */
export interface Stamp {
  readonly planVersionId: string;
  readonly body: string;
  readonly hash: string;
}

/** Null for a customer without a plan. Without a promise when memory knows everybody who is asked for. */
export type EntitlementsOf = (tenantId: string, asked: readonly StampAsk[]) => ((ask: StampAsk) => Stamp | null) | Promise<(ask: StampAsk) => Stamp | null>;

interface Stampable {
  readonly event: { readonly rows: readonly EventRow[]; readonly snapshot: { readonly hash: string; readonly body: string } | null };
  readonly caller: unknown;
}

/** Writes the stamps into the rows; answers the snapshots that must be stored before them. An event without a customer, or of one without a plan, keeps what its sender said. */
export function stampEvents(entitlementsOf: EntitlementsOf, tenantId: string, events: readonly Stampable[]): SnapshotRow[] | Promise<SnapshotRow[]> {
  const asks: (StampAsk | null)[] = events.map(({ event: { rows }, caller }) => {
    const { customer_id: customerId, occurred_at: occurredAt } = rows[0]!;
    return customerId === null || customerId === '' ? null : { customerId, occurredMs: Date.parse(occurredAt), caller };
  });
  const asked = asks.filter((ask) => ask !== null);
  const stampOf = asked.length === 0 ? () => null : entitlementsOf(tenantId, asked);
  const write = (answer: (ask: StampAsk) => Stamp | null): SnapshotRow[] => {
    // Most events of a batch name the same few.
    const bodies = new Map<string, string>();
    for (let i = 0; i < events.length; i++) {
      const { event } = events[i]!;
      const ask = asks[i] ?? null;
      const stamp = ask === null ? null : answer(ask);
      const snapshot = stamp ?? event.snapshot;
      for (const row of event.rows) {
        row.plan_version_id = stamp === null ? null : stamp.planVersionId;
        row.snapshot_hash = snapshot === null ? null : snapshot.hash;
      }
      if (snapshot !== null) bodies.set(snapshot.hash, snapshot.body);
    }
    return [...bodies].map(([hash, body]) => ({ tenantId, hash, body }));
  };
  return stampOf instanceof Promise ? stampOf.then(write) : write(stampOf);
}
