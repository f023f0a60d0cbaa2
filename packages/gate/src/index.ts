export { type BeginRequest, type Counter, decide, type Decision, type Denial, type GateState, type Limit, type LimitState, type Metric, METRICS, type Permission, type Reservation, type RouteEntry } from './decide';
export { type RateAnswer, type RateLimit, type RateState, takeRate } from './rate-limit';
export { type Reason, type ReasonCode, REASONS } from './reasons';
export type { Begun, GateStore, OpenHold, SeenState, SlotCut, Spend } from './gate-store';
export { decideAsSeen } from './hold-amounts';
export { createMemoryStore } from './memory-store';
