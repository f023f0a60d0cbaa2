/** What a team says of a workflow: read, checked, saved under its name, with the audit log told what it replaced. */
import { DAY_MS, DomainError, err, formatPico, ok, parseDecimal, PICO_PER_USD, type Result } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { assertCan, audit, auditedBy, type Acting, type AuditFacts } from '@outlay/tenancy';
import type { FieldError } from './event-parser';
import { lockSettings, updateSettings, type WorkflowSettings } from './store-workflows';

export interface SettingsInput {
  readonly unitName: string;
  /** A decimal of dollars, exact to a pico-dollar; null clears the target. */
  readonly targetCostUsd: string | null;
  readonly timeToLiveMs: number;
  readonly usableMeans: string;
  /** Absent: stays as it is. */
  readonly route?: WorkflowSettings['route'];
  /** Absent: stays as it is. */
  readonly onGateUnavailable?: WorkflowSettings['onGateUnavailable'];
}

type ParsedSettings = Omit<WorkflowSettings, 'route' | 'onGateUnavailable'> & Partial<Pick<WorkflowSettings, 'route' | 'onGateUnavailable'>>;

export const SETTINGS_LIMITS = { nameLength: 255, unitNameLength: 60, usableMeansLength: 500, timeToLiveMinMs: 60_000, timeToLiveMaxMs: 90 * DAY_MS, targetMaxUsd: 1_000_000, routeModels: 20 } as const;

const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/** Pure. Errors name the field as the input does. */
export function parseSettings(input: SettingsInput): Result<ParsedSettings, FieldError> {
  const unitName = input.unitName.trim();
  if (unitName === '') return refuse('unitName', 'missing', 'Say what one usable outcome is, such as "answered question".');
  if (unitName.length > SETTINGS_LIMITS.unitNameLength) return refuse('unitName', 'too_long', `At most ${SETTINGS_LIMITS.unitNameLength} characters.`);
  if (CONTROL.test(unitName)) return refuse('unitName', 'wrong_form', 'Line breaks are not allowed here.');
  const target = parseTarget(input.targetCostUsd);
  if (!target.ok) return target;
  const { timeToLiveMs } = input;
  if (!Number.isInteger(timeToLiveMs) || timeToLiveMs < SETTINGS_LIMITS.timeToLiveMinMs || timeToLiveMs > SETTINGS_LIMITS.timeToLiveMaxMs) {
    return refuse('timeToLiveMs', 'out_of_range', 'Between one minute and 90 days.');
  }
  const usableMeans = input.usableMeans.trim();
  if (usableMeans.length > SETTINGS_LIMITS.usableMeansLength) return refuse('usableMeans', 'too_long', `At most ${SETTINGS_LIMITS.usableMeansLength} characters; these are ${usableMeans.length}.`);
  if (usableMeans.includes('\0')) return refuse('usableMeans', 'wrong_form', 'It must not contain a NUL character.');
  const route = parseRoute(input.route ?? []);
  if (!route.ok) return route;
  return ok({
    unitName, targetCostPico: target.value, timeToLiveMs, usableMeans, ...(input.route === undefined ? {} : { route: route.value }),
    ...(input.onGateUnavailable === undefined ? {} : { onGateUnavailable: input.onGateUnavailable }),
  });
}

function parseRoute(given: WorkflowSettings['route']): Result<WorkflowSettings['route'], FieldError> {
  const route = given.map(({ model, cheaper }) => ({ model: model.trim(), cheaper }));
  if (route.length > SETTINGS_LIMITS.routeModels) return refuse('route', 'too_many', `At most ${SETTINGS_LIMITS.routeModels} models.`);
  if (route.some(({ model }) => model === '')) return refuse('route', 'missing', 'Name each model, or take its line out.');
  if (route.some(({ model }) => model.length > SETTINGS_LIMITS.nameLength || CONTROL.test(model))) return refuse('route', 'wrong_form', `A model's name has at most ${SETTINGS_LIMITS.nameLength} characters, on one line.`);
  const twice = route.find(({ model }, i) => route.findIndex((each) => each.model === model) !== i);
  return twice === undefined ? ok(route) : refuse('route', 'twice', `"${twice.model}" stands twice.`);
}

function parseTarget(text: string | null): Result<bigint | null, FieldError> {
  if (text === null || text.trim() === '') return ok(null);
  const usd = parseDecimal(text.replace(/^\s*\$/, ''));
  if (usd === null) return refuse('targetCostUsd', 'wrong_form', 'Enter dollars as a decimal, such as 0.35. Leave it empty for no target.');
  const scaled = usd.num * PICO_PER_USD;
  if (scaled % usd.den !== 0n) return refuse('targetCostUsd', 'too_fine', 'At most 12 decimals: the ledger counts in pico-dollars.');
  const pico = scaled / usd.den;
  if (pico <= 0n) return refuse('targetCostUsd', 'out_of_range', 'A target is more than zero. Leave it empty for no target.');
  if (pico > BigInt(SETTINGS_LIMITS.targetMaxUsd) * PICO_PER_USD) return refuse('targetCostUsd', 'out_of_range', 'At most $1,000,000 for one outcome.');
  return ok(pico);
}

function refuse(field: keyof SettingsInput, reason: string, message: string): Result<never, FieldError> {
  return err({ field, reason, message });
}

/**
 * Saves under the workflow's name, whether or not it was ever seen. Answers the settings as they now are. A time to live holds for events recorded
 * from now on: the writer reads it with each event. Errors: `role_missing`, `invalid_input` naming the field.
 */
export async function saveWorkflowSettings(db: Database, acting: Acting, name: string, input: SettingsInput): Promise<WorkflowSettings> {
  assertCan(acting, 'workflows.manage');
  if (name.trim() === '' || name.length > SETTINGS_LIMITS.nameLength || name.includes('\0')) {
    throw new DomainError('invalid_input', { field: 'workflow', message: `Name the workflow as its events do, in 1 to ${SETTINGS_LIMITS.nameLength} characters.` });
  }
  const parsed = parseSettings(input);
  if (!parsed.ok) throw new DomainError('invalid_input', parsed.error);
  return await db.withTenant(acting.tenantId, async (tx) => {
    const before = await lockSettings(tx, acting.tenantId, name);
    const after: WorkflowSettings = { ...before, ...parsed.value };
    const changed = (Object.keys(after) as (keyof WorkflowSettings)[]).filter((key) => !isSame(before[key], after[key]));
    if (changed.length === 0) return after;
    await updateSettings(tx, name, after);
    await audit(tx, { ...auditedBy(acting), action: 'workflow.settings_saved', subjectType: 'workflow', subjectId: name, before: factsOf(before, changed), after: factsOf(after, changed) });
    return after;
  });
}

function factsOf(settings: WorkflowSettings, keys: readonly (keyof WorkflowSettings)[]): AuditFacts {
  const facts = {
    unitName: settings.unitName, targetCostUsd: settings.targetCostPico === null ? null : formatPico(settings.targetCostPico),
    timeToLiveMs: settings.timeToLiveMs, usableMeans: settings.usableMeans, route: settings.route.map(({ model, cheaper }) => (cheaper ? `${model} (cheaper)` : model)).join(', '), onGateUnavailable: settings.onGateUnavailable,
  };
  return Object.fromEntries(keys.map((key) => (key === 'targetCostPico' ? ['targetCostUsd', facts.targetCostUsd] : [key, facts[key]])));
}

/** Routes are lists: told apart by what is in them. */
function isSame(a: WorkflowSettings[keyof WorkflowSettings], b: WorkflowSettings[keyof WorkflowSettings]): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && JSON.stringify(a) === JSON.stringify(b));
}
