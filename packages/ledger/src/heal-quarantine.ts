/**
 * The quarantine heals itself: when the price book has changed, rows without price are tried again; where some have one now, a re-pricing run
 * is planned for them, which starts by itself unless the team wants to look first.
 */
import type { Database } from '@outlay/platform';
import { NORMALISER_VERSION, type PriceBook } from '@outlay/pricing';
import { newId } from '@outlay/kernel/ids';
import { readCut } from './cut';
import { planRun } from './plan-repricing';
import type { PriceUsageOf } from './price-event';
import { repriceRow } from './reprice-row';
import type { RepricingRun } from './repricing-run';
import { lockHealing, readHealingSettings, readOpenRuns, readUnpricedModels, saveChecked, setEnded } from './store-repricing';
import { readValidRows } from './walk-valid-rows';

export interface HealingDependencies {
  readonly db: Database;
  readonly book: PriceBook;
  /** Changes whenever a price does that may concern the tenant. */
  readonly mark: string;
  readonly price: PriceUsageOf;
  readonly now?: () => number;
}

/** A row may have come in through a process that did not know the newest price yet: look again, even under the same prices. */
const LOOK_AGAIN_MS = 3_600_000;
const ROWS_PER_BATCH = 500;
const FILTER = { costBasis: 'unpriced' } as const;

/** The run that was planned, or null: nothing new, nothing to heal, or a run that heals is open already. */
export async function healQuarantine(deps: HealingDependencies, tenantId: string): Promise<RepricingRun | null> {
  const { db } = deps;
  const mark = `${deps.mark}, normaliser ${NORMALISER_VERSION}`;
  const nowMs = deps.now?.() ?? Date.now();
  const settings = await db.withTenant(tenantId, readHealingSettings);
  if (settings.checkedMark === mark && settings.checkedAt !== null && nowMs - settings.checkedAt.getTime() < LOOK_AGAIN_MS) return null;
  const found = await isAnyPriceable(deps, tenantId);
  return await db.withTenant(tenantId, async (tx) => {
    await lockHealing(tx, tenantId);
    const open = (await readOpenRuns(tx)).filter(({ kind }) => kind === 'healing');
    // It will do this work, or the next round will: the mark stays the old one.
    if (open.some((run) => run.state === 'running' || run.preview === null || run.startsItself)) return null;
    await saveChecked(tx, tenantId, mark);
    if (!found) return null;
    // A plan that nobody started is replaced: it knows neither the newest rows nor the newest prices.
    for (const run of open) await setEnded(tx, run.id, 'cancelled', ['planned']);
    return await planRun(tx, tenantId, deps.book, {
      kind: 'healing', filter: FILTER, reason: 'Rows without a price that have one now', startsItself: settings.heals, createdBy: null, createdByName: 'outlay', requestId: newId(),
    });
  });
}

async function isAnyPriceable({ db, price }: HealingDependencies, tenantId: string): Promise<boolean> {
  if ((await db.withTenant(tenantId, readUnpricedModels)).length === 0) return false;
  const cut = await db.withTenant(tenantId, readCut);
  let cursor: string | null = null;
  do {
    const batch = await db.withTenant(tenantId, (tx) => readValidRows(tx, tenantId, FILTER, cut, cursor, ROWS_PER_BATCH));
    if (batch.rows.some((row) => repriceRow(row, 'is there a price?', price).verdict === 'corrected')) return true;
    cursor = batch.cursor;
  } while (cursor !== null);
  return false;
}
