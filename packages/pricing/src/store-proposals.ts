/** The SQL of the prices that wait for approval. A decided proposal stays as it was decided. */
import type { Database } from '@outlay/platform';
import type { NegotiatedPrice } from './negotiated-price';

type Transaction = Parameters<Parameters<Database['withTenant']>[1]>[0];

export interface PriceProposal {
  readonly id: string;
  readonly state: 'waiting' | 'approved' | 'declined';
  readonly price: NegotiatedPrice;
  /** How far it is from the price that held when it was proposed: `25`, `from 0`. */
  readonly factor: string;
  readonly warning: string;
  readonly proposedBy: string;
  readonly proposedByName: string;
  readonly proposedAt: Date;
}

interface DbProposal extends Omit<PriceProposal, 'price'> {
  readonly price: Omit<NegotiatedPrice, 'effectiveFrom'> & { readonly effectiveFrom: string | null };
}

const COLUMNS = `id, state, price, factor, warning, proposed_by as "proposedBy", proposed_by_name as "proposedByName", proposed_at as "proposedAt"`;
const LISTED_MAX = 200;

/** Prices of a team change one after the other, so that each guard sees what the one before wrote. Held until the transaction ends. */
export async function lockTenantPrices(tx: Transaction, tenantId: string): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('outlay.tenant_prices ' || $1, 0))`, [tenantId]);
}

export async function insertProposal(tx: Transaction, tenantId: string, proposal: Omit<PriceProposal, 'state'>): Promise<void> {
  const { id, price, factor, warning, proposedBy, proposedByName, proposedAt } = proposal;
  await tx.query(
    `insert into price_proposals (tenant_id, id, price, factor, warning, proposed_by, proposed_by_name, proposed_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [tenantId, id, JSON.stringify(price), factor, warning, proposedBy, proposedByName, proposedAt]);
}

export async function readProposal(tx: Transaction, tenantId: string, id: string): Promise<PriceProposal | null> {
  const { rows } = await tx.query<DbProposal>(`select ${COLUMNS} from price_proposals where tenant_id = $1 and id = $2`, [tenantId, id]);
  return rows[0] === undefined ? null : fromDbProposal(rows[0]);
}

/** The newest first. */
export async function readWaitingProposals(tx: Transaction, tenantId: string): Promise<readonly PriceProposal[]> {
  const { rows } = await tx.query<DbProposal>(
    `select ${COLUMNS} from price_proposals where tenant_id = $1 and state = 'waiting' order by id desc limit ${LISTED_MAX}`, [tenantId]);
  return rows.map(fromDbProposal);
}

/** False when somebody decided meanwhile. */
export async function decideProposal(tx: Transaction, tenantId: string, id: string, decision: { state: 'approved' | 'declined'; by: string; byName: string; at: Date }): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update price_proposals set state = $3, decided_by = $4, decided_by_name = $5, decided_at = $6 where tenant_id = $1 and id = $2 and state = 'waiting'`,
    [tenantId, id, decision.state, decision.by, decision.byName, decision.at]);
  return rowCount === 1;
}

function fromDbProposal(row: DbProposal): PriceProposal {
  return { ...row, price: { ...row.price, effectiveFrom: row.price.effectiveFrom === null ? null : new Date(row.price.effectiveFrom) } };
}
