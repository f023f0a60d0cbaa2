export { addMonths, type Calendar, type CalendarWindow, type Interval, INTERVALS, windowAt, type WindowKind, WINDOWS, windowsOf } from './calendar-window';
export { type Allowance, allowanceOf, MODEL_TIERS, type Overage, type PlanDefinition, type PlanDefinitionInput, planDefinitionSchema, type Tier } from './plan-definition';
export { PLAN_TEMPLATES, type PlanTemplate } from './plan-templates';
export { type Charge, type ChargeLine, type ChargePart, coinDigits, rateOverage, rateUsage, roundCharge, type WindowUsage } from './rate-usage';
export { balanceOf, burnCredits, burnOrder, type CreditAccount, type CreditEntry, type CreditLot, expireLot, grantCredits, returnCredits, settleOverdraft } from './credit-lots';
export { diffPlans, type PlanChange } from './diff-plans';
export { CAP_METRICS, CAP_MODES, CAP_SCOPES, type Cap, type CapMetric, type CapMode, type CapScope, type RiskSettings, type RouteModel, type TenantPolicy, type WorkflowPolicy } from './cap';
export type { CustomerPolicy, Entitlement } from './entitlement';
