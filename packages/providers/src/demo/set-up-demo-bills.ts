/**
 * The provider's side of a demo team: a connection that is synced the way every one is, by an adapter that reads the made-up bill instead of asking anybody, and an invoice that is imported as a
 * file. Nothing here calls out: the connection stays paused, and its address is of a domain that cannot exist. Safe to run again after a crash.
 */
import { addDays, DAY_MS, localDay } from '@outlay/kernel';
import { readCut, readProviderCells } from '@outlay/ledger';
import type { Database, SecretBox } from '@outlay/platform';
import type { PriceBooks } from '@outlay/pricing';
import type { Adapter, Page, Stream } from '../adapter';
import { type By, connectProvider, setPaused } from '../change-connection';
import { importBill } from '../import-bill';
import { listConnections } from '../list-connections';
import { reconcileDays } from '../reconcile/reconcile-days';
import { syncConnection } from '../sync-connection';
import { billOf, type CostOf, type DemoBill, focusOf } from './demo-bill';

export interface DemoBillsInput {
  readonly by: By;
  /** The end of the history. */
  readonly endMs: number;
  /** When the negotiated price began; its first days were billed at the list price all the same. */
  readonly discountFromMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface DemoBillsDependencies {
  readonly db: Database;
  readonly prices: PriceBooks;
  readonly box: SecretBox;
}

const OPENAI = 'OpenAI (made up, paused)';
const INVOICE = 'Anthropic invoice (made up)';
/** RFC 2606: whoever presses "Sync now" reaches nobody. */
const NOWHERE = 'https://openai.invalid/v1';
const BILLED_DAYS = 30;
const DARK_DAYS = 5;
const LIST_PRICE_DAYS = 3;
/** The first reading, of which the second corrects the days that were not final. */
const FIRST_READ_DAYS = 9;
const STREAMS: readonly Stream[] = [{ id: 'usage_1h', everyMs: 15 * 60_000 }, { id: 'costs', everyMs: 60 * 60_000 }];

/** Errors: `unavailable`. */
export async function setUpDemoBills({ db, prices, box }: DemoBillsDependencies, { by, endMs, discountFromMs, signal }: DemoBillsInput): Promise<void> {
  const { tenantId } = by;
  const today = localDay(endMs, 'UTC');
  const fromDay = addDays(today, -BILLED_DAYS);
  const fromMs = Date.parse(`${fromDay}T00:00:00Z`);
  const cells = await db.withTenantSnapshot(tenantId, async (tx) => await readProviderCells(tx, { fromMs, toMs: endMs, cut: await readCut(tx) }));
  const own = await prices.of(tenantId);
  const costOf: CostOf = ({ provider, model, tier }, at, quantities) => own.price(tenantId, { provider, model, tier, at, quantities, contextTokens: 0, isRequest: false }).costPico;
  // Before the discount the list price is what was paid, so its rates are those of the day before it.
  const invoiced: CostOf = (cell, at, tokens) => costOf(cell, at >= discountFromMs && at < discountFromMs + LIST_PRICE_DAYS * DAY_MS ? discountFromMs - 1 : at, tokens);
  const file = focusOf(cells, { toDay: today, costOf: invoiced });
  if (file !== null) await importBill(db, by, { name: INVOICE, text: file, replaceDays: true });
  const bookOf = async (): Promise<typeof own.book> => Promise.resolve(own.book);
  const connectionId = await connect(db, box, by);
  for (const nowMs of [endMs - FIRST_READ_DAYS * DAY_MS, endMs]) {
    const bill = billOf(cells, { darkFromMs: Date.parse(`${addDays(today, -DARK_DAYS)}T00:00:00Z`), nowMs, costOf });
    const fetch = (): Promise<never> => Promise.reject(new Error('The demo asks nobody.'));
    await syncConnection({ db, box, fetch, adapters: { openai: readFrom(bill, fromDay) }, bookOf, now: () => nowMs, log: () => undefined, signal }, tenantId, connectionId, { cause: 'person' });
  }
  await reconcileDays({ db, bookOf, now: () => endMs, signal }, tenantId);
}

async function connect(db: Database, box: SecretBox, by: By): Promise<string> {
  const known = (await listConnections(db, by.tenantId, Date.now())).find(({ name }) => name === OPENAI);
  if (known !== undefined) return known.id;
  const { id } = await connectProvider({ db, box }, by, { provider: 'openai', name: OPENAI, settings: { baseUrl: NOWHERE }, credentials: 'made-up-key-of-the-demo' });
  await setPaused({ db }, by, id, true);
  return id;
}

/** The adapter of OpenAI as far as the sync can tell: whole spans, each on one page. */
function readFrom({ usage, costs }: DemoBill, fromDay: string): Adapter {
  return {
    provider: 'openai', streams: STREAMS, test: () => Promise.resolve([]),
    pull: async function* ({ nowMs }, stream): AsyncGenerator<Page> {
      const [from, to] = [`${fromDay}T00:00:00.000Z`, new Date(Math.ceil(nowMs / DAY_MS) * DAY_MS).toISOString()];
      yield await Promise.resolve(stream === 'costs'
        ? { usage: [], costs, watermark: new Date(nowMs).toISOString(), finalUntil: null, complete: { of: 'costs' as const, from, to } }
        : { usage, costs: [], watermark: new Date(nowMs).toISOString(), finalUntil: null, complete: { of: '1h' as const, from, to } });
    },
  };
}
