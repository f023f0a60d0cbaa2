import type { ReactElement, ReactNode } from 'react';
import type { CustomerEntitlements } from '../chat/customer-usage.js';

export interface PlanGateProps {
  /** From `useEntitlements`. */
  readonly entitlements: CustomerEntitlements | null;
  /** A feature of your product, as the plan names it. */
  readonly feature: string;
  readonly children: ReactNode;
  /** In place of the children when the plan does not have it: an `<UpgradePrompt>`. */
  readonly fallback?: ReactNode;
  /** Until it is known. */
  readonly pending?: ReactNode;
}

/** Shows its children when the plan has the feature. What it hides is a courtesy: the gate decides, at the server, with every run. */
export function PlanGate({ entitlements, feature, children, fallback = null, pending = null }: PlanGateProps): ReactElement {
  if (!entitlements) return <>{pending}</>;
  return <>{entitlements.suspended || entitlements.features[feature] === false ? fallback : children}</>;
}
