/** The options of the SDK as data, for the reference page; a test compares their names with the types of the package. */
export interface Option {
  readonly name: string;
  readonly meaning: string;
}

/** By the interface of `packages/sdk/src/types.ts`. */
export const SDK_OPTIONS: Readonly<Record<'OutlayOptions' | 'UsageTags' | 'RunOptions' | 'Caps' | 'RetryPolicy' | 'RunContext' | 'WrapOptions' | 'DeliverySettings', readonly Option[]>> = {
  OutlayOptions: [
    { name: 'apiKey', meaning: 'A key of the environment, with the ability ingest. Needed.' },
    { name: 'baseUrl', meaning: 'Where your Outlay stands, such as http://localhost:4400. Needed.' },
    { name: 'models', meaning: 'In order of preference, for runs that name none.' },
    { name: 'retry', meaning: 'How often, and after which failures, an action runs again. See Retries.' },
    { name: 'onVerdict', meaning: 'Hears what the ledger said about each event, once.' },
    { name: 'onWarning', meaning: 'Hears of everything unusual. Absent, a warning is printed, each kind at most once a minute.' },
    { name: 'delivery', meaning: 'How events travel. See Delivery.' },
    { name: 'fetch', meaning: 'The fetch that delivers to Outlay; absent, the global one.' },
    { name: 'AsyncLocalStorage', meaning: 'The class of node:async_hooks, on runtimes where the SDK cannot find it by itself.' },
  ],
  UsageTags: [
    { name: 'customerId', meaning: 'Who pays you.' },
    { name: 'userId', meaning: 'Their end user.' },
    { name: 'workflow', meaning: 'What produces the outcome.' },
    { name: 'feature', meaning: 'A part of your product.' },
    { name: 'environment', meaning: 'Must be the key’s; absent, it is.' },
    { name: 'tags', meaning: 'Up to 32 free labels.' },
    { name: 'requestId', meaning: 'Your correlation id.' },
    { name: 'promptVersion', meaning: 'Which prompt was in force.' },
    { name: 'policyVersion', meaning: 'Which policy was in force.' },
    { name: 'appVersion', meaning: 'Which release of yours made the call.' },
  ],
  RunOptions: [
    { name: 'workflow', meaning: 'Needed: a run belongs to one.' },
    { name: 'action', meaning: 'What to do. It gets model, signal, record and more, and runs again after failures that may mend.' },
    { name: 'models', meaning: 'In order of preference, instead of those of createOutlay.' },
    { name: 'runId', meaning: 'Your own id, to join calls of other processes.' },
    { name: 'entitlement', meaning: 'The customer’s plan as you know it: JSON, 8 kB with caps. Kept as the run’s snapshot.' },
    { name: 'caps', meaning: 'Limits of this run. See Caps.' },
    { name: 'inputTokens', meaning: 'The size of the input when you know it; a function is asked before each attempt.' },
    { name: 'retry', meaning: 'Instead of the policy of createOutlay.' },
    { name: 'signal', meaning: 'Ends the run.' },
    { name: 'timeoutMs', meaning: 'For each attempt until action settles.' },
    { name: 'usable', meaning: 'Says whether the result was of use: true, false, or with a number of units.' },
    { name: 'units', meaning: 'Units of a usable run; 1 when absent.' },
    { name: 'onWarning', meaning: 'Warnings of this run only.' },
  ],
  Caps: [
    { name: 'maxContextTokens', meaning: 'Throws context_too_large before the call when inputTokens is known, else warns.' },
    { name: 'softDailyCost', meaning: 'US dollars. Warns when today’s cost of the customer has reached it.' },
  ],
  RetryPolicy: [
    { name: 'attemptsPerModel', meaning: '2. The wrapped client’s own retries count.' },
    { name: 'maxAttempts', meaning: '6, over all models.' },
    { name: 'fallback', meaning: 'true: go on to the next model when one is used up.' },
    { name: 'baseDelayMs', meaning: '500, the first pause; it doubles, with jitter. A fallback does not pause.' },
    { name: 'maxDelayMs', meaning: '8,000, the longest pause, also for the provider’s Retry-After.' },
    { name: 'retryUnusable', meaning: 'false. Also try again when the result is not usable; never for streams.' },
    { name: 'decide', meaning: 'Your own rule: retry, fallback or stop.' },
  ],
  RunContext: [
    { name: 'runId', meaning: 'The run’s id.' },
    { name: 'model', meaning: 'The model to call in this attempt.' },
    { name: 'attempt', meaning: '1 for the first execution.' },
    { name: 'attemptKind', meaning: 'first, retry or fallback.' },
    { name: 'signal', meaning: 'Aborts with the run’s signal and after timeoutMs. Wrapped clients follow it by themselves.' },
    { name: 'record', meaning: 'Records what no wrapped client sees. Never throws.' },
  ],
  WrapOptions: [
    { name: 'provider', meaning: 'The catalogue’s name of the provider, where the address does not tell.' },
    { name: 'providerAccount', meaning: 'Your label of the provider’s key or project.' },
    { name: 'region', meaning: 'Where a provider charges by region.' },
    { name: 'run', meaning: 'Binds the client to a run where async context is not available.' },
    { name: 'includeUsage', meaning: 'true: OpenAI chat streams are asked for their usage.' },
    { name: 'onAbort', meaning: 'estimate stops the provider when a stream is left; drain reads on for the exact usage, which is billed.' },
  ],
  DeliverySettings: [
    { name: 'flushIntervalMs', meaning: '100. How long the first event of a batch waits for others.' },
    { name: 'maxBatchEvents', meaning: '1,000, which is also the most.' },
    { name: 'maxQueueEvents', meaning: '50,000 in memory. Beyond it they wait on disk.' },
    { name: 'maxQueueBytes', meaning: '16 MB in memory.' },
    { name: 'requestTimeoutMs', meaning: '10,000.' },
    { name: 'baseDelayMs', meaning: '250, the first pause after a failed delivery; it doubles, with jitter.' },
    { name: 'maxDelayMs', meaning: '30,000, the longest pause.' },
    { name: 'spoolDir', meaning: 'The folder of the spool; false keeps events in memory only. Name a volume in production.' },
    { name: 'maxSpoolBytes', meaning: '256 MB. Beyond it what is new is dropped, counted and said.' },
    { name: 'spoolName', meaning: 'Who takes over what a dead process left: those with the same key, or the same name. Name it before you change keys.' },
    { name: 'gzip', meaning: 'true where the runtime can.' },
  ],
};
