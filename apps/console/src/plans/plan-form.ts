/** The draft of a plan as a form: text until the server has understood it, so that what was typed stays. Pure. */
import type { Allowance, Credits, Exhausted, MODEL_TIERS, Overage, PlanDefinition, RateLimit } from './plan-shape';

export interface TierForm { readonly upTo: string; readonly price: string; readonly flat: string }

export interface AllowanceForm {
  readonly id: string;
  readonly unit: string;
  readonly measure: Allowance['measure'];
  /** Names with commas between; empty: all that no other allowance names. */
  readonly workflows: string;
  readonly window: Allowance['window'];
  readonly included: string;
  readonly mode: Exhausted['mode'];
  readonly kind: Overage['kind'];
  readonly price: string;
  readonly per: string;
  readonly tiers: readonly TierForm[];
}

export interface RateForm {
  readonly id: string;
  readonly key: RateLimit['key'];
  readonly limit: string;
  readonly windowSeconds: string;
  readonly kind: RateLimit['algorithm']['kind'];
  readonly burst: string;
}

/** A name with a value, of what the definition keeps as a record. */
export interface NamedText { readonly name: string; readonly value: string }

interface CreditsForm { readonly granted: string; readonly expires: Credits['expires']; readonly weight: string; readonly weights: readonly NamedText[] }

export interface PlanForm extends Pick<PlanDefinition, 'currency' | 'baseFee' | 'interval' | 'chargeOnlyUsable' | 'rounding'> {
  readonly allowances: readonly AllowanceForm[];
  readonly credits: CreditsForm | null;
  readonly rateLimits: readonly RateForm[];
  readonly everyModel: boolean;
  readonly tiers: readonly (typeof MODEL_TIERS)[number][];
  readonly named: string;
  readonly gates: readonly { readonly name: string; readonly open: boolean }[];
  readonly contextTokens: string;
  readonly quantities: readonly NamedText[];
  readonly costCaps: readonly PlanDefinition['costCaps'][number][];
}

export const EMPTY_TIER: TierForm = { upTo: '', price: '', flat: '' };

export function formOf(plan: PlanDefinition): PlanForm {
  return {
    currency: plan.currency, baseFee: plan.baseFee, interval: plan.interval, chargeOnlyUsable: plan.chargeOnlyUsable, rounding: plan.rounding,
    allowances: plan.allowances.map(allowanceForm),
    credits: plan.credits && { granted: plan.credits.granted, expires: plan.credits.expires, weight: plan.credits.weight, weights: namedTexts(plan.credits.weights) },
    rateLimits: plan.rateLimits.map((each) => ({
      id: each.id, key: each.key, limit: String(each.limit), windowSeconds: String(each.windowSeconds), kind: each.algorithm.kind, burst: each.algorithm.kind === 'token_bucket' ? String(each.algorithm.burst) : '',
    })),
    everyModel: plan.models === undefined, tiers: plan.models?.tiers ?? [], named: plan.models?.named.join('\n') ?? '',
    gates: Object.entries(plan.gates).map(([name, open]) => ({ name, open })),
    contextTokens: plan.limits.contextTokens === undefined ? '' : String(plan.limits.contextTokens),
    quantities: namedTexts(plan.limits.quantities), costCaps: plan.costCaps,
  };
}

function allowanceForm({ id, unit, measure, workflows, window, included, exhausted }: Allowance): AllowanceForm {
  const overage = exhausted.mode === 'soft' ? exhausted.overage : null;
  return {
    id, unit, measure, window, included, mode: exhausted.mode, workflows: workflows?.join(', ') ?? '', kind: overage?.kind ?? 'flat', per: overage?.per ?? '1',
    price: overage?.kind === 'flat' ? overage.price : '',
    tiers: overage && overage.kind !== 'flat' ? overage.tiers.map(({ upTo, price, flat }) => ({ upTo: upTo ?? '', price, flat: flat ?? '' })) : [EMPTY_TIER],
  };
}

/** A new allowance: soft, because whoever wants to stop people chooses so. */
export function newAllowance(form: Pick<PlanForm, 'allowances'>): AllowanceForm {
  return { id: freeId('allowance', form.allowances), unit: 'action', measure: 'units', workflows: '', window: 'period', included: '0', mode: 'soft', kind: 'flat', price: '0', per: '1', tiers: [EMPTY_TIER] };
}

export function newRate(form: Pick<PlanForm, 'rateLimits'>): RateForm {
  return { id: freeId('requests', form.rateLimits), key: 'user', limit: '60', windowSeconds: '60', kind: 'sliding_window', burst: '' };
}

function freeId(base: string, taken: readonly { readonly id: string }[]): string {
  let id = base;
  for (let n = 2; taken.some((each) => each.id === id); n += 1) id = `${base}_${n}`;
  return id;
}

/** What the server is sent. A number that is none goes as one that the server refuses by its field. */
export function definitionOf(form: PlanForm): Record<string, unknown> {
  const models = { tiers: form.tiers, named: linesOf(form.named) };
  return {
    currency: form.currency.trim(), baseFee: form.baseFee.trim(), interval: form.interval, chargeOnlyUsable: form.chargeOnlyUsable, rounding: form.rounding,
    allowances: form.allowances.map((each) => ({
      id: each.id.trim(), unit: each.unit.trim(), measure: each.measure, window: each.window, included: each.included.trim(),
      ...(namesOf(each.workflows).length > 0 ? { workflows: namesOf(each.workflows) } : {}),
      exhausted: each.mode === 'hard' ? { mode: 'hard' } : { mode: 'soft', overage: overageOf(each) },
    })),
    credits: form.credits && { granted: form.credits.granted.trim(), expires: form.credits.expires, weight: form.credits.weight.trim(), weights: Object.fromEntries(form.credits.weights.map(({ name, value }) => [name.trim(), value.trim()])) },
    rateLimits: form.rateLimits.map(({ id, key, limit, windowSeconds, kind, burst }) => ({
      id: id.trim(), key, limit: wholeOf(limit), windowSeconds: wholeOf(windowSeconds), algorithm: kind === 'token_bucket' ? { kind, burst: wholeOf(burst) } : { kind },
    })),
    ...(form.everyModel ? {} : { models }),
    gates: Object.fromEntries(form.gates.map(({ name, open }) => [name.trim(), open])),
    limits: { ...(form.contextTokens.trim() === '' ? {} : { contextTokens: wholeOf(form.contextTokens) }), quantities: Object.fromEntries(form.quantities.map(({ name, value }) => [name.trim(), wholeOf(value)])) },
    costCaps: form.costCaps.map(({ window, usd, mode }) => ({ window, usd: usd.trim(), mode })),
  };
}

function overageOf({ kind, price, per, tiers }: AllowanceForm): unknown {
  if (kind === 'flat') return { kind, price: price.trim(), per: per.trim() };
  return { kind, per: per.trim(), tiers: tiers.map((tier, i) => ({ upTo: tier.upTo.trim() === '' && i === tiers.length - 1 ? null : tier.upTo.trim() || null, price: tier.price.trim(), ...(tier.flat.trim() === '' ? {} : { flat: tier.flat.trim() }) })) };
}

export interface FormProblem { readonly field: string; readonly message: string }

/** What a record would swallow: two entries of one name. Everything else says the server. */
export function problemOf(form: PlanForm): FormProblem | null {
  for (const [field, names] of [['gates', form.gates], ['limits.quantities', form.quantities], ['credits.weights', form.credits?.weights ?? []]] as const) {
    const list = names.map(({ name }) => name.trim());
    const empty = list.indexOf('');
    if (empty >= 0) return { field: `${field}.${empty}`, message: 'Give it a name, or remove the line.' };
    const twice = list.findIndex((name, i) => list.indexOf(name) !== i);
    if (twice >= 0) return { field: `${field}.${twice}`, message: `"${list[twice]}" stands twice.` };
  }
  return null;
}

/** The server's field, as this form calls it: without `definition.`, and entries of a record by their place. */
export function fieldOf(field: string | null, form: PlanForm): string | null {
  if (field === null) return null;
  const path = field.replace(/^(definition|draft|patch)\./, '');
  const place = (prefix: string, list: readonly { readonly name: string }[]): string | null => {
    if (!path.startsWith(`${prefix}.`)) return null;
    const at = list.findIndex(({ name }) => name.trim() === path.slice(prefix.length + 1));
    return at < 0 ? prefix : `${prefix}.${at}`;
  };
  return place('gates', form.gates) ?? place('limits.quantities', form.quantities) ?? place('credits.weights', form.credits?.weights ?? []) ?? path;
}

function namedTexts(record: Readonly<Record<string, string | number>>): NamedText[] {
  return Object.entries(record).map(([name, value]) => ({ name, value: String(value) }));
}

function wholeOf(text: string): number {
  return /^\d{1,15}$/.test(text.trim()) ? Number(text.trim()) : -1;
}

function namesOf(text: string): string[] {
  return text.split(',').map((each) => each.trim()).filter((each) => each !== '');
}

function linesOf(text: string): string[] {
  return text.split(/[\n,]/).map((each) => each.trim()).filter((each) => each !== '');
}
