/** SQL of the comparisons of ledger and bill, one a connection and UTC day; a later one of the same day takes its place. */
import type { PoolClient } from 'pg';
import { CAUSES, type Cause, type Causes, noCauses } from './causes';
import type { ReconciledDay, ReconciledGroup } from './reconcile-day';

interface MadeOf {
  readonly connectionId: string;
  readonly day: string;
  readonly computedAt: Date;
  readonly cut: string;
  /** See due-days.ts. */
  readonly basis: string;
}

export async function saveReconciliation(tx: PoolClient, tenantId: string, row: MadeOf & ReconciledDay): Promise<void> {
  await tx.query(
    `INSERT INTO reconciliations (tenant_id, connection_id, day, computed_at, cut, ledger_pico, billed_pico, rows, causes, basis) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (tenant_id, connection_id, day) DO UPDATE SET computed_at = excluded.computed_at, cut = excluded.cut, ledger_pico = excluded.ledger_pico, billed_pico = excluded.billed_pico, rows = excluded.rows,
       causes = excluded.causes, basis = excluded.basis`,
    [tenantId, row.connectionId, row.day, row.computedAt, row.cut, String(row.ledgerPico), String(row.billedPico), JSON.stringify(row.groups, bigintAsText), JSON.stringify(row.causes, bigintAsText), row.basis]);
}

/** Nothing that they were made from is another at this later cut: compared anew they would say the same. One that another worker has stored meanwhile is left as it is. */
export async function confirmReconciliations(tx: PoolClient, days: readonly (Pick<MadeOf, 'connectionId' | 'day'> & { readonly comparedAt: string })[], at: Pick<MadeOf, 'computedAt' | 'cut'>): Promise<void> {
  if (days.length === 0) return;
  await tx.query(
    `UPDATE reconciliations r SET computed_at = $3, cut = $4 FROM unnest($1::uuid[], $2::date[], $5::text[]) AS d (connection_id, day, cut)
     WHERE r.connection_id = d.connection_id AND r.day = d.day AND r.cut = d.cut AND r.computed_at < $3`,
    [days.map(({ connectionId }) => connectionId), days.map(({ day }) => day), at.computedAt, at.cut, days.map(({ comparedAt }) => comparedAt)]);
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

export interface StoredReconciliation extends ReconciledDay {
  readonly connectionId: string;
  readonly connectionName: string;
  readonly provider: string;
  readonly day: string;
  readonly computedAt: Date;
  readonly cut: string;
  /** The provider may still change its bill of the day. */
  readonly provisional: boolean;
}

/** `[from, to)`, UTC days; also of connections that were removed: the bill of the past stays. */
export async function selectReconciliations(tx: PoolClient, span: { readonly from: string; readonly to: string; readonly connectionId?: string | undefined }): Promise<StoredReconciliation[]> {
  const { rows } = await tx.query<{ connection_id: string; name: string; provider: string; day: string; computed_at: Date; cut: string; ledger_pico: string; billed_pico: string; rows: Texts[]; causes: Record<Cause, string>; provisional: boolean }>(
    `SELECT r.connection_id, p.name, p.provider, to_char(r.day, 'YYYY-MM-DD') AS day, r.computed_at, r.cut, r.ledger_pico::text, r.billed_pico::text, r.rows, r.causes,
       EXISTS (SELECT 1 FROM (SELECT DISTINCT ON (c.key_hash) c.provisional FROM provider_costs c WHERE c.connection_id = r.connection_id AND c.day = r.day ORDER BY c.key_hash, c.revision DESC) last WHERE last.provisional) AS provisional
     FROM reconciliations r JOIN provider_connections p ON p.id = r.connection_id
     WHERE r.day >= $1::date AND r.day < $2::date AND ($3::uuid IS NULL OR r.connection_id = $3) ORDER BY r.day, r.connection_id`,
    [span.from, span.to, span.connectionId ?? null]);
  return rows.map((row) => ({
    connectionId: row.connection_id, connectionName: row.name, provider: row.provider, day: row.day, computedAt: row.computed_at, cut: row.cut, ledgerPico: BigInt(row.ledger_pico), billedPico: BigInt(row.billed_pico),
    groups: row.rows.map(toGroup), causes: toCauses(row.causes), provisional: row.provisional,
  }));
}

/** A group as JSON keeps it: amounts are texts. */
type Texts = Omit<ReconciledGroup, 'ledgerPico' | 'billedPico' | 'matchedPico' | 'causes' | 'lines' | 'billedByKey' | 'billedByProject'> & {
  readonly ledgerPico: string;
  readonly billedPico: string;
  readonly matchedPico: string;
  readonly causes: Record<Cause, string>;
  readonly lines: readonly (Omit<ReconciledGroup['lines'][number], 'amountPico' | 'ourPico'> & { readonly amountPico: string; readonly ourPico: string | null })[];
  readonly billedByKey: Record<string, string>;
  readonly billedByProject: Record<string, string>;
};

function toGroup(group: Texts): ReconciledGroup {
  return {
    ...group, ledgerPico: BigInt(group.ledgerPico), billedPico: BigInt(group.billedPico), matchedPico: BigInt(group.matchedPico), causes: toCauses(group.causes),
    lines: group.lines.map((line) => ({ ...line, amountPico: BigInt(line.amountPico), ourPico: line.ourPico === null ? null : BigInt(line.ourPico) })),
    billedByKey: toSums(group.billedByKey), billedByProject: toSums(group.billedByProject),
  };
}

function toCauses(texts: Readonly<Partial<Record<Cause, string>>>): Causes {
  const causes = noCauses();
  for (const cause of CAUSES) causes[cause] = BigInt(texts[cause] ?? '0');
  return causes;
}

function toSums(texts: Readonly<Record<string, string>>): Record<string, bigint> {
  return Object.fromEntries(Object.entries(texts).map(([name, pico]) => [name, BigInt(pico)]));
}
