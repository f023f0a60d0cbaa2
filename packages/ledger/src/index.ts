export { type Correction, correctionSchema } from './build-correction';
export type { EventRow } from './columns';
export { correctUsage, type CorrectionDependencies, type CorrectionResult } from './correct-usage';
export { extraSchema, LIMITS, type UsageEventInput, usageEventSchema } from './event-schema';
export type { PriceUsageOf } from './price-event';
export { type LedgerFault, type LedgerProof, proveLedger } from './prove-ledger';
export { type EventResult, type RecordAnswer, type RecordDependencies, recordUsage, type Sender } from './record-usage';
export { findImbalances, type Imbalance } from './trial-balance';
export { type Committed, createLedgerWriter, type LedgerWriter, type WriterOptions } from './writer';
