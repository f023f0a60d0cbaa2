import { outlayMiddleware, type OutlayMiddleware } from './ai-sdk.js';
import { readPolicy } from './attempts.js';
import { bindCore, createCore } from './core.js';
import { invalidOption } from './errors.js';
import { finishAll, flushAll } from './finish.js';
import { trackEvent } from './record.js';
import { runAction, runWithTags } from './run.js';
import type { FlushResult, OutlayOptions, OutlayStats, RunContext, RunOptions, TrackInput, UsageTags, WrapOptions } from './types.js';
import { wrapAnthropic } from './wrap-anthropic.js';
import { wrapGoogle } from './wrap-google.js';
import { wrapOpenAI } from './wrap-openai.js';

const FLUSH_MS = 5_000;

export interface Outlay {
  /** One execution of a workflow: its calls, retries and fallbacks, then one outcome. Returns what `action` returned. */
  readonly run: <T>(options: RunOptions<T>) => Promise<Awaited<T>>;
  /** Labels for all calls inside `fn`. Joins the surrounding run; without one it is a run of one attempt. */
  readonly withUsage: <T>(fn: (context: RunContext) => T | PromiseLike<T>, tags: UsageTags) => Promise<Awaited<T>>;
  /** Records one event as it is. Returns its id, if the event has one of its own. */
  readonly track: (event: TrackInput) => string | undefined;
  readonly wrapOpenAI: <T>(client: T, options?: WrapOptions) => T;
  readonly wrapAnthropic: <T>(client: T, options?: WrapOptions) => T;
  readonly wrapGoogle: <T>(client: T, options?: WrapOptions) => T;
  /** For `wrapLanguageModel` and `wrapEmbeddingModel` of the Vercel AI SDK. */
  readonly outlayMiddleware: (options?: WrapOptions) => OutlayMiddleware;
  /** Sends what is waiting now; resolves when it is settled, the key is refused, or the time is up (default 5000 ms). Never rejects. */
  readonly flush: (options?: { readonly timeoutMs?: number }) => Promise<FlushResult>;
  /** Flushes, records calls that are still open as `unknown`, then stops. What is recorded afterwards is dropped and reported. */
  readonly shutdown: (options?: { readonly timeoutMs?: number }) => Promise<FlushResult>;
  readonly stats: () => OutlayStats;
}

/** Throws `invalid_option` when the key or URL cannot be right. Makes no request. */
export function createOutlay(options: OutlayOptions): Outlay {
  if (typeof options?.apiKey !== 'string' || options.apiKey === '') throw invalidOption('apiKey', 'is missing. Create a key in the console under Settings, API keys.');
  if (!isHttpUrl(options.baseUrl)) throw invalidOption('baseUrl', 'must be the http(s) URL of your Outlay, such as "http://localhost:4400".');
  readPolicy(options.retry);
  const core = createCore(options);

  const outlay: Outlay = {
    run: (runOptions) => runAction(core, runOptions),
    withUsage: (fn, tags) => runWithTags(core, fn, tags),
    track: (event) => trackEvent(core, event),
    wrapOpenAI: (client, wrapOptions) => wrapOpenAI(outlay, client, wrapOptions),
    wrapAnthropic: (client, wrapOptions) => wrapAnthropic(outlay, client, wrapOptions),
    wrapGoogle: (client, wrapOptions) => wrapGoogle(outlay, client, wrapOptions),
    outlayMiddleware: (wrapOptions) => outlayMiddleware(outlay, wrapOptions),
    flush: ({ timeoutMs = FLUSH_MS } = {}) => flushAll(core, timeoutMs),
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
  return bindCore(outlay, core);
}

function isHttpUrl(text: unknown): boolean {
  try {
    return /^https?:$/.test(new URL(String(text)).protocol);
  } catch {
    return false;
  }
}
