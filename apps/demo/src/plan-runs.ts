/** From a trace and a seed to the runs of the demo. Pure: the same input gives the same plan. */
import { createRandom, type Random } from '@outlay/fakes';
import { pickCustomer, pickUser, type Customer } from './customers';
import { planCalls, type PlannedCalls } from './plan-calls';
import type { TraceRow } from './read-trace';

export const WORKFLOWS = ['pdf_question', 'report_generation', 'ticket_reply'] as const;
export type Workflow = (typeof WORKFLOWS)[number];

export interface PlannedRun extends PlannedCalls {
  readonly index: number;
  /** Milliseconds after the start of the trace. */
  readonly atMs: number;
  readonly workflow: Workflow;
  readonly customer: Customer;
  readonly userId: string;
  readonly environment: string;
  readonly contextTokens: number;
  /** Whether the customer can use what comes out, if anything comes out. */
  readonly usable: boolean;
}

export interface PlanOptions {
  readonly seed: number;
  /** How many runs; a shorter trace starts over, a longer one is cut. Absent: one run a row. */
  readonly requests?: number;
  /** The first gets most of the traffic. At least one. */
  readonly environments: readonly string[];
}

/** By size of the context: what a request of that size probably is. Shares add up to 1. */
const MIX: readonly { readonly from: number; readonly shares: Readonly<Record<Workflow, number>> }[] = [
  { from: 6_000, shares: { pdf_question: 0.45, report_generation: 0.55, ticket_reply: 0 } },
  { from: 1_500, shares: { pdf_question: 0.7, report_generation: 0.15, ticket_reply: 0.15 } },
  { from: 0, shares: { pdf_question: 0.3, report_generation: 0.05, ticket_reply: 0.65 } },
];
const USABLE_SHARE: Readonly<Record<Workflow, number>> = { pdf_question: 0.93, report_generation: 0.97, ticket_reply: 0.82 };
const MAIN_ENVIRONMENT_SHARE = 0.88;
/** Between the end of a trace and its next round. */
const ROUND_GAP_MS = 1_000;

export function planRuns(rows: readonly TraceRow[], options: PlanOptions): PlannedRun[] {
  const count = options.requests ?? rows.length;
  const roundMs = rows.at(-1)!.atMs + ROUND_GAP_MS;
  return Array.from({ length: count }, (_, index) => {
    const row = rows[index % rows.length]!;
    const random = createRandom(options.seed, `run ${index}`);
    const workflow = pickWorkflow(random, row.contextTokens);
    const customer = pickCustomer(random);
    return {
      index,
      atMs: row.atMs + roundMs * Math.floor(index / rows.length),
      workflow,
      customer,
      userId: pickUser(random, customer),
      environment: pickEnvironment(random, options.environments),
      contextTokens: row.contextTokens,
      usable: random.next() < USABLE_SHARE[workflow],
      ...planCalls(workflow, row, random),
    };
  });
}

function pickWorkflow(random: Random, contextTokens: number): Workflow {
  const { shares } = MIX.find((mix) => contextTokens >= mix.from)!;
  let roll = random.next();
  for (const workflow of WORKFLOWS) {
    roll -= shares[workflow];
    if (roll < 0) return workflow;
  }
  return 'pdf_question';
}

function pickEnvironment(random: Random, environments: readonly string[]): string {
  const roll = random.next();
  if (environments.length === 1 || roll < MAIN_ENVIRONMENT_SHARE) return environments[0]!;
  const others = environments.slice(1);
  return others[Math.floor(((roll - MAIN_ENVIRONMENT_SHARE) / (1 - MAIN_ENVIRONMENT_SHARE)) * others.length)] ?? others[0]!;
}
