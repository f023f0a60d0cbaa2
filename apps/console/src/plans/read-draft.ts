/** A draft need not be a valid plan: what of it a form can show. Pure. */
import { type Allowance, CAP_MODES, CREDIT_LIVES, type Credits, type Exhausted, INTERVALS, MODEL_TIERS, type Overage, type PlanDefinition, RATE_KEYS, type RateLimit, ROUNDINGS, WINDOWS } from './plan-shape';

type Fields = Readonly<Record<string, unknown>>;

/** Null where it is not even of the shape of a plan: then only the JSON view can show it. Names that a form has no field for are lost there too, so they count as no such shape. */
export function readDraft(input: unknown): PlanDefinition | null {
  const plan = fieldsOf(input);
  if (plan === null || Object.keys(plan).some((name) => !KNOWN.has(name))) return null;
  const lists = ['allowances', 'rateLimits', 'costCaps'] as const;
  if (lists.some((name) => plan[name] !== undefined && !(Array.isArray(plan[name]) && plan[name].every((each) => fieldsOf(each) !== null)))) return null;
  const listOf = (name: (typeof lists)[number]): Fields[] => (plan[name] as Fields[] | undefined) ?? [];
  const [limits, models] = [fieldsOf(plan['limits']) ?? {}, fieldsOf(plan['models'])];
  return {
    currency: text(plan['currency'], 'USD'), baseFee: text(plan['baseFee'], '0'), interval: oneOf(INTERVALS, plan['interval']),
    allowances: listOf('allowances').map(readAllowance),
    credits: readCredits(plan['credits']),
    rateLimits: listOf('rateLimits').map(readRate),
    ...(models ? { models: { tiers: MODEL_TIERS.filter((tier) => names(models['tiers']).includes(tier)), named: names(models['named']) } } : {}),
    gates: Object.fromEntries(Object.entries(fieldsOf(plan['gates']) ?? {}).map(([name, open]) => [name, open === true])),
    limits: {
      ...(typeof limits['contextTokens'] === 'number' ? { contextTokens: limits['contextTokens'] } : {}),
      quantities: Object.fromEntries(Object.entries(fieldsOf(limits['quantities']) ?? {}).map(([name, limit]) => [name, Number(limit)])),
    },
    costCaps: listOf('costCaps').map((cap) => ({ window: oneOf(['day', 'month'] as const, cap['window']), usd: text(cap['usd']), mode: oneOf(CAP_MODES, cap['mode']) })),
    chargeOnlyUsable: plan['chargeOnlyUsable'] !== false, rounding: oneOf(ROUNDINGS, plan['rounding']),
  };
}

const KNOWN = new Set(['currency', 'baseFee', 'interval', 'allowances', 'credits', 'rateLimits', 'models', 'gates', 'limits', 'costCaps', 'chargeOnlyUsable', 'rounding']);

function readAllowance(given: Fields): Allowance {
  const workflows = names(given['workflows']);
  return {
    id: text(given['id']), unit: text(given['unit']), measure: oneOf(['units', 'tokens'] as const, given['measure']), ...(workflows.length > 0 ? { workflows } : {}),
    window: oneOf(WINDOWS, given['window'] ?? 'period'), included: text(given['included']), exhausted: readExhausted(fieldsOf(given['exhausted']) ?? {}),
  };
}

function readExhausted({ mode, overage }: Fields): Exhausted {
  if (mode === 'hard') return { mode };
  const given = fieldsOf(overage) ?? {};
  const per = text(given['per'], '1');
  const kind = oneOf(['flat', 'graduated', 'volume'] as const, given['kind']);
  const tiers = Array.isArray(given['tiers']) ? given['tiers'].map((each) => fieldsOf(each) ?? {}) : [];
  const read: Overage = kind === 'flat' ? { kind, price: text(given['price']), per }
    : { kind, per, tiers: tiers.map((tier) => ({ upTo: typeof tier['upTo'] === 'string' ? tier['upTo'] : null, price: text(tier['price']), ...(typeof tier['flat'] === 'string' ? { flat: tier['flat'] } : {}) })) };
  return { mode: 'soft', overage: read };
}

function readCredits(input: unknown): Credits | null {
  const given = fieldsOf(input);
  if (given === null) return null;
  return {
    granted: text(given['granted']), expires: oneOf(CREDIT_LIVES, given['expires']), weight: text(given['weight'], '1'),
    weights: Object.fromEntries(Object.entries(fieldsOf(given['weights']) ?? {}).map(([name, weight]) => [name, text(weight)])),
  };
}

function readRate(given: Fields): RateLimit {
  const algorithm = fieldsOf(given['algorithm']) ?? {};
  return {
    id: text(given['id']), key: oneOf(RATE_KEYS, given['key']), limit: Number(given['limit']), windowSeconds: Number(given['windowSeconds']),
    algorithm: algorithm['kind'] === 'token_bucket' ? { kind: 'token_bucket', burst: Number(algorithm['burst']) } : { kind: 'sliding_window' },
  };
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function text(value: unknown, otherwise = ''): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : otherwise;
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values, value: unknown): Values[number] {
  return values.find((each) => each === value) ?? values[0];
}
