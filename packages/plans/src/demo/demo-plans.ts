/** The plans of the demo's shop: what they include, who is on which, and what changes within its eight weeks. Pure data. */
import type { PlanDefinitionInput } from '../plan-definition';

interface DemoPlan {
  readonly key: string;
  readonly name: string;
  readonly words: string;
  readonly definition: PlanDefinitionInput;
  /** Customers that nobody has named come here. */
  readonly isDefault?: true;
}

type Included = Readonly<Record<'replies' | 'questions' | 'reports' | 'products', string>>;
type Price = Readonly<Record<'replies' | 'questions' | 'reports' | 'products', string>>;

const UNITS = [['replies', 'reply', 'ticket_reply'], ['questions', 'answered question', 'pdf_question'], ['reports', 'report', 'report_generation'], ['products', 'tagged product', 'product_tagging']] as const;

const sold = (included: Included, price: Price): PlanDefinitionInput['allowances'] => UNITS.map(([id, unit, workflow]) => ({
  id, unit, workflows: [workflow], included: included[id], exhausted: { mode: 'soft', overage: { kind: 'flat', price: price[id] } },
}));

const BUSINESS_PRICE = { replies: '0.05', questions: '0.06', reports: '0.9', products: '0.006' } as const;
const business = (baseFee: string, reportPrice: string, reports = '120'): PlanDefinitionInput => ({
  currency: 'USD', baseFee, interval: 'month',
  allowances: sold({ replies: '1200', questions: '800', reports, products: '4000' }, { ...BUSINESS_PRICE, reports: reportPrice }),
  models: { tiers: ['standard', 'premium'] }, limits: { contextTokens: 120_000 },
  rateLimits: [{ id: 'runs', key: 'customer', limit: 600, windowSeconds: 60, algorithm: { kind: 'sliding_window' } }],
  costCaps: [{ window: 'month', usd: '400', mode: 'soft' }],
});

export const DEMO_PLANS: readonly DemoPlan[] = [
  {
    key: 'starter', name: 'Starter', words: 'For small shops: a little of everything, and a hard end for reports.', isDefault: true,
    definition: {
      currency: 'USD', baseFee: '29', interval: 'month',
      allowances: [
        ...sold({ replies: '150', questions: '100', reports: '0', products: '500' }, { replies: '0.08', questions: '0.09', reports: '0', products: '0.01' })!.filter(({ id }) => id !== 'reports'),
        { id: 'reports', unit: 'report', workflows: ['report_generation'], window: 'month', included: '40', exhausted: { mode: 'hard' } },
      ],
      models: { tiers: ['standard', 'premium'] }, costCaps: [{ window: 'day', usd: '10', mode: 'soft' }],
    },
  },
  { key: 'business', name: 'Business', words: 'For teams that answer customers every day.', definition: business('199', '0.7') },
  {
    key: 'enterprise', name: 'Enterprise', words: 'Large volumes: each reply costs less the more there are.',
    definition: {
      currency: 'USD', baseFee: '1200', interval: 'month',
      allowances: [
        { id: 'replies', unit: 'reply', workflows: ['ticket_reply'], included: '2500', exhausted: { mode: 'soft', overage: { kind: 'graduated', tiers: [{ upTo: '2000', price: '0.04' }, { upTo: '5000', price: '0.035' }, { upTo: null, price: '0.03' }] } } },
        ...sold({ replies: '0', questions: '2000', reports: '500', products: '10000' }, { replies: '0', questions: '0.045', reports: '0.6', products: '0.004' })!.filter(({ id }) => id !== 'replies'),
      ],
    },
  },
  {
    key: 'prepaid', name: 'Prepaid credits', words: '$250 a quarter for credits; a report burns more of them than a reply.',
    definition: { currency: 'USD', baseFee: '250', interval: 'quarter', credits: { granted: '15000', expires: 'quarter', weight: '1', weights: { report_generation: '25', pdf_question: '5', ticket_reply: '2', product_tagging: '0.2' } } },
  },
];

/** In the middle of the story Business gets dearer; its customers follow with their next period. */
export const BUSINESS_FROM_DAY_28 = business('219', '0.8');
/** What somebody is thinking about: a page to look at. */
export const BUSINESS_DRAFT = business('249', '1.1', '80');

/** By customer; who is not here is on what its segment says. */
export const PLAN_OF_CUSTOMER: Readonly<Record<string, string>> = { 'oakridge-media': 'prepaid', 'quarry-labs': 'prepaid' };
export const PLAN_OF_SEGMENT = { enterprise: 'enterprise', business: 'business', starter: 'starter' } as const;

/** `halden-logistics` -> `Halden Logistics`. */
export function nameOfCustomer(customerId: string): string {
  return customerId.split('-').map((word) => (word === 'and' ? '&' : word === 'hr' ? 'HR' : word === 'co' ? 'Co' : `${word[0]!.toUpperCase()}${word.slice(1)}`)).join(' ');
}
