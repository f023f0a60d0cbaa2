/** SQL of `snapshots`: stored once by content hash, before the events that name them. */
import { canonicalJson } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';

export interface SnapshotRow {
  readonly tenantId: string;
  /** SHA-256 of the canonical JSON, hex. */
  readonly hash: string;
  readonly body: string;
}

const KNOWN_MAX = 10_000;
const known = new WeakMap<Database, Set<string>>();

/** Inserts what this process has not stored yet. Content never changes, so remembering a hash is always right. */
export async function storeSnapshots(db: Database, tenantId: string, snapshots: readonly SnapshotRow[]): Promise<void> {
  let seen = known.get(db);
  if (!seen) known.set(db, (seen = new Set()));
  const fresh = new Map(snapshots.filter(({ hash }) => !seen.has(`${tenantId}/${hash}`)).map((row) => [row.hash, row.body]));
  if (fresh.size === 0) return;
  const hashes = [...fresh.keys()].sort();
  await db.withTenant(tenantId, (tx) => tx.query(
    `INSERT INTO snapshots (tenant_id, hash, body) SELECT $1, decode(hash, 'hex'), body::jsonb FROM unnest($2::text[], $3::text[]) AS t (hash, body)
     ON CONFLICT (tenant_id, hash) DO NOTHING`,
    [tenantId, hashes, hashes.map((hash) => fresh.get(hash))],
  ));
  if (seen.size > KNOWN_MAX) seen.clear();
  for (const hash of hashes) seen.add(`${tenantId}/${hash}`);
}

/** A stored body in its canonical form; null when nobody stored it. Inside `withTenant`. */
export async function findSnapshot(tx: PoolClient, hash: string): Promise<string | null> {
  const { rows } = await tx.query<{ body: unknown }>(`SELECT body FROM snapshots WHERE hash = decode($1, 'hex')`, [hash]);
  return rows[0] === undefined ? null : canonicalJson(rows[0].body);
}
