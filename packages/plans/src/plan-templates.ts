/** Plans that work at once; a team takes one and changes what it likes. */
import type { PlanDefinitionInput } from './plan-definition';

export interface PlanTemplate {
  readonly id: string;
  readonly name: string;
  /** For whom it is. */
  readonly words: string;
  readonly definition: PlanDefinitionInput;
}

export const PLAN_TEMPLATES: readonly PlanTemplate[] = [
  {
    id: 'free', name: 'Free', words: '20 actions and 5 exports a month, then a prompt to upgrade. For people who try the product.',
    definition: {
      currency: 'USD', baseFee: '0', interval: 'month',
      allowances: [
        { id: 'actions', unit: 'action', window: 'month', included: '20', exhausted: { mode: 'hard' } },
        { id: 'exports', unit: 'export', workflows: ['export'], window: 'month', included: '5', exhausted: { mode: 'hard' } },
      ],
      models: { tiers: ['standard'] },
      costCaps: [{ window: 'month', usd: '2', mode: 'hard' }],
    },
  },
  {
    id: 'prepaid_credits', name: 'Prepaid credits', words: '$250 buys 50,000 workflow credits, burned over a quarter; a complex workflow burns more of them.',
    definition: {
      currency: 'USD', baseFee: '250', interval: 'quarter',
      credits: { granted: '50000', expires: 'quarter', weight: '1', weights: { report_generation: '25', pdf_question: '5' } },
    },
  },
  {
    id: 'pay_as_you_go', name: 'Pay as you go', words: 'No base fee: each action costs, and nothing else.',
    definition: {
      currency: 'USD', baseFee: '0', interval: 'month',
      allowances: [{ id: 'actions', unit: 'action', included: '0', exhausted: { mode: 'soft', overage: { kind: 'flat', price: '0.05' } } }],
    },
  },
  {
    id: 'hybrid', name: 'Hybrid', words: '$999 a month with 100,000 actions; above them each costs less the more there are.',
    definition: {
      currency: 'USD', baseFee: '999', interval: 'month',
      allowances: [{
        id: 'actions', unit: 'action', included: '100000',
        exhausted: { mode: 'soft', overage: { kind: 'graduated', tiers: [{ upTo: '100000', price: '0.012' }, { upTo: '900000', price: '0.010' }, { upTo: null, price: '0.008' }] } },
      }],
      models: { tiers: ['standard', 'premium', 'reasoning', 'search'] },
    },
  },
  {
    id: 'base_and_tokens', name: 'Base and tokens', words: '$20 a month with 500,000 tokens, then $0.002 per thousand; at most 60 requests a minute for each user.',
    definition: {
      currency: 'USD', baseFee: '20', interval: 'month',
      allowances: [{ id: 'tokens', unit: 'token', measure: 'tokens', included: '500000', exhausted: { mode: 'soft', overage: { kind: 'flat', price: '0.002', per: '1000' } } }],
      rateLimits: [{ id: 'requests', key: 'user', limit: 60, windowSeconds: 60, algorithm: { kind: 'sliding_window' } }],
    },
  },
];
