'use client';
/** `@outlay/sdk/react`: a chat that knows its plan, and what shows it. Units only: no cost, and no tokens unless the plan sells them. */
export type { ChatError, ToolPiece } from '../chat/chat-frames.js';
export type { AllowanceUsage, CreditUsage, CustomerEntitlements, CustomerUsage, Denial, PlanName } from '../chat/customer-usage.js';
export type { ChatMessage, ChatOptions } from './chat-session.js';
export { PlanGate, type PlanGateProps } from './plan-gate.js';
export { UpgradePrompt, type UpgradePromptProps } from './upgrade-prompt.js';
export type { UsageOptions } from './usage-source.js';
export { type ChatWithUsage, useChatWithUsage } from './use-chat.js';
export { useEntitlements, useUsage } from './use-usage.js';
export { UsageMeter, type UsageMeterProps } from './usage-meter.js';
