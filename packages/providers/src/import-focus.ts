/**
 * Bills that people bring as files: FOCUS 1.x (the FinOps Foundation's columns, as AWS, Azure, Google and others export them), and a simple CSV
 * `date,model,amount_usd[,provider,key,project,line_item,requests,input_tokens,cached_tokens,output_tokens]`. Every error names its line and column. Pure.
 */
import { DAY_MS, DomainError, parseDecimal, type Rational, type TokenClass } from '@outlay/kernel';
import type { CostRow, UsageBucket } from './adapter';
import { modelOf } from './google-billing';
import { readCsv } from './read-csv';
import { mergeBuckets, mergeCosts } from './store-bill';

export interface BillFile {
  readonly format: 'focus' | 'simple';
  readonly costs: readonly CostRow[];
  readonly usage: readonly UsageBucket[];
  /** Records read; of these, those of other services than asked for. */
  readonly rows: number;
  readonly skipped: number;
  /** UTC days, `[from, to]`; null for a file without records. */
  readonly days: { readonly from: string; readonly to: string } | null;
}

export interface BillOptions {
  /** FOCUS only: rows of these services; empty: all. */
  readonly services?: readonly string[] | undefined;
}

const BILL_ROWS_MAX = 200_000;
const SIMPLE = ['date', 'model', 'amount_usd', 'provider', 'key', 'project', 'line_item', 'requests', 'input_tokens', 'cached_tokens', 'output_tokens'] as const;
const SIMPLE_NEEDS = ['date', 'model', 'amount_usd'] as const;
/** What a simple file's name of a column counts. */
const TOKENS: Readonly<Record<string, TokenClass>> = { input_tokens: 'input_uncached', cached_tokens: 'cache_read', output_tokens: 'output_text' };
const HOW = 'Bring a FOCUS export (ChargePeriodStart, BilledCost, BillingCurrency, …), or a file with the columns date, model, amount_usd.';

/** Errors: `invalid_input` on `text`. Rows of one day with the same dimensions are summed. */
export function readBill(text: string, options: BillOptions = {}): BillFile {
  const records = readCsv(text);
  const head = records.next();
  if (head.done) throw refuse('The file is empty.');
  const names = head.value.cells.map((name) => name.trim());
  const byName = new Map(names.map((name, index) => [name.toLowerCase(), index]));
  if (byName.size < names.length) throw refuse(`Line 1: the column "${names.find((name, index) => byName.get(name.toLowerCase()) !== index)}" stands there twice.`);
  const isFocus = byName.has('chargeperiodstart') && (byName.has('billedcost') || byName.has('effectivecost'));
  if (isFocus && !byName.has('billingcurrency')) throw refuse('Line 1: the column "BillingCurrency" is missing: without it nobody knows what the amounts are.');
  if (!isFocus) checkSimple(names);
  const costs: CostRow[] = [];
  const usage: UsageBucket[] = [];
  const services = new Set((options.services ?? []).map((name) => name.trim().toLowerCase()).filter((name) => name !== ''));
  let rows = 0;
  let skipped = 0;
  for (const { line, cells } of records) {
    rows += 1;
    if (rows > BILL_ROWS_MAX) throw refuse(`The file has more than ${BILL_ROWS_MAX.toLocaleString('en')} rows. Bring it in parts, each with whole days.`);
    if (cells.length !== names.length) throw refuse(`Line ${line}: ${cells.length} cells, and the header has ${names.length} columns. An amount with a comma needs quotation marks.`);
    const record: Line = { line, of: (name) => cells[byName.get(name.toLowerCase()) ?? -1] ?? '' };
    if (isFocus && services.size > 0 && !services.has(record.of('ServiceName').toLowerCase())) skipped += 1;
    else if (isFocus) costs.push(focusCost(record));
    else {
      const { cost, bucket } = simpleRow(record);
      costs.push(cost);
      if (bucket) usage.push(bucket);
    }
  }
  const days = costs.map(({ day }) => day).sort();
  return { format: isFocus ? 'focus' : 'simple', costs: mergeCosts(costs), usage: mergeBuckets(usage), rows, skipped, days: days.length === 0 ? null : { from: days[0]!, to: days.at(-1)! } };
}

/** A misspelt column would be left out without a word. */
function checkSimple(names: readonly string[]): void {
  const lower = names.map((name) => name.toLowerCase());
  const missing = SIMPLE_NEEDS.find((name) => !lower.includes(name));
  if (missing !== undefined) throw refuse(`Line 1: the column "${missing}" is missing. ${HOW}`);
  const unknown = names.find((name) => !(SIMPLE as readonly string[]).includes(name.toLowerCase()));
  if (unknown !== undefined) throw refuse(`Line 1: "${unknown.slice(0, 60)}" is no column that is known. These are: ${SIMPLE.join(', ')}.`);
}

interface Line {
  readonly line: number;
  /** By the name of its column; empty where there is none. */
  of(name: string): string;
}

/** FOCUS: charges of an hour or a day, on the UTC day they begin. Billed cost, and where a file has none, effective cost. */
function focusCost(record: Line): CostRow {
  const { of } = record;
  const currency = of('BillingCurrency');
  if (currency.toUpperCase() !== 'USD') throw at(record, 'BillingCurrency', `"${currency.slice(0, 20)}": Outlay reads US dollars only. Export in USD, or convert it first.`);
  const costColumn = of('BilledCost') === '' ? 'EffectiveCost' : 'BilledCost';
  const tags = readTags(record);
  const lineItem = first(of('SkuMeter'), of('ChargeDescription'), of('SkuId'), of('ServiceName'));
  const model = first(tags.get('model') ?? '', of('x_Model')) ?? modelOf(first(of('SkuMeter'), of('ChargeDescription'), of('ResourceName')));
  const [apiKey, project] = [first(tags.get('api_key') ?? '', tags.get('key') ?? ''), first(tags.get('project') ?? '', of('SubAccountName'), of('SubAccountId'))];
  const quantity = first(of('ConsumedQuantity'), of('PricingQuantity'));
  return {
    day: readDay(record, 'ChargePeriodStart'), model, apiKey, project, lineItem, amountUsd: readNumber(record, costColumn), quantity: quantity === null ? null : parseDecimal(quantity),
    dimensions: {
      provider: first(of('ServiceProviderName'), of('ProviderName'), of('PublisherName')), service: first(of('ServiceName')), sku: first(of('SkuId'), of('SkuPriceId')), resource: first(of('ResourceId')), account: first(of('SubAccountId')),
      region: first(of('RegionId')), charge: first(of('ChargeCategory')), line_item: lineItem, model, key: apiKey, project,
    },
  };
}

function simpleRow(record: Line): { readonly cost: CostRow; readonly bucket: UsageBucket | null } {
  const { of } = record;
  const day = readDay(record, 'date');
  const [model, apiKey, project, lineItem] = [first(of('model')), first(of('key')), first(of('project')), first(of('line_item'))];
  const dimensions = { provider: first(of('provider')), model, key: apiKey, project };
  const count = (name: string): number => (of(name) === '' ? 0 : readCount(record, name));
  const tokens = Object.fromEntries(Object.entries(TOKENS).map(([column, name]) => [name, count(column)] as const).filter(([, quantity]) => quantity > 0));
  const requests = count('requests');
  const hasUsage = requests > 0 || Object.keys(tokens).length > 0;
  return {
    cost: { day, dimensions: { ...dimensions, line_item: lineItem }, model, apiKey, project, lineItem, amountUsd: readNumber(record, 'amount_usd'), quantity: null },
    bucket: hasUsage ? { width: '1d', bucket: `${day}T00:00:00.000Z`, dimensions, model, apiKey, project, requests, tokens, extras: {} } : null,
  };
}

/** `2026-11-20`, or a time: of one without a zone FOCUS says UTC. */
function readDay(record: Line, column: string): string {
  const text = record.of(column);
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|UTC|[+-]\d\d:?\d\d)?)?$/.exec(text);
  const zone = match?.[3] === undefined || match[3] === 'UTC' ? 'Z' : match[3];
  const atMs = match ? Date.parse(`${match[1]}T${match[2] ?? '00:00'}${zone}`) : Number.NaN;
  // Date.parse takes February 30th for March 2nd.
  const isReal = match !== null && !Number.isNaN(atMs) && new Date(Date.parse(`${match[1]}T00:00Z`)).toISOString().startsWith(match[1]!);
  if (!isReal) throw at(record, column, `"${text.slice(0, 40)}" is no date such as 2026-11-20.`);
  if (atMs < Date.UTC(2015) || atMs > Date.UTC(2100)) throw at(record, column, `"${text.slice(0, 40)}" is not in this time.`);
  return new Date(Math.floor(atMs / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
}

function readNumber(record: Line, column: string): Rational {
  const text = record.of(column);
  const value = text.length > 60 ? null : parseDecimal(text);
  if (value === null) throw at(record, column, text === '' ? 'an amount is missing.' : `"${text.slice(0, 40)}" is no amount: a decimal with a point, without currency or thousands, such as 1234.5.`);
  return value;
}

function readCount(record: Line, column: string): number {
  const text = record.of(column);
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text)) throw at(record, column, `"${text.slice(0, 40)}" is no whole number.`);
  return value;
}

/** FOCUS says a JSON object of strings; names in any case. */
function readTags(record: Line): ReadonlyMap<string, string> {
  const text = record.of('Tags');
  if (text === '') return new Map();
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return new Map(Object.entries(json).map(([name, value]) => [name.toLowerCase(), String(value ?? '')]));
  } catch {
    // Told below, with its line.
  }
  throw at(record, 'Tags', 'a JSON object is expected, such as {"project":"shop"}.');
}

function first(...values: (string | null)[]): string | null {
  return values.find((value) => value !== null && value !== '' && value.toLowerCase() !== 'null')?.slice(0, 500) ?? null;
}

function at({ line }: Line, column: string, words: string): DomainError {
  return refuse(`Line ${line}, column "${column}": ${words}`);
}

function refuse(message: string): DomainError {
  return new DomainError('invalid_input', { field: 'text', message });
}
