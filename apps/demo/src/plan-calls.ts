/** The calls of one run: how large each is, which of them fail, and what the run costs besides. Pure. */
import type { Random } from '@outlay/fakes';
import type { Workflow } from './plan-runs';
import type { TraceRow } from './read-trace';

/** Sizes of a call in tokens, before a provider's own way of counting. */
interface CallSize {
  /** The whole prompt, cached parts included. */
  readonly input: number;
  /** Of the prompt: read from the provider's cache. */
  readonly cacheRead: number;
  /** Of the prompt: written to it. */
  readonly cacheWrite: number;
  /** The whole answer, reasoning included. */
  readonly output: number;
  readonly reasoning: number;
}

export interface PlannedCall {
  /** Unique within its run. */
  readonly name: string;
  readonly size: CallSize;
}

/** The provider's error to the first `times` requests of a call that name the model. */
interface PlannedFailure {
  readonly call: string;
  readonly model: string;
  readonly status: number;
  readonly times: number;
}

/** Cost that is no model's. */
interface PlannedTool {
  readonly kind: string;
  readonly quantity: number;
  readonly unit: string;
  /** Exact decimal of dollars for the whole quantity. */
  readonly cost: string;
}

export interface PlannedCalls {
  /** In order of preference. */
  readonly models: readonly string[];
  readonly calls: readonly PlannedCall[];
  readonly failures: readonly PlannedFailure[];
  readonly tool: PlannedTool | null;
  /** The tier that serves, where it was asked for another. */
  readonly servedTier: string | null;
  /** The customer closes the page after so many pieces of the answer. */
  readonly leavesAfterChunks: number | null;
}

const MODELS: Readonly<Record<Workflow, readonly string[]>> = {
  pdf_question: ['gpt-5-mini', 'gpt-4.1-mini'],
  report_generation: ['gpt-5.4-mini', 'gpt-5-mini'],
  ticket_reply: ['claude-haiku-4-5', 'claude-sonnet-5', 'gpt-5-mini'],
};

/** `retried`: the first model recovers; `fellBack`: it does not, the next one serves; `lost`: none does. */
const TROUBLE: Readonly<Record<Workflow, { readonly retried: number; readonly fellBack: number; readonly lost: number; readonly statuses: readonly number[] }>> = {
  pdf_question: { retried: 0.03, fellBack: 0.01, lost: 0.002, statuses: [429, 500, 503] },
  report_generation: { retried: 0.04, fellBack: 0.02, lost: 0.005, statuses: [429, 503] },
  ticket_reply: { retried: 0.1, fellBack: 0.05, lost: 0.01, statuses: [429, 529, 529, 500] },
};

/** The call that meets the trouble: the first that names the run's own models. */
const TROUBLED_CALL: Readonly<Record<Workflow, string>> = { pdf_question: 'answer', report_generation: 'outline', ticket_reply: 'look-up' };

const CACHE_STEP = 128;
const REASONING_STEP = 64;
const NO_CACHE = { cacheRead: 0, cacheWrite: 0 };

export function planCalls(workflow: Workflow, row: TraceRow, random: Random): PlannedCalls {
  const output = Math.max(1, row.generatedTokens);
  const failures = planFailures(workflow, random);
  switch (workflow) {
    case 'pdf_question': {
      const cacheRead = random.next() < 0.55 ? stepDown(row.contextTokens * (0.3 + 0.6 * random.next()), CACHE_STEP, 1_024) : 0;
      const reasoning = REASONING_STEP * random.int(0, 6);
      return {
        models: MODELS[workflow], failures, servedTier: null, leavesAfterChunks: random.next() < 0.04 ? random.int(1, 6) : null,
        calls: [
          { name: 'embed', size: { input: random.int(8, 60), ...NO_CACHE, output: 0, reasoning: 0 } },
          { name: 'answer', size: { input: row.contextTokens, cacheRead, cacheWrite: 0, output: output + reasoning, reasoning } },
        ],
        tool: { kind: 'retrieval', quantity: random.int(1, 4), unit: 'query', cost: '0.0004' },
      };
    }
    case 'report_generation':
      return planReport(workflow, row, output, failures, random);
    case 'ticket_reply': {
      const shared = Math.floor(row.contextTokens * 0.7);
      const fresh = random.next() < 0.15;
      const cached = shared < 1_024 ? NO_CACHE : fresh ? { cacheRead: 0, cacheWrite: shared } : { cacheRead: shared, cacheWrite: 0 };
      const lookup = random.int(24, 70);
      const later = { cacheRead: cached.cacheRead + cached.cacheWrite, cacheWrite: 0 };
      return {
        models: MODELS[workflow], failures, servedTier: null, leavesAfterChunks: null, tool: null,
        calls: [
          { name: 'look-up', size: { input: row.contextTokens, ...cached, output: lookup, reasoning: 0 } },
          { name: 'reply', size: { input: row.contextTokens + lookup + random.int(40, 260), ...later, output, reasoning: 0 } },
        ],
      };
    }
  }
}

/** An outline, then one to three sections that each see what was written before. */
function planReport(workflow: Workflow, row: TraceRow, output: number, failures: readonly PlannedFailure[], random: Random): PlannedCalls {
  const sections = random.int(1, 3);
  const calls: PlannedCall[] = [];
  let input = row.contextTokens;
  for (let part = 0; part <= sections; part += 1) {
    const reasoning = REASONING_STEP * random.int(part === 0 ? 2 : 0, 8);
    const words = Math.max(1, part === 0 ? Math.round(output * 0.2) : Math.round((output * 0.8 * (0.7 + 0.6 * random.next())) / sections));
    const cacheRead = part === 0 ? 0 : stepDown(row.contextTokens, CACHE_STEP, 1_024);
    calls.push({ name: part === 0 ? 'outline' : `section-${part}`, size: { input, cacheRead, cacheWrite: 0, output: words + reasoning, reasoning } });
    input += words;
  }
  const pages = random.int(2, 24);
  return {
    models: MODELS[workflow], calls, failures, leavesAfterChunks: null,
    // Flex capacity runs out at times: asked for flex, served and billed as default.
    servedTier: random.next() < 0.12 ? 'default' : null,
    tool: { kind: 'ocr', quantity: pages, unit: 'page', cost: `0.${String(pages * 5).padStart(4, '0')}` },
  };
}

function planFailures(workflow: Workflow, random: Random): PlannedFailure[] {
  const { retried, fellBack, lost, statuses } = TROUBLE[workflow];
  const [first, ...others] = MODELS[workflow];
  const roll = random.next();
  const status = statuses[random.int(0, statuses.length - 1)]!;
  const call = TROUBLED_CALL[workflow];
  const always = Number.MAX_SAFE_INTEGER;
  if (roll < lost) return [first!, ...others].map((model) => ({ call, model, status: model.startsWith('claude') ? status : Math.min(status, 503), times: always }));
  if (roll < lost + fellBack) return [{ call, model: first!, status, times: always }];
  if (roll < lost + fellBack + retried) return [{ call, model: first!, status, times: 1 }];
  return [];
}

/** Down to a whole step; nothing below `least`. */
function stepDown(tokens: number, step: number, least: number): number {
  return tokens < least ? 0 : Math.floor(tokens / step) * step;
}
