/** One field for everything that a person may have in hand or in mind: ids whole or begun, customers, workflows, models. */
import { addDays, localDay } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { runIdsOf } from './event-conditions';
import { findCustomers, findEventsByIds, findLatestRuns, findNamedCells, findRequest, findRunsByIds, type FoundEvent, type FoundName, type FoundRequest, type FoundRun, type NamedCells } from './store-search';

export interface Findings {
  readonly runs: readonly FoundRun[];
  readonly events: readonly FoundEvent[];
  readonly request: FoundRequest | null;
  /** Dearest of the last 30 days first, as workflows and models are. */
  readonly customers: readonly FoundName[];
  readonly workflows: readonly FoundName[];
  readonly models: readonly (FoundName & { readonly provider: string })[];
}

const SHOWN = 5;
const DAYS = 30;
/** Customers that are looked at behind the text; ids in other letters may stand between. */
const PROBES = 100;
const LATEST_RUNS = 2_000;
const REQUEST_EVENTS = 100;

/** `text` is trimmed and not empty. */
export async function findAnything(db: Database, tenantId: string, text: string, at: { readonly timeZone: string; readonly nowMs: number }): Promise<Findings> {
  const since = addDays(localDay(at.nowMs, at.timeZone), -DAYS);
  const span = idSpanOf(text);
  const texts = [...new Set([text, text.toLowerCase()])];
  return await db.withTenant(tenantId, async (tx) => {
    const byId = await findRunsByIds(tx, runIdsOf(tenantId, text), span, SHOWN);
    const byName = byId.length > 0 ? [] : await findLatestRuns(tx, text, LATEST_RUNS, SHOWN);
    const cells = await findNamedCells(tx, text, since);
    return {
      runs: [...byId, ...byName],
      events: span ? await findEventsByIds(tx, span, SHOWN) : [],
      request: await findRequest(tx, text, REQUEST_EVENTS),
      customers: await findCustomers(tx, texts, since, PROBES, SHOWN),
      ...prepareNames(cells, text),
    };
  });
}

/** Pure: the cells under the names that match, summed and ordered. */
export function prepareNames(cells: readonly NamedCells[], text: string): Pick<Findings, 'workflows' | 'models'> {
  const has = (name: string) => name !== '' && name.toLowerCase().includes(text.toLowerCase());
  const workflows = new Map<string, FoundName>();
  const models = new Map<string, FoundName & { provider: string }>();
  for (const { workflow, provider, model, costPico } of cells) {
    if (has(workflow)) workflows.set(workflow, { name: workflow, costPico: (workflows.get(workflow)?.costPico ?? 0n) + costPico });
    const key = `${provider}/${model}`;
    if (model !== '' && (has(model) || has(provider))) models.set(key, { name: model, provider, costPico: (models.get(key)?.costPico ?? 0n) + costPico });
  }
  return { workflows: dearest(workflows), models: dearest(models) };
}

function dearest<Found extends FoundName>(found: ReadonlyMap<string, Found>): Found[] {
  return [...found.values()].sort((a, b) => (b.costPico > a.costPico ? 1 : b.costPico < a.costPico ? -1 : a.name.localeCompare(b.name))).slice(0, SHOWN);
}

/** Enough of an id that few can begin with it; less would be anybody's. */
const ID_DIGITS_MIN = 8;

/** Pure: the ids that begin with the text, or null when it begins none. */
export function idSpanOf(text: string): { readonly first: string; readonly last: string } | null {
  if (!/^[\da-f-]+$/i.test(text)) return null;
  const digits = text.replaceAll('-', '').toLowerCase();
  if (digits.length < ID_DIGITS_MIN || digits.length > 32 || !uuidOf(digits, '0').startsWith(text.toLowerCase())) return null;
  return { first: uuidOf(digits, '0'), last: uuidOf(digits, 'f') };
}

function uuidOf(digits: string, fill: string): string {
  const all = digits.padEnd(32, fill);
  return [all.slice(0, 8), all.slice(8, 12), all.slice(12, 16), all.slice(16, 20), all.slice(20)].join('-');
}
