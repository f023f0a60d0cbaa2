/** Caps as a person or a program states them: made, changed, switched off, removed; and the risk block that holds without any. The audit log is told what was before. */
import { compareRational, DomainError, formatPico, formatRational, parseDecimal, PICO_PER_USD, type Rational } from '@outlay/kernel';
import { isUuid, newId } from '@outlay/kernel/ids';
import { isApartScope, modelFamily, openCapScope } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { audit, type AuditFacts } from '@outlay/tenancy';
import type { Cap, CapMetric, CapMode, CapScope, RiskSettings } from './cap';
import { nameCap, statedLimit } from './cap-words';
import type { WindowKind } from './calendar-window';
import { type By, refuse } from './edit-plan';
import { deleteCap, lockCaps, upsertCap, upsertRisk } from './store-caps';
import { readTenantPolicy } from './store-policies';

export interface CapInput {
  /** Absent: a new one. */
  readonly id?: string;
  /** Empty or absent: named by what it says. */
  readonly name?: string;
  readonly scope: CapScope;
  /** Null: each one of the scope by itself. */
  readonly subject?: string | null;
  readonly metric: CapMetric;
  /** Null for `runs` and `starts`. */
  readonly window?: WindowKind | null;
  /** Soft unless its author says otherwise. */
  readonly mode?: CapMode;
  /** A decimal: dollars for cost, units, else a whole number. */
  readonly limit: string;
  /** ISO; null: it stays. */
  readonly expiresAt?: string | null;
}

const NAME_MAX = 120;
const SUBJECT_MAX = 255;
const CAPS_MAX = 1_000;
const LIMIT_MAX: Rational = { num: 1_000_000_000_000n, den: 1n };

export interface SaveCapOptions {
  readonly source: Extract<Cap['source'], 'person' | 'api' | 'alert'>;
  /** An id that nobody has becomes a new cap; else it is `not_found`. */
  readonly creates: boolean;
}

/** Holds from the next begin on. Errors: `invalid_input` naming the field, `not_found`, `unavailable` when a new scope cannot be opened. */
export async function saveCap(db: Database, by: By, input: CapInput, { source, creates }: SaveCapOptions, nowMs = Date.now()): Promise<Cap> {
  const said = parseCap(input, nowMs);
  // Before the cap is there: nobody counts rows for a scope that is not open.
  if (isApartScope(said.scope) && said.metric !== 'runs' && said.metric !== 'starts') await openCapScope(db, by.tenantId, said.scope);
  return await db.withTenant(by.tenantId, async (tx) => {
    await lockCaps(tx, by.tenantId);
    const { caps } = await readTenantPolicy(tx, by.tenantId);
    const before = caps.find(({ id }) => id === input.id);
    if (before === undefined && input.id !== undefined && !creates) throw noCap();
    if (before === undefined && caps.length >= CAPS_MAX) throw new DomainError('conflict', { message: `A team has at most ${CAPS_MAX} caps: remove one that is not needed.` });
    const nowIso = new Date(nowMs).toISOString();
    const cap: Cap = {
      ...said, id: input.id ?? newId(nowMs), source: before?.source ?? source, disabledAt: before?.disabledAt ?? null, createdAt: before?.createdAt ?? nowIso, createdBy: before?.createdBy ?? by.actor, updatedAt: nowIso,
    };
    await upsertCap(tx, by.tenantId, cap);
    await audit(tx, { ...by, action: before === undefined ? 'cap.created' : 'cap.changed', subjectType: 'cap', subjectId: cap.id, ...(before === undefined ? {} : { before: factsOf(before) }), after: factsOf(cap) });
    return cap;
  });
}

/** Errors: `not_found`. */
export async function removeCap(db: Database, by: By, id: string): Promise<void> {
  await change(db, by, id, 'cap.removed', (tx) => deleteCap(tx, id), () => null);
}

/** Its counters go on while it is off. Errors: `not_found`. */
export async function setCapEnabled(db: Database, by: By, id: string, enabled: boolean, nowMs = Date.now()): Promise<void> {
  const after = (cap: Cap): Cap => ({ ...cap, disabledAt: enabled ? null : (cap.disabledAt ?? new Date(nowMs).toISOString()) });
  await change(db, by, id, enabled ? 'cap.enabled' : 'cap.disabled', (tx, cap) => upsertCap(tx, by.tenantId, after(cap)), after);
}

type Tx = Parameters<Parameters<Database['withTenant']>[1]>[0];

async function change(db: Database, by: By, id: string, action: `cap.${string}`, write: (tx: Tx, cap: Cap) => Promise<void>, after: (cap: Cap) => Cap | null): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    await lockCaps(tx, by.tenantId);
    const cap = (await readTenantPolicy(tx, by.tenantId)).caps.find((each) => each.id === id);
    if (cap === undefined) throw noCap();
    await write(tx, cap);
    const then = after(cap);
    await audit(tx, { ...by, action, subjectType: 'cap', subjectId: id, before: factsOf(cap), ...(then === null ? {} : { after: factsOf(then) }) });
  });
}

export interface RiskInput {
  readonly enabled: boolean;
  /** A decimal of dollars. */
  readonly floorUsd: string;
  /** A decimal, at least 1. */
  readonly factor: string;
}

/** Errors: `invalid_input` naming the field. */
export async function saveRisk(db: Database, by: By, { enabled, floorUsd, factor }: RiskInput): Promise<RiskSettings> {
  const floor = toPicoExactly('floorUsd', floorUsd);
  if (floor <= 0n) throw refuse('floorUsd', 'More than zero: to end the block, switch it off.');
  const times = parseDecimal(factor);
  if (times === null || compareRational(times, { num: 1n, den: 1n }) < 0 || compareRational(times, { num: 10_000n, den: 1n }) > 0) throw refuse('factor', 'A decimal between 1 and 10,000, such as 20.');
  const after: RiskSettings = { enabled, floorPico: floor, factor: formatRational(times, 6) };
  return await db.withTenant(by.tenantId, async (tx) => {
    await lockCaps(tx, by.tenantId);
    const { risk: before } = await readTenantPolicy(tx, by.tenantId);
    await upsertRisk(tx, by.tenantId, after);
    await audit(tx, { ...by, action: 'cap.risk_saved', subjectType: 'tenant', subjectId: by.tenantId, before: riskFacts(before), after: riskFacts(after) });
    return after;
  });
}

type Said = Omit<Cap, 'id' | 'source' | 'disabledAt' | 'createdAt' | 'createdBy' | 'updatedAt'>;

/** Pure. */
function parseCap(input: CapInput, nowMs: number): Said {
  const { scope, metric, mode = 'soft' } = input;
  if (input.id !== undefined && !isUuid(input.id)) throw refuse('id', 'The id of a cap is a UUID.');
  const window = input.window ?? null;
  if (metric === 'runs' && window !== null) throw refuse('window', 'Open runs are counted at once: they have no window.');
  if (metric === 'starts' && window !== null) throw refuse('window', 'Starts are counted within any minute: they have no window.');
  if (metric === 'starts' && mode !== 'hard') throw refuse('mode', 'A limit on starts denies until the minute has room again: it is hard.');
  if (metric !== 'runs' && metric !== 'starts' && window === null) throw refuse('window', 'Say for how long: day, week, month or period.');
  if (metric === 'units' && scope === 'model') throw refuse('metric', 'Units belong to the outcome of a run, which may use several models: cap cost, tokens or calls of a model.');
  const subject = subjectOf(scope, input.subject ?? null);
  const limit = limitOf(metric, input.limit);
  const name = (input.name ?? '').trim();
  if (name.length > NAME_MAX || /\p{Cc}/u.test(name)) throw refuse('name', `At most ${NAME_MAX} characters, on one line.`);
  const said = { scope, subject, metric, window, mode, limit, expiresAt: expiryOf(input.expiresAt ?? null, nowMs) };
  return { ...said, name: name === '' ? nameCap(said) : name };
}

function subjectOf(scope: CapScope, stated: string | null): string | null {
  const subject = stated?.trim() || null;
  if (scope === 'tenant' && subject !== null) throw refuse('subject', 'A cap of the whole team has no subject.');
  if (subject !== null && (subject.length > SUBJECT_MAX || subject.includes('\0'))) throw refuse('subject', `At most ${SUBJECT_MAX} characters.`);
  if (scope === 'key' && subject !== null && !isUuid(subject)) throw refuse('subject', 'Name an API key by its id.');
  return scope === 'model' && subject !== null ? modelFamily(subject) : subject;
}

/** As it is stored: pico-dollars for cost. */
function limitOf(metric: CapMetric, text: string): string {
  if (metric === 'cost') return toPicoExactly('limit', text).toString();
  const value = parseDecimal(text);
  if (value === null || value.num < 0n) throw refuse('limit', 'A number, zero or more.');
  if (compareRational(value, LIMIT_MAX) > 0) throw refuse('limit', 'At most 1,000,000,000,000.');
  if (metric !== 'units' && value.num % value.den !== 0n) throw refuse('limit', 'A whole number.');
  if (metric === 'starts' && value.num < value.den) throw refuse('limit', 'At least 1: to stop everything, cap open runs at 0.');
  if ((value.num * 1_000_000n) % value.den !== 0n) throw refuse('limit', 'At most six decimals.');
  return formatRational(value, 6);
}

function toPicoExactly(field: string, text: string): bigint {
  const usd = parseDecimal(text.replace(/^\s*\$/, ''));
  if (usd === null || usd.num < 0n) throw refuse(field, 'Dollars as a decimal, such as 4.00.');
  const scaled = usd.num * PICO_PER_USD;
  if (scaled % usd.den !== 0n) throw refuse(field, 'At most 12 decimals: the ledger counts in pico-dollars.');
  if (scaled / usd.den > 9_000_000n * PICO_PER_USD) throw refuse(field, 'At most $9,000,000.');
  return scaled / usd.den;
}

function expiryOf(text: string | null, nowMs: number): string | null {
  if (text === null || text === '') return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw refuse('expiresAt', 'A time such as 2026-12-31T00:00:00Z.');
  if (ms <= nowMs) throw refuse('expiresAt', 'A time to come.');
  return new Date(ms).toISOString();
}

function factsOf(cap: Cap): AuditFacts {
  const { name, scope, subject, metric, window, mode, expiresAt, disabledAt } = cap;
  return { name, scope, subject, metric, window, mode, limit: statedLimit(cap), expiresAt, disabledAt };
}

function riskFacts({ enabled, floorPico, factor }: RiskSettings): AuditFacts {
  return { enabled, floorUsd: formatPico(floorPico), factor };
}

function noCap(): DomainError {
  return new DomainError('not_found', { message: 'There is no such cap. It may have been removed.' });
}
