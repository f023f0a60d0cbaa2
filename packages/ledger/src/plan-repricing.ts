/** What people do with re-pricing runs: plan one, start it, cancel it, look at it; and whether the quarantine heals by itself. */
import { DomainError, formatPico } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { bookModelOf, type PriceBook } from '@outlay/pricing';
import { actorLabel, assertCan, audit, auditedBy, type Acting } from '@outlay/tenancy';
import { DatabaseError, type PoolClient } from 'pg';
import { formatCut, readCut } from './cut';
import { parseRepricingFilter, type RepricingFilter, type RepricingRun } from './repricing-run';
import { insertRun, readHealingSettings, readOpenRuns, readRepricingRun, readRepricingRuns, readUsedModels, saveHeals, setEnded, setRunning, type NewRun } from './store-repricing';

const OPEN_MAX = 20;
const LISTED_MAX = 50;
const REASON_MAX = 300;
const SERVED_MAX = 1_000;

/**
 * Fixes the rows and the prices of a run; a worker then computes its preview. `book` is the tenant's.
 * Errors: `role_missing`, `invalid_input` naming the field, `conflict` when too many wait already.
 */
export async function planRepricing(db: Database, acting: Acting, book: PriceBook, input: { readonly filter: unknown; readonly reason: string }): Promise<RepricingRun> {
  assertCan(acting, 'ledger.correct');
  const filter = parseRepricingFilter(input.filter);
  if (!filter.ok) throw new DomainError('invalid_input', filter.error);
  const reason = input.reason.trim();
  if (reason.length < 3 || reason.length > REASON_MAX || reason.includes('\0')) throw new DomainError('invalid_input', { field: 'reason', message: `Say why, in 3 to ${REASON_MAX} characters.` });
  return await db.withTenant(acting.tenantId, async (tx) => {
    if ((await readOpenRuns(tx)).length >= OPEN_MAX) throw new DomainError('conflict', { message: `${OPEN_MAX} runs are open already. Cancel one of them first.` });
    const run = await planRun(tx, acting.tenantId, book, { kind: 'manual', filter: filter.value, reason, startsItself: false, createdBy: acting.id, createdByName: actorLabel(acting), requestId: acting.requestId });
    await audit(tx, { ...auditedBy(acting), action: 'repricing.planned', subjectType: 'repricing', subjectId: run.id, after: { reason, ...wordsOf(filter.value) } });
    return run;
  });
}

/** Inside the transaction of whoever plans: the cut is read here. */
export async function planRun(tx: PoolClient, tenantId: string, book: PriceBook, facts: Omit<NewRun, 'id' | 'cut' | 'knownAt'>): Promise<RepricingRun> {
  const id = newId();
  const cut = formatCut(await readCut(tx));
  await insertRun(tx, tenantId, { ...facts, id, cut, knownAt: new Date(knownUntilMs(book)) });
  return (await readRepricingRun(tx, id))!;
}

/** The moment up to which the book knows: prices that are recorded later do not change what a run does. */
function knownUntilMs(book: PriceBook): number {
  const own = book.versions.reduce((latest, { knownFrom }) => Math.max(latest, knownFrom), 0);
  return book.parent === null ? own : Math.max(own, knownUntilMs(book.parent));
}

/** Errors: `role_missing`, `not_found`, `conflict` when another run of the team is under way, or this one is not ready or over. */
export async function startRepricing(db: Database, acting: Acting, id: string): Promise<RepricingRun> {
  assertCan(acting, 'ledger.correct');
  try {
    return await db.withTenant(acting.tenantId, async (tx) => {
      const run = await findRun(tx, id);
      if (!await setRunning(tx, id)) {
        throw new DomainError('conflict', { message: run.state === 'planned' ? 'Its preview is not ready yet.' : `The run is ${run.state}: it cannot be started.` });
      }
      await audit(tx, { ...auditedBy(acting), action: 'repricing.started', subjectType: 'repricing', subjectId: id, after: previewWords(run) });
      return await findRun(tx, id);
    });
  } catch (error) {
    if (isRunningAlready(error)) throw new DomainError('conflict', { message: 'Another re-pricing of this team is under way. Wait for it, or cancel it.' });
    throw error;
  }
}

/** What was corrected stays corrected. Errors: `role_missing`, `not_found`, `conflict` when it is over. */
export async function cancelRepricing(db: Database, acting: Acting, id: string): Promise<RepricingRun> {
  assertCan(acting, 'ledger.correct');
  return await db.withTenant(acting.tenantId, async (tx) => {
    const before = await findRun(tx, id);
    if (!await setEnded(tx, id, 'cancelled', ['planned', 'running'])) throw new DomainError('conflict', { message: `The run is ${before.state} already.` });
    await audit(tx, { ...auditedBy(acting), action: 'repricing.cancelled', subjectType: 'repricing', subjectId: id, before: { state: before.state }, after: { corrected: before.corrected } });
    return await findRun(tx, id);
  });
}

/**
 * The names under which this team's calls were served that a model of the price book prices: `gpt-4o-2024-08-06` and `gpt-4o` for `gpt-4o`.
 * Errors: `invalid_input` naming `bookModel` when there is none.
 */
export async function findServedNames(db: Database, tenantId: string, book: PriceBook, bookModel: { readonly provider: string; readonly model: string }): Promise<NonNullable<RepricingFilter['served']>> {
  const used = await db.withTenant(tenantId, readUsedModels);
  const served = used.filter(({ provider, model }) => {
    const found = bookModelOf(book, provider, model);
    return found !== null && found.provider === bookModel.provider && found.model === bookModel.model;
  });
  if (served.length === 0) throw new DomainError('invalid_input', { field: 'bookModel', message: `No call of your team is priced as "${bookModel.model}" of "${bookModel.provider}".` });
  return served.slice(0, SERVED_MAX);
}

/** Errors: `not_found`. */
export async function getRepricing(db: Database, tenantId: string, id: string): Promise<RepricingRun> {
  return await db.withTenant(tenantId, (tx) => findRun(tx, id));
}

/** The newest first. */
export async function listRepricings(db: Database, tenantId: string): Promise<readonly RepricingRun[]> {
  return await db.withTenant(tenantId, (tx) => readRepricingRuns(tx, LISTED_MAX));
}

export async function getHealing(db: Database, tenantId: string): Promise<{ readonly heals: boolean; readonly checkedAt: Date | null }> {
  const { heals, checkedAt } = await db.withTenant(tenantId, readHealingSettings);
  return { heals, checkedAt };
}

/** Errors: `role_missing`. */
export async function setHealing(db: Database, acting: Acting, heals: boolean): Promise<void> {
  assertCan(acting, 'ledger.correct');
  await db.withTenant(acting.tenantId, async (tx) => {
    const before = await readHealingSettings(tx);
    if (before.heals === heals) return;
    await saveHeals(tx, acting.tenantId, heals);
    await audit(tx, { ...auditedBy(acting), action: 'repricing.healing_set', subjectType: 'team', subjectId: acting.tenantId, before: { heals: before.heals }, after: { heals } });
  });
}

export function isRunningAlready(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '23505' && error.constraint === 'repricing_runs_running_key';
}

/** For the audit log. */
export function previewWords({ preview }: RepricingRun): Record<string, string | number> {
  if (preview === null) return {};
  return { rows: preview.rows, before: `$${formatPico(BigInt(preview.beforePico))}`, after: `$${formatPico(BigInt(preview.afterPico))}`, withoutPrice: preview.unpriced };
}

function wordsOf({ fromMs, toMs, served, ...labels }: RepricingFilter): Record<string, string | readonly string[]> {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return { ...labels, ...(served === undefined ? {} : { served: served.map(({ provider, model }) => `${provider}/${model}`) }), ...(fromMs === undefined ? {} : { from: iso(fromMs) }), ...(toMs === undefined ? {} : { to: iso(toMs) }) };
}

async function findRun(tx: PoolClient, id: string): Promise<RepricingRun> {
  const run = await readRepricingRun(tx, id);
  if (run === null) throw new DomainError('not_found', { message: 'There is no such run.' });
  return run;
}
