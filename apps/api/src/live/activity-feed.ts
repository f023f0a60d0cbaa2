/** Word of mouth between the ledger's writer and the screens: "events of this team were committed". A hint; the database is the truth. */

export interface ActivityFeed {
  /** Called after a commit. Cheap when nobody listens. */
  publish(tenantId: string, accepted: number): void;
  /** Answers how to stop listening. */
  subscribe(tenantId: string, listener: (accepted: number) => void): () => void;
  close(): Promise<void>;
}

/** Within one process: embedded mode, and the local half of the distributed feed. */
export function createActivityFeed(): ActivityFeed {
  const listenersByTenant = new Map<string, Set<(accepted: number) => void>>();
  return {
    publish(tenantId, accepted) {
      for (const listener of listenersByTenant.get(tenantId) ?? []) listener(accepted);
    },
    subscribe(tenantId, listener) {
      const listeners = listenersByTenant.get(tenantId) ?? new Set();
      listenersByTenant.set(tenantId, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && listenersByTenant.get(tenantId) === listeners) listenersByTenant.delete(tenantId);
      };
    },
    close: () => Promise.resolve(),
  };
}
