/** Laws 4 and 8 on one stored row: pure. What the row says is derived again from its raw usage and compared. */
import { formatPico, TOKEN_CLASSES } from '@outlay/kernel';
import { createPriceBook, NORMALISER_VERSION, normaliseUsage, priceByVersion, priceFast, type PriceVersion, type UsagePart } from '@outlay/pricing';
import { factsOf, partOf } from './build-correction';
import type { EventRow } from './columns';
import { priceEvent, type PriceUsageOf } from './price-event';

export interface RowFault {
  readonly law: 4 | 8;
  /** What is stored and what it should be, as a sentence. */
  readonly message: string;
}

const NO_PRICES = createPriceBook([]);

/** The first fault of each law. `version` is the row that `price_version_id` names; null when it names none or it is gone. */
export function proveRow(row: EventRow, version: PriceVersion | null): RowFault[] {
  const faults = [proveClasses(row), proveCost(row, version)];
  return faults.flatMap((fault) => fault ?? []);
}

/** Law 8: the stored classes are those of the raw usage, disjoint, and over all parts they sum to the provider's own total. */
function proveClasses(row: EventRow): RowFault | null {
  if (row.raw_usage === null || row.normaliser_version !== NORMALISER_VERSION || row.provider === null) return null;
  const facts = factsOf(row);
  const usage = normaliseUsage({ provider: row.provider, api: row.api, model: facts.model_served ?? facts.model_requested, usage: facts.usage });
  if (!usage.ok) {
    return row.cost_basis === 'priced' ? { law: 8, message: `it is priced, but its raw usage cannot be read: ${usage.error.field} ${usage.error.reason}` } : null;
  }
  const { parts, total } = usage.value;
  const part = row.part === 0 ? parts[0] : parts.find(({ model }) => model === row.model_served);
  if (part === undefined) return { law: 8, message: `its raw usage bills no tokens to ${row.model_served ?? 'a model without name'}` };
  const wrong = TOKEN_CLASSES.find((name) => row[name] !== row.sign * (part.quantities[name] ?? 0));
  if (wrong !== undefined) return { law: 8, message: `${wrong} is ${row[wrong]}, but the raw usage says ${row.sign * (part.quantities[wrong] ?? 0)}` };
  // Numbers that contradict each other are quarantined as they are; they must never have been priced.
  const problem = parts.find((each) => each.problem !== null)?.problem;
  if (problem) return row.cost_basis === 'priced' && part.problem ? { law: 8, message: `it is priced, but ${problem}` } : null;
  const sum = parts.reduce((tokens, each) => tokens + tokensOf(each), 0);
  return sum === total ? null : { law: 8, message: `its token classes sum to ${sum}, but the provider's own total is ${total}` };
}

function tokensOf({ quantities, extras }: UsagePart): number {
  const classes = TOKEN_CLASSES.reduce((sum, name) => sum + (quantities[name] ?? 0), 0);
  return extras.filter(({ unit }) => unit === 'token').reduce((sum, { quantity }) => sum + Number(quantity), classes);
}

/** Law 4: cost derived again from the raw usage and the price version = stored cost, for basis `priced`. */
function proveCost(row: EventRow, version: PriceVersion | null): RowFault | null {
  if (row.cost_basis !== 'priced') return null;
  if (row.price_version_id !== null && version === null) return { law: 4, message: `its price version ${row.price_version_id} is not in the price book` };
  const derived = row.subject === 'outcome' ? 0n : deriveCost(row, version);
  if (derived === row.cost_pico) return null;
  const stored = row.cost_pico === null ? 'nothing' : `$${formatPico(row.cost_pico)}`;
  return { law: 4, message: `it costs ${stored}, but ${version?.version ?? 'its own facts'} gives ${derived === null ? 'no price' : `$${formatPico(derived)}`}` };
}

function deriveCost(row: EventRow, version: PriceVersion | null): bigint | null {
  // Under an older normaliser the same raw usage gave other classes: then the stored ones are what was priced.
  const older = row.normaliser_version !== NORMALISER_VERSION;
  const facts = factsOf({ ...unsigned(row), ...(older ? { raw_usage: null } : {}) });
  const price: PriceUsageOf = (_tenantId, input) => {
    const asked = { ...input, isRequest: input.isRequest === true && row.part === 0 };
    return (version === null ? null : priceByVersion(version, asked)) ?? priceFast(NO_PRICES, asked);
  };
  const part = partOf(priceEvent(facts, Date.parse(row.occurred_at), price, row.tenant_id), older ? { ...row, raw_usage: null } : row);
  return part === undefined || part.costPico === null ? null : BigInt(row.sign) * part.costPico;
}

/** A reversal carries its row's quantities negated. */
function unsigned(row: EventRow): EventRow {
  if (row.sign === 1) return row;
  return { ...row, ...Object.fromEntries(TOKEN_CLASSES.map((name) => [name, row[name] === 0 ? 0 : -row[name]])) };
}
