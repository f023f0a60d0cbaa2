export { outlayMiddleware, type OutlayMiddleware } from './ai-sdk.js';
export type { ChatEnd } from './chat/chat-frames.js';
export type { ChatAnswer, ChatCustomer, ChatRouteOptions } from './chat/chat-options.js';
export type { ChatHandler } from './chat/chat-route.js';
export type { CustomerTokenOptions } from './chat/customer-token.js';
export type { AllowanceUsage, CreditUsage, CustomerUsage, PlanName } from './chat/customer-usage.js';
export { type AnthropicRouteOptions, streamAnthropicRoute } from './chat/stream-anthropic-route.js';
export { type OpenAIRouteOptions, streamOpenAIRoute } from './chat/stream-openai-route.js';
export { usageRoute, type UsageRouteOptions } from './chat/usage-route.js';
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
