/** Builds the demo's product: the fakes as its providers, and the official clients wrapped by Outlay, one set an environment. */
import Anthropic from '@anthropic-ai/sdk';
import { startFakeAnthropic, startFakeOpenAI, type Fake, type Latency } from '@outlay/fakes';
import { createOutlay, type Outlay, type OutlayWarning, type Verdict } from '@outlay/sdk';
import OpenAI from 'openai';
import type { PlannedRun } from './plan-runs';
import { answerPdfQuestion } from './workflows/pdf-question';
import type { Product } from './workflows/product';
import { generateReport } from './workflows/report-generation';
import { replyToTicket } from './workflows/ticket-reply';

export interface DemoKey {
  readonly apiKey: string;
  /** As in `ol_<environment>_...`. */
  readonly environment: string;
}

export interface ProductOptions {
  readonly baseUrl: string;
  readonly keys: readonly DemoKey[];
  readonly seed: number;
  readonly latency: Latency | undefined;
  readonly onToolCost: (run: PlannedRun) => void;
  readonly onWarning: (warning: OutlayWarning) => void;
  readonly onVerdict: (verdict: Verdict) => void;
}

export interface RunningProduct {
  readonly fakes: readonly Fake[];
  /** Throws what the workflow throws. */
  execute(run: PlannedRun): Promise<void>;
  /** False when events are still waiting after the time is up. */
  flush(timeoutMs: number): Promise<boolean>;
  /** Of all environments. */
  stats(): { readonly recorded: number; readonly pending: number; readonly dropped: number; readonly lastError: string | undefined };
  stop(): Promise<void>;
}

const WORKFLOWS = { pdf_question: answerPdfQuestion, report_generation: generateReport, ticket_reply: replyToTicket } as const;

export async function startProduct(options: ProductOptions): Promise<RunningProduct> {
  const { seed, latency } = options;
  const openaiFake = await startFakeOpenAI({ seed, latency });
  const anthropicFake = await startFakeAnthropic({ seed, latency });
  const outlays: Outlay[] = [];
  const productsByEnvironment = new Map<string, Product>();
  for (const { apiKey, environment } of options.keys) {
    const outlay = createOutlay({ apiKey, baseUrl: options.baseUrl, onWarning: options.onWarning, onVerdict: options.onVerdict });
    outlays.push(outlay);
    productsByEnvironment.set(environment, {
      aiUsage: outlay,
      // A reader who leaves is billed for the whole answer anyway: drained, its usage stays exact.
      openai: outlay.wrapOpenAI(new OpenAI({ apiKey: 'sk-demo', baseURL: openaiFake.baseURL }), { onAbort: 'drain' }),
      anthropic: outlay.wrapAnthropic(new Anthropic({ apiKey: 'sk-ant-demo', baseURL: anthropicFake.baseURL })),
      onToolCost: options.onToolCost,
    });
  }
  return {
    fakes: [openaiFake, anthropicFake],
    execute: (run) => WORKFLOWS[run.workflow](productsByEnvironment.get(run.environment)!, run),
    async flush(timeoutMs) {
      const results = await Promise.all(outlays.map((outlay) => outlay.flush({ timeoutMs })));
      return results.every((result) => result.delivered);
    },
    stats() {
      const all = outlays.map((outlay) => outlay.stats());
      const sum = (field: 'recorded' | 'pending' | 'dropped'): number => all.reduce((total, one) => total + one[field], 0);
      return { recorded: sum('recorded'), pending: sum('pending'), dropped: sum('dropped'), lastError: all.find((one) => one.lastError)?.lastError };
    },
    async stop() {
      await Promise.all(outlays.map((outlay) => outlay.shutdown({ timeoutMs: 100 })));
      await Promise.all([openaiFake.close(), anthropicFake.close()]);
    },
  };
}
