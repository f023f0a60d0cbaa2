export { outlayMiddleware, type OutlayMiddleware } from './ai-sdk.js';
export { createOutlay, type Outlay } from './client.js';
export { OutlayDenied, OutlayError, type OutlayErrorCode } from './errors.js';
export type { DenialReason, GatePolicy, GateSettings, HoldState, LimitState, RunDecision } from './gate-types.js';
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
  Providers,
  RetryDecision,
  RetryPolicy,
  RunContext,
  RunEnd,
  RunOptions,
  RunSize,
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
