/** What differs between two definitions, in words: the server names the paths, this the sentences. Pure. */
import { allowanceText, baseFeeText, capitalise, countText, exhaustedText, moneyText, rateLimitText, windowText } from './describe-plan';
import type { Allowance, PlanDefinition, RateLimit } from './plan-shape';

/** As `plans.diff` answers it: `allowances.actions.included`. Null: it was not there, or is gone. */
export interface PlanChange {
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface ChangeLine {
  readonly key: string;
  readonly what: string;
  /** Null: new, or gone. */
  readonly before: string | null;
  readonly after: string | null;
}

const PLAIN: Readonly<Record<string, string>> = {
  currency: 'Currency', interval: 'Billed every', chargeOnlyUsable: 'Unusable outcomes are free', rounding: 'Rounding of invoice lines',
  'limits.contextTokens': 'Tokens of context', 'credits.granted': 'Credits granted', 'credits.expires': 'Credits can be burned for a', 'credits.weight': 'Credits an outcome burns',
};

export function describeChanges(changes: readonly PlanChange[], live: PlanDefinition | null, draft: PlanDefinition): ChangeLine[] {
  const lines = changes.map((change) => describeChange(change, live, draft));
  // Several paths of one rule, such as the tiers of an overage, are one line.
  return lines.filter((line, i) => lines.findIndex(({ key }) => key === line.key) === i);
}

function describeChange({ path, before, after }: PlanChange, live: PlanDefinition | null, draft: PlanDefinition): ChangeLine {
  const [head, name = '', part = ''] = path.split('.');
  if (path === 'baseFee') return { key: path, what: 'Base fee', before: live && baseFeeText(live), after: baseFeeText(draft) };
  if (head === 'allowances') return describeAllowance(name, part, { path, before, after }, live, draft);
  if (head === 'rateLimits') {
    const of = (plan: PlanDefinition | null): string | null => textOr(plan?.rateLimits.find(({ id }) => id === name), rateLimitText);
    return { key: `rateLimits.${name}`, what: `Rate limit ${name}`, before: of(live), after: of(draft) };
  }
  if (head === 'costCaps') {
    const of = (plan: PlanDefinition | null): string | null => plan && (plan.costCaps.map(({ window, usd, mode }) => `${mode} ${moneyText(usd, 'USD')} a ${window}`).join(', ') || 'none');
    return { key: 'costCaps', what: 'Cost caps', before: of(live), after: of(draft) };
  }
  if (head === 'models') {
    const of = (plan: PlanDefinition | null): string | null => plan && (plan.models ? [...plan.models.tiers, ...plan.models.named].join(', ') || 'none' : 'all');
    return { key: 'models', what: 'Models', before: of(live), after: of(draft) };
  }
  if (path === 'credits') return { key: path, what: 'Credits', before: creditsText(live), after: creditsText(draft) };
  if (path.startsWith('credits.weights')) return { key: path, what: `Credits an outcome of ${path.split('.').slice(2).join('.') || 'a workflow'} burns`, before: valueText(before), after: valueText(after) };
  if (head === 'gates') return { key: path, what: path.split('.').slice(1).join('.') || 'Gates', before: gateText(before), after: gateText(after) };
  if (path.startsWith('limits.quantities')) return { key: path, what: capitalise(path.split('.').slice(2).join('.') || 'quantities'), before: valueText(before), after: valueText(after) };
  return { key: path, what: PLAIN[path] ?? path, before: valueText(before), after: valueText(after) };
}

function describeAllowance(id: string, part: string, change: PlanChange, live: PlanDefinition | null, draft: PlanDefinition): ChangeLine {
  const find = (plan: PlanDefinition | null): Allowance | undefined => plan?.allowances.find((each) => each.id === id);
  const [was, is] = [find(live), find(draft)];
  const unit = (is ?? was)?.unit ?? id;
  const both = (what: string, of: (each: Allowance, plan: PlanDefinition) => string): ChangeLine => ({
    key: `allowances.${id}.${part}`, what: `${capitalise(unit)}: ${what}`, before: was && live ? of(was, live) : null, after: is ? of(is, draft) : null,
  });
  switch (part) {
    case 'included': return both('included', (each, plan) => `${countText(each.included)} ${windowText(each.window, plan.interval)}`);
    case 'exhausted': return both('when used up', (each, plan) => capitalise(exhaustedText(each.exhausted, plan.currency).replace(/^then /, '')));
    case 'window': return both('window', (each, plan) => windowText(each.window, plan.interval));
    case 'workflows': return both('workflows that count', (each) => each.workflows?.join(', ') ?? 'all others');
    case 'unit': return both('name', (each) => each.unit);
    case 'measure': return both('measured in', (each) => each.measure);
    default: return { key: `allowances.${id}`, what: `Allowance ${id}`, before: was && live ? allowanceText(was, live) : null, after: is ? allowanceText(is, draft) : valueText(change.after) };
  }
}

function creditsText(plan: PlanDefinition | null): string | null {
  return plan?.credits ? `${countText(plan.credits.granted)} a ${plan.interval}, burned ${plan.credits.expires === 'never' ? 'without end' : `within a ${plan.credits.expires}`}` : null;
}

function gateText(value: unknown): string | null {
  return value === null || value === undefined || value === true ? 'in the plan' : value === false ? 'not in the plan' : valueText(value);
}

function textOr(rate: RateLimit | undefined, of: (rate: RateLimit) => string): string | null {
  return rate === undefined ? null : of(rate);
}

function valueText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return value.toLocaleString('en-US');
  return typeof value === 'string' ? (/^\d+(\.\d+)?$/.test(value) ? countText(value) : value.replaceAll('_', ' ')) : JSON.stringify(value);
}
