/**
 * A tenant's negotiated prices: rows of its own, which stand before the global ones. Recorded at once, or, where they are more than ten
 * times away from what holds, proposed: a second member approves, or the same one by typing the model's name where nobody else may.
 */
import { DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { actorLabel, assertCan, audit, auditedBy, countMembersWho, type Acting, type AuditFacts } from '@outlay/tenancy';
import { distanceOf, missingClasses, type PriceDistance } from './guard-price';
import { findPriceFault, toPriceVersions, type NegotiatedPrice } from './negotiated-price';
import { createPriceBook, type PriceBook } from './price-book';
import { priceContentKey, type PriceVersion } from './price-version';
import { rowsInForce } from './rows-in-force';
import { insertTenantPriceVersions, readTenantPriceVersions } from './store';
import { decideProposal, insertProposal, lockTenantPrices, readProposal, readWaitingProposals, type PriceProposal } from './store-proposals';

type Transaction = Parameters<Parameters<Database['withTenant']>[1]>[0];

export interface PricingDependencies {
  readonly db: Database;
  /** The global book of this process. */
  readonly global: PriceBook;
}

/** What recording a price would do. */
export interface PricePlan {
  readonly versions: readonly PriceVersion[];
  /** What holds now in its place, and for what it would end. */
  readonly held: readonly PriceVersion[];
  /** Why it needs approval; null when it does not. */
  readonly distance: PriceDistance | null;
  /** The row that prices a call made now would have: another one's where a later price of one's own stands before it. */
  readonly holdsNow: PriceVersion | null;
}

export type PriceVerdict =
  | { readonly state: 'recorded'; readonly plan: PricePlan }
  | { readonly state: 'waiting'; readonly plan: PricePlan; readonly proposalId: string };

/** The plan without doing it. Errors: as `recordTenantPrice`. */
export async function planTenantPrice(deps: PricingDependencies, tenantId: string, price: NegotiatedPrice, now: Date): Promise<PricePlan> {
  return await deps.db.withTenant(tenantId, (tx) => makePlan(tx, deps.global, tenantId, price, now));
}

/**
 * Adds the price, or proposes it; nothing is changed or removed. A price without brackets ends the negotiated one.
 * Errors: `role_missing`; `invalid_input` naming the field; `already_exists` when this very price holds; `not_found` when there is none to end.
 */
export async function recordTenantPrice(deps: PricingDependencies, acting: Acting, price: NegotiatedPrice, now: Date): Promise<PriceVerdict> {
  assertCan(acting, 'prices.manage');
  const { tenantId } = acting;
  return await deps.db.withTenant(tenantId, async (tx) => {
    await lockTenantPrices(tx, tenantId);
    const plan = await makePlan(tx, deps.global, tenantId, price, now);
    if (plan.distance === null) {
      await write(tx, acting, plan);
      return { state: 'recorded', plan };
    }
    const proposalId = newId();
    await insertProposal(tx, tenantId, { id: proposalId, price, ...plan.distance, proposedBy: acting.id, proposedByName: actorLabel(acting), proposedAt: now });
    await audit(tx, { ...auditedBy(acting), action: 'price.proposed', subjectType: 'price', subjectId: proposalId, ...factsOf(plan), after: { ...factsOf(plan).after, factor: plan.distance.factor } });
    return { state: 'waiting', plan, proposalId };
  });
}

export interface PriceApproval {
  readonly id: string;
  /** The factor as it was shown. */
  readonly factor: string;
  /** The model's name, typed: asked of a person who approves his own proposal. */
  readonly confirmation?: string;
}

/**
 * Errors: `not_found`; `conflict` when it was decided meanwhile or the distance is another one by now; `role_missing` for one's own proposal where
 * somebody else may approve; `invalid_input` for a wrong factor or confirmation.
 */
export async function approveTenantPrice(deps: PricingDependencies, acting: Acting, approval: PriceApproval, now: Date): Promise<PricePlan> {
  assertCan(acting, 'prices.manage');
  const { tenantId } = acting;
  return await deps.db.withTenant(tenantId, async (tx) => {
    await lockTenantPrices(tx, tenantId);
    const proposal = await findWaiting(tx, tenantId, approval.id);
    if (approval.factor !== proposal.factor) throw new DomainError('invalid_input', { field: 'factor', message: `State the factor as it is shown: ${proposal.factor}.` });
    await assertMayApprove(tx, acting, proposal, approval.confirmation);
    const plan = await makePlan(tx, deps.global, tenantId, proposal.price, now);
    if (plan.distance !== null && plan.distance.factor !== proposal.factor) {
      throw new DomainError('conflict', { message: `The price that holds has changed: ${plan.distance.warning} Decline this proposal and record the price again.` });
    }
    await decide(tx, acting, proposal, 'approved', now);
    await write(tx, acting, plan, { factor: proposal.factor, proposedBy: proposal.proposedByName });
    return plan;
  });
}

/** Takes a proposal off the list; its own proposer may do so too. Errors: `not_found`, `conflict`, `role_missing`. */
export async function declineTenantPrice(db: Database, acting: Acting, id: string, now: Date): Promise<void> {
  assertCan(acting, 'prices.manage');
  await db.withTenant(acting.tenantId, async (tx) => {
    const proposal = await findWaiting(tx, acting.tenantId, id);
    await decide(tx, acting, proposal, 'declined', now);
    const { provider, model } = proposal.price;
    await audit(tx, { ...auditedBy(acting), action: 'price.declined', subjectType: 'price', subjectId: id, before: { provider, model, factor: proposal.factor, proposedBy: proposal.proposedByName } });
  });
}

/** What waits, the newest first, and whether this person must type the model's name to approve it, or may not at all. */
export async function listWaitingPrices(db: Database, acting: Acting): Promise<readonly (PriceProposal & { readonly approval: 'factor' | 'typed' | 'another' })[]> {
  return await db.withTenant(acting.tenantId, async (tx) => {
    const alone = await countMembersWho(tx, acting.tenantId, 'prices.manage') <= 1;
    const proposals = await readWaitingProposals(tx, acting.tenantId);
    return proposals.map((proposal) => ({ ...proposal, approval: proposal.proposedBy !== acting.id ? 'factor' : alone ? 'typed' : 'another' }));
  });
}

async function makePlan(tx: Transaction, global: PriceBook, tenantId: string, price: NegotiatedPrice, now: Date): Promise<PricePlan> {
  const nowMs = now.getTime();
  const fault = findPriceFault(price, nowMs);
  if (fault !== null) throw new DomainError('invalid_input', fault);
  const own = await readTenantPriceVersions(tx, tenantId);
  // Of two prices for the same time the one that became known later wins: a clock that stands still must not make them one price.
  const knownFrom = own.reduce((latest, row) => Math.max(latest, row.knownFrom + 1), nowMs);
  const versions = toPriceVersions(price, global.versions, knownFrom);
  const place = versions[0]!;
  // A price of the past is compared with what holds now as well as one of today is; one of the future with what will hold then.
  const atMs = Math.max(nowMs, place.effectiveFrom);
  const book = createPriceBook(own, global);
  const held = rowsInForce(book, place, atMs);
  const after = createPriceBook([...own, ...versions], global);
  const [holdsNow = null] = rowsInForce(after, place, atMs);
  const next = place.withdrawn ? rowsInForce(after, place, atMs) : versions;
  assertMakesSense(own, held, versions);
  return { versions, held, holdsNow, distance: distanceOf(book, held, next, atMs) };
}

function assertMakesSense(own: readonly PriceVersion[], held: readonly PriceVersion[], versions: readonly PriceVersion[]): void {
  const place = versions[0]!;
  const series = own.filter((row) => row.provider === place.provider && row.model === place.model && row.tier === place.tier && row.region === place.region);
  if (place.withdrawn && !held.some((row) => series.includes(row))) throw new DomainError('not_found', { message: `No negotiated price of ${place.model} holds, so there is none to end.` });
  if (sameContent(series.filter((row) => held.includes(row)), versions) && series.some((row) => held.includes(row) && row.effectiveFrom <= place.effectiveFrom)) {
    throw new DomainError('already_exists', { message: 'This very price holds already.' });
  }
  const missing = place.withdrawn ? [] : missingClasses(held, versions);
  if (missing.length > 0) {
    throw new DomainError('invalid_input', { field: 'brackets', message: `The price that holds also has ${missing.join(', ')}. State them too: without a price such usage would stay unpriced.` });
  }
}

function sameContent(a: readonly PriceVersion[], b: readonly PriceVersion[]): boolean {
  const keys = (rows: readonly PriceVersion[]): string => rows.map(priceContentKey).sort().join('\n');
  return a.length > 0 && keys(a) === keys(b);
}

async function write(tx: Transaction, acting: Acting, plan: PricePlan, approval?: AuditFacts): Promise<void> {
  await insertTenantPriceVersions(tx, acting.tenantId, plan.versions);
  const { before, after } = factsOf(plan);
  const action = approval === undefined ? (plan.versions[0]!.withdrawn ? 'price.withdrawn' : 'price.recorded') : 'price.approved';
  await audit(tx, { ...auditedBy(acting), action, subjectType: 'price', subjectId: plan.versions[0]!.id, ...(before === undefined ? {} : { before }), after: { ...after, ...approval } });
}

async function findWaiting(tx: Transaction, tenantId: string, id: string): Promise<PriceProposal> {
  const proposal = await readProposal(tx, tenantId, id);
  if (proposal === null) throw new DomainError('not_found', { message: 'There is no such proposal.' });
  if (proposal.state !== 'waiting') throw new DomainError('conflict', { message: `Somebody ${proposal.state} it meanwhile.` });
  return proposal;
}

async function assertMayApprove(tx: Transaction, acting: Acting, proposal: PriceProposal, confirmation: string | undefined): Promise<void> {
  if (proposal.proposedBy !== acting.id) return;
  if (await countMembersWho(tx, acting.tenantId, 'prices.manage') > 1) {
    throw new DomainError('role_missing', { message: 'You proposed this price yourself: another owner, admin or finance member approves it.' });
  }
  if (confirmation?.trim() !== proposal.price.model.trim()) {
    throw new DomainError('invalid_input', { field: 'confirmation', message: `Nobody else may approve it. Type the model's name, ${proposal.price.model.trim()}, to confirm.` });
  }
}

async function decide(tx: Transaction, acting: Acting, proposal: PriceProposal, state: 'approved' | 'declined', at: Date): Promise<void> {
  if (!await decideProposal(tx, acting.tenantId, proposal.id, { state, by: acting.id, byName: actorLabel(acting), at })) throw new DomainError('conflict');
}

function factsOf({ versions, held }: PricePlan): { before?: AuditFacts; after: AuditFacts } {
  const { provider, model, tier, region, effectiveFrom, source, withdrawn } = versions[0]!;
  return {
    ...(held.length === 0 ? {} : { before: { version: held[0]!.version, ...ratesOf(held) } }),
    after: {
      provider, model, tier, region, source, effectiveFrom: Number.isFinite(effectiveFrom) ? new Date(effectiveFrom).toISOString() : 'ever since',
      ...(withdrawn ? { ended: true } : ratesOf(versions)),
    },
  };
}

/** `input_uncached: $2.5 per 1000000`, with the bracket in front where there is more than one. */
function ratesOf(rows: readonly PriceVersion[]): AuditFacts {
  return Object.fromEntries(rows.flatMap((row) => row.rates.map(({ class: name, price, per }) => [
    row.contextFrom > 0 ? `${name} from ${row.contextFrom}` : name, `$${price} per ${per}`,
  ])));
}
