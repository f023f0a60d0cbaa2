import { outlayMiddleware, type OutlayMiddleware } from './ai-sdk.js';
import { readPolicy } from './attempts.js';
import { createCustomerToken, type CustomerTokenOptions } from './chat/customer-token.js';
import { bindCore, createCore } from './core.js';
import { invalidOption } from './errors.js';
import { finishAll, flushAll } from './finish.js';
import { checkGatePolicy } from './gate.js';
import { trackEvent } from './record.js';
import { runAction, runWithTags } from './run.js';
import { registerProviders } from './providers.js';
import type { FlushResult, OutlayOptions, OutlayStats, Providers, RunContext, RunOptions, TrackInput, UsageTags, WrapOptions } from './types.js';
import { wrapAnthropic } from './wrap-anthropic.js';
import { wrapGoogle } from './wrap-google.js';
import { wrapOpenAI } from './wrap-openai.js';

const FLUSH_MS = 5_000;

export interface Outlay<P = Providers> {
  /** One execution of a workflow: its calls, retries and fallbacks, then one outcome. Returns what `action` returned. */
  readonly run: <T>(options: RunOptions<T, P>) => Promise<Awaited<T>>;
  /** Labels for all calls inside `fn`. Joins the surrounding run; without one it is a run of one attempt. */
  readonly withUsage: <T>(fn: (context: RunContext<P>) => T | PromiseLike<T>, tags: UsageTags) => Promise<Awaited<T>>;
  /** Records one event as it is. Returns its id, if the event has one of its own. */
  readonly track: (event: TrackInput) => string | undefined;
  readonly wrapOpenAI: <T>(client: T, options?: WrapOptions) => T;
  readonly wrapAnthropic: <T>(client: T, options?: WrapOptions) => T;
  readonly wrapGoogle: <T>(client: T, options?: WrapOptions) => T;
  /** For `wrapLanguageModel` and `wrapEmbeddingModel` of the Vercel AI SDK. */
  readonly outlayMiddleware: (options?: WrapOptions) => OutlayMiddleware;
  /** A token with which a browser reads this customer's usage (`usageRoute`), and nothing else. Throws `invalid_option`. */
  readonly createCustomerToken: (options: CustomerTokenOptions) => Promise<string>;
  /** Sends what is waiting now; resolves when it is settled, the key is refused, or the time is up (default 5000 ms). Never rejects. */
  readonly flush: (options?: { readonly timeoutMs?: number }) => Promise<FlushResult>;
  /** Flushes, records calls that are still open as `unknown`, then stops. What is recorded afterwards is dropped and reported. */
  readonly shutdown: (options?: { readonly timeoutMs?: number }) => Promise<FlushResult>;
  readonly stats: () => OutlayStats;
  /** The clients of `createOutlay({ providers })`, wrapped. A call outside a run begins and finishes by itself. */
  readonly providers: P;
}

/** Throws `invalid_option` when the key or URL cannot be right. Makes no request. */
export function createOutlay<P extends Providers = Providers>(options: OutlayOptions<P>): Outlay<P> {
  if (typeof options?.apiKey !== 'string' || options.apiKey === '') throw invalidOption('apiKey', 'is missing. Create a key in the console under Settings, API keys.');
  if (!isHttpUrl(options.baseUrl)) throw invalidOption('baseUrl', 'must be the http(s) URL of your Outlay, such as "http://localhost:4400".');
  readPolicy(options.retry);
  checkGatePolicy(options.onGateUnavailable);
  const core = createCore(options);

  const outlay: Outlay<P> = {
    // The context's providers are those of P: they come from these options.
    run: <T>(runOptions: RunOptions<T, P>) => runAction(core, runOptions as unknown as RunOptions<T>),
    withUsage: <T>(fn: (context: RunContext<P>) => T | PromiseLike<T>, tags: UsageTags) => runWithTags(core, fn as unknown as (context: RunContext) => T | PromiseLike<T>, tags),
    track: (event) => trackEvent(core, event),
    wrapOpenAI: (client, wrapOptions) => wrapOpenAI(outlay, client, wrapOptions),
    wrapAnthropic: (client, wrapOptions) => wrapAnthropic(outlay, client, wrapOptions),
    wrapGoogle: (client, wrapOptions) => wrapGoogle(outlay, client, wrapOptions),
    outlayMiddleware: (wrapOptions) => outlayMiddleware(outlay, wrapOptions),
    createCustomerToken: (tokenOptions) => createCustomerToken(options.apiKey, tokenOptions, Date.now()),
    flush: ({ timeoutMs = FLUSH_MS } = {}) => flushAll(core, timeoutMs),
    get providers() {
      return core.provide(undefined) as P;
    },
    async shutdown({ timeoutMs = FLUSH_MS } = {}) {
      const result = await finishAll(core, timeoutMs);
      core.delivery.close();
      return result;
    },
    stats() {
      const counters = core.delivery.counters();
      return { ...core.counts, ...counters, invalid: counters.invalid + core.counts.invalid, openCalls: core.openCalls.size };
    },
  };
  bindCore(outlay, core);
  registerProviders(outlay, core, options.providers);
  return outlay;
}

function isHttpUrl(text: unknown): boolean {
  try {
    return /^https?:$/.test(new URL(String(text)).protocol);
  } catch {
    return false;
  }
}
