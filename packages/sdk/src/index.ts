export { outlayMiddleware, type OutlayMiddleware } from './ai-sdk.js';
export { createOutlay, type Outlay } from './client.js';
export { OutlayError, type OutlayErrorCode } from './errors.js';
export type {
  AsyncStorage,
  AttemptKind,
  CallStatus,
  Caps,
  DeliverySettings,
  ExtraCost,
  FlushResult,
  ModelUsage,
  OutlayOptions,
  OutlayStats,
  OutlayWarning,
  RetryDecision,
  RetryPolicy,
  RunContext,
  RunEnd,
  RunOptions,
  TrackInput,
  UsableAnswer,
  UsageTags,
  Verdict,
  VerdictKind,
  WarningCode,
  WrapOptions,
} from './types.js';
export { wrapAnthropic } from './wrap-anthropic.js';
export { wrapGoogle } from './wrap-google.js';
export { wrapOpenAI } from './wrap-openai.js';
