export { type Adapter, type AdapterContext, type BucketWidth, type CostRow, type Dimensions, type Page, PROVIDERS, type ProviderKind, type Stream, SyncFault, type TestFinding, type UsageBucket } from './adapter';
export { openaiAdapter } from './openai-adapter';
export { credentialsRow, syncConnection, type SyncDependencies, type SyncReport } from './sync-connection';
export { listDueConnections } from './store';
export { type BilledRow, type BilledUsage, readBilledDays, readUsageBuckets } from './store-bill';
