/** Ledger, the provider's usage and its bill of one connection on one UTC day, brought together by model and, where both sides name it, by account. Pure. */
import { DAY_MS, INPUT_CLASSES, TOKEN_CLASSES, type TokenClass } from '@outlay/kernel';
import { modelFamily, type ProviderCell } from '@outlay/ledger';
import { canonicalTier, priceByVersion, type PriceBook, priceFast, priceVersionById } from '@outlay/pricing';
import type { BilledRow, BilledUsage } from '../store-bill';
import { type BillClass, classOfLine } from './bill-class';
import { addCauses, type Causes, noCauses } from './causes';
import type { RateOf, RecordedTokens } from './match-tokens';
import { otherPrices } from './other-prices';
import { type BucketFacts, type Residue, splitResidue } from './split-residue';

/** What a ledger's `provider_account` turned out to be. */
type AccountKind = 'key' | 'project' | null;

interface ReconciledLine {
  readonly lineItem: string | null;
  readonly class: BillClass | null;
  readonly amountPico: bigint;
  /** Tokens or other units: as billed, else as the provider's usage counts them; null where neither is known. */
  readonly quantity: string | null;
  /** The same quantity at our prices. */
  readonly ourPico: bigint | null;
}

export interface ReconciledGroup {
  readonly provider: string;
  /** Without its date; '' for lines that name none. */
  readonly model: string;
  /** As the ledger names it, to look its rows up. */
  readonly servedModels: readonly string[];
  readonly key: string | null;
  readonly project: string | null;
  readonly ledgerPico: bigint;
  readonly billedPico: bigint;
  readonly matchedPico: bigint;
  readonly causes: Causes;
  readonly calls: number;
  readonly costless: number;
  readonly requests: number | null;
  readonly lines: readonly ReconciledLine[];
  /** What of the bill names which key and project, also where the ledger names none. */
  readonly billedByKey: Readonly<Record<string, bigint>>;
  readonly billedByProject: Readonly<Record<string, bigint>>;
}

export interface ReconciledDay {
  readonly ledgerPico: bigint;
  readonly billedPico: bigint;
  readonly causes: Causes;
  readonly groups: readonly ReconciledGroup[];
}

export interface DayFacts {
  /** `2026-11-20`. */
  readonly day: string;
  readonly provider: string;
  /** Of this connection, from an hour (or day) before the day to one after it. */
  readonly cells: readonly ProviderCell[];
  readonly usage: readonly BilledUsage[];
  readonly width: '1h' | '1d';
  /** Of the day alone. */
  readonly bill: readonly BilledRow[];
  readonly book: PriceBook;
}

/** Accounts that the bill does not know may be so much of the calls: a stray one must not hide the others. */
const STRAY_SHARE = 0.01;
const MILLION = 1_000_000;
const SCALE = 1_000_000n;

export function reconcileDay(facts: DayFacts): ReconciledDay {
  const { day, bill, width, book, provider } = facts;
  const startMs = Date.parse(`${day}T00:00:00Z`);
  const bucketMs = width === '1h' ? DAY_MS / 24 : DAY_MS;
  const inDay = (ms: number): boolean => ms >= startMs && ms < startMs + DAY_MS;
  const cells = facts.cells.filter(({ hourMs }) => hourMs >= startMs - bucketMs && hourMs < startMs + DAY_MS + bucketMs);
  const usage = facts.usage.filter(({ bucket }) => bucket.getTime() >= startMs - bucketMs && bucket.getTime() < startMs + DAY_MS + bucketMs);
  const kind = accountKind(cells.filter(({ hourMs }) => inDay(hourMs)), bill);
  const namesModels = bill.some(({ model }) => model !== null);
  const keyOf = (account: string | null, model: string | null): string => JSON.stringify([account ?? '', namesModels ? modelFamily(model ?? '') : '']);
  const accountOf = (said: { readonly apiKey: string | null; readonly project: string | null }): string | null => (kind === 'key' ? said.apiKey : kind === 'project' ? said.project : null);
  const projectOfKey = new Map([...facts.usage, ...bill].flatMap(({ apiKey, project }) => (apiKey !== null && project !== null ? [[apiKey, project] as const] : [])));
  const countedModels = new Set([...usage, ...(usage.length > 0 ? [] : bill)].flatMap(({ model }) => (model === null ? [] : [model])));
  const cellsByKey = groupBy(cells, (cell) => keyOf(kind === null ? null : cell.account, cell.model));
  const usageByKey = groupBy(usage.filter((each) => each.requests > 0 || Object.keys(each.quantities).length > 0), (each) => keyOf(accountOf(each), each.model));
  const billByKey = groupBy(bill, (row) => keyOf(accountOf(row), row.model));
  // What is known of a neighbouring bucket: a provider that has not said anything of it yet has not said that nothing was used.
  const beginOf = (ms: number): number => startMs + Math.floor((ms - startMs) / bucketMs) * bucketMs;
  const known = new Set(usage.map(({ bucket }) => beginOf(bucket.getTime())));
  const hasUsage = usage.some(({ bucket }) => inDay(bucket.getTime()));
  const starts = Array.from({ length: DAY_MS / bucketMs }, (_, i) => startMs + i * bucketMs);
  const groups: ReconciledGroup[] = [];
  for (const key of new Set([...cellsByKey.keys(), ...usageByKey.keys(), ...billByKey.keys()])) {
    const [account, model] = JSON.parse(key) as [string, string];
    const [ours, theirs, rows] = [cellsByKey.get(key) ?? [], usageByKey.get(key) ?? [], billByKey.get(key) ?? []];
    const today = ours.filter(({ hourMs }) => inDay(hourMs));
    const counted = theirs.filter(({ bucket }) => inDay(bucket.getTime()));
    if (today.length === 0 && counted.length === 0 && rows.every(({ amountPico }) => amountPico === 0n)) continue;
    const prices = ratesOf(facts, startMs, ours, hasUsage ? theirs : statedUsage(rows, startMs));
    const nameOf = (name: string): string => (countedModels.has(name) ? name : ([...countedModels].sort().find((other) => modelFamily(other) === modelFamily(name)) ?? name));
    const [oursByBucket, theirsByBucket] = [groupBy(ours, ({ hourMs }) => beginOf(hourMs)), groupBy(theirs, ({ bucket }) => beginOf(bucket.getTime()))];
    const bucketOf = (fromMs: number): BucketFacts => bucketFacts({ provider, book, nameOf, at: fromMs, cells: oursByBucket.get(fromMs) ?? [], usage: theirsByBucket.get(fromMs) ?? [] });
    const lines = rows.map((row) => ({ row, class: classOfLine(row), amountPico: row.amountPico, quantity: wholeOf(row.quantity) }));
    const ledgerPico = today.reduce((sum, { costPico }) => sum + costPico, 0n);
    // Where a provider reports no usage, its bill may say for how many tokens of which class it is.
    const stated = hasUsage ? [] : statedUsage(rows, startMs);
    const buckets = hasUsage ? starts.map(bucketOf) : stated.length > 0 ? [bucketFacts({ provider, book, nameOf, at: startMs, cells: today, usage: stated })] : [];
    const residue = splitResidue({
      ledgerPico, hasUnpriced: today.some(({ unpriced }) => unpriced > 0), isCoarse: today.some(({ priceVersionId, costPico }) => costPico > 0n && (priceVersionId === null || priceVersionById(book, priceVersionId) === null)),
      buckets, before: hasUsage && known.has(startMs - bucketMs) ? bucketOf(startMs - bucketMs) : null, after: hasUsage && known.has(startMs + DAY_MS) ? bucketOf(startMs + DAY_MS) : null,
      lines, rateOf: prices, otherPricesPico: () => otherPrices(book, hasUsage ? counted : stated),
    });
    groups.push({
      provider, model, servedModels: [...new Set(today.map((cell) => cell.model))].sort(), key: kind === 'key' && account !== '' ? account : null,
      project: kind === 'project' ? (account === '' ? null : account) : kind === 'key' ? (projectOfKey.get(account) ?? null) : null,
      ledgerPico, billedPico: residue.billedPico, matchedPico: residue.matchedPico, causes: residue.causes,
      calls: today.reduce((sum, { calls }) => sum + calls, 0), costless: today.reduce((sum, { costless }) => sum + costless, 0),
      requests: countRequests(counted), lines: linesOf(lines, residue), billedByKey: billedBy(rows, ({ apiKey }) => apiKey), billedByProject: billedBy(rows, ({ project }) => project),
    });
  }
  const causes = noCauses();
  for (const group of groups) addCauses(causes, group.causes);
  return { causes, groups, ledgerPico: groups.reduce((sum, group) => sum + group.ledgerPico, 0n), billedPico: groups.reduce((sum, group) => sum + group.billedPico, 0n) };
}

function groupBy<T, K>(rows: readonly T[], of: (row: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const row of rows) {
    const key = of(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/** Keys, if nearly all calls of the ledger name one of the bill's; else projects; else accounts are not compared. */
function accountKind(cells: readonly ProviderCell[], bill: readonly BilledRow[]): AccountKind {
  const calls = cells.reduce((sum, cell) => sum + cell.calls + cell.costless, 0);
  const named = (known: ReadonlySet<string | null>): boolean => calls > 0 && cells.reduce((sum, cell) => sum + (known.has(cell.account) ? 0 : cell.calls + cell.costless), 0) <= calls * STRAY_SHARE;
  if (named(new Set(bill.map(({ apiKey }) => apiKey)))) return 'key';
  return named(new Set(bill.map(({ project }) => project))) ? 'project' : null;
}

interface BucketInput {
  readonly provider: string;
  readonly book: PriceBook;
  readonly nameOf: (model: string) => string;
  readonly at: number;
  readonly cells: readonly ProviderCell[];
  readonly usage: readonly BilledUsage[];
}

function bucketFacts({ provider, book, nameOf, at, cells, usage }: BucketInput): BucketFacts {
  const recorded: RecordedTokens[] = [];
  let recordedExtras = 0n;
  for (const cell of cells) {
    let ofTokens = 0n;
    const named = { model: nameOf(cell.model), tier: canonicalTier(provider, cell.tier) };
    for (const name of TOKEN_CLASSES) {
      const tokens = cell.tokens[name] ?? 0;
      if (tokens === 0) continue;
      const rate = recordedRate(book, cell, name);
      recorded.push({ ...named, class: name, tokens, rate });
      ofTokens += BigInt(tokens) * rate;
    }
    recordedExtras += cell.costPico * SCALE - ofTokens;
  }
  const requests = countRequests(usage);
  return {
    recorded, calls: cells.reduce((sum, { calls }) => sum + calls, 0), costless: cells.reduce((sum, { costless }) => sum + costless, 0), requests: requests ?? (usage.length === 0 ? 0 : null), recordedExtras,
    countedExtras: countedExtras(book, provider, usage, at),
    counted: usage.flatMap((each) => TOKEN_CLASSES.flatMap((name) => {
      const tokens = each.quantities[name] ?? 0;
      return tokens > 0 ? [{ model: each.model ?? '', tier: tierOf(provider, each), class: name, tokens }] : [];
    })),
  };
}

/** By the version that priced it; a cost without one stands evenly behind its tokens. */
function recordedRate(book: PriceBook, cell: ProviderCell, name: TokenClass): bigint {
  const version = cell.priceVersionId === null ? null : priceVersionById(book, cell.priceVersionId);
  const byVersion = version && priceByVersion(version, { provider: cell.provider, model: cell.model, at: cell.hourMs, quantities: { [name]: MILLION }, isRequest: false })?.costPico;
  if (byVersion !== null && byVersion !== undefined) return byVersion;
  const all = TOKEN_CLASSES.reduce((sum, each) => sum + (cell.tokens[each] ?? 0), 0);
  return all <= 0 || cell.costPico <= 0n ? 0n : (cell.costPico * SCALE) / BigInt(all);
}

/** By the book of today at the day's noon, in the bracket of the average request. */
function ratesOf({ provider, book }: DayFacts, startMs: number, cells: readonly ProviderCell[], usage: readonly BilledUsage[]): RateOf {
  const inputOf = (tokens: Readonly<Record<string, number | undefined>>): number => INPUT_CLASSES.reduce((sum, name) => sum + (tokens[name] ?? 0), 0);
  const contextOf = (model: string): number => {
    const counted = usage.filter((each) => each.model === model);
    const requests = countRequests(counted) ?? 0;
    if (requests > 0) return Math.round(counted.reduce((sum, { quantities }) => sum + inputOf(quantities), 0) / requests);
    const [calls, input] = [cells.reduce((sum, each) => sum + each.calls, 0), cells.reduce((sum, { tokens }) => sum + inputOf(tokens), 0)];
    return calls > 0 ? Math.round(input / calls) : 0;
  };
  const known = new Map<string, bigint | null>();
  return (model, tier, name) => {
    const key = `${model}\n${tier}\n${name}`;
    let rate = known.get(key);
    if (rate === undefined) {
      const region = usage.find((each) => each.model === model && each.dimensions['inference_geo'])?.dimensions['inference_geo'] ?? null;
      rate = priceFast(book, { provider, model, tier, region, at: startMs + DAY_MS / 2, quantities: { [name]: MILLION }, contextTokens: contextOf(model), isRequest: false }).costPico;
      known.set(key, rate);
    }
    return rate;
  };
}

/** OpenAI says of a batch that it is one, and beside it a tier like any other's. */
function tierOf(provider: string, { dimensions }: BilledUsage): string {
  return canonicalTier(provider, dimensions['batch'] === 'true' ? 'batch' : (dimensions['service_tier'] ?? ''));
}

function countedExtras(book: PriceBook, provider: string, usage: readonly BilledUsage[], at: number): bigint | null {
  const extras = usage.flatMap(({ model, quantities }) => Object.entries(quantities).filter(([kind, quantity]) => quantity > 0 && !(TOKEN_CLASSES as readonly string[]).includes(kind)).map(([kind, quantity]) => ({ model, kind, quantity: String(quantity), unit: kind })));
  if (extras.length === 0) return null;
  let sum = 0n;
  for (const { model, ...extra } of extras) {
    const { costPico } = priceFast(book, { provider, model, at, quantities: {}, contextTokens: 0, extras: [extra], isRequest: false });
    if (costPico === null) return null;
    sum += costPico * SCALE;
  }
  return sum;
}

const TOKENS_OF: Readonly<Record<BillClass, TokenClass>> = {
  input: 'input_uncached', cached: 'cache_read', write_5m: 'cache_write_5m', write_1h: 'cache_write_1h', write: 'cache_write_other', output: 'output_text', audio_input: 'input_audio',
  audio_output: 'output_audio', image_input: 'input_image', image_output: 'output_image',
};

/** Empty unless every line says its model, class and quantity. */
function statedUsage(rows: readonly BilledRow[], startMs: number): BilledUsage[] {
  const stated = rows.flatMap((row): BilledUsage[] => {
    const [name, quantity] = [classOfLine(row), wholeOf(row.quantity)];
    if (row.model === null || name === null || quantity === null || quantity <= 0n) return [];
    return [{ ...row, bucket: new Date(startMs), requests: 0, quantities: { [TOKENS_OF[name]]: Number(quantity) }, pricedPico: null }];
  });
  return stated.length === rows.length ? stated : [];
}

/** Null where tokens are counted and requests are not. */
function countRequests(usage: readonly BilledUsage[]): number | null {
  const requests = usage.reduce((sum, each) => sum + each.requests, 0);
  return requests === 0 ? null : requests;
}

function wholeOf(quantity: string | null): bigint | null {
  return quantity === null ? null : BigInt(quantity.replace(/\..*$/, ''));
}

type Line = Pick<ReconciledLine, 'class' | 'amountPico'> & { readonly row: BilledRow; readonly quantity: bigint | null };

/** Lines of one class share what their tokens cost by our prices, by their quantities. */
function linesOf(lines: readonly Line[], { expected }: Residue): ReconciledLine[] {
  return lines.map(({ row, class: name, amountPico, quantity }) => {
    const should = name === null ? undefined : expected.get(name);
    const alone = lines.filter((line) => line.class === name).length === 1;
    const tokens = quantity ?? (should !== undefined && alone ? BigInt(should.tokens) : null);
    return {
      lineItem: row.lineItem, class: name, amountPico, quantity: row.quantity ?? tokens?.toString() ?? null,
      ourPico: should === undefined || tokens === null || should.tokens === 0 ? null : (should.pico * tokens) / BigInt(should.tokens),
    };
  });
}

function billedBy(rows: readonly BilledRow[], of: (row: BilledRow) => string | null): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  for (const row of rows) {
    const name = of(row);
    if (name !== null) sums[name] = (sums[name] ?? 0n) + row.amountPico;
  }
  return sums;
}
