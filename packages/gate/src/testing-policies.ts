/** For tests: policies with what a test says, and usual values for the rest. */
import type { Cap, CustomerPolicy, Entitlement, PlanDefinitionInput, TenantPolicy } from '@outlay/plans';
import { planDefinitionSchema } from '@outlay/plans';
import type { RunAsk } from './run-ask';

export function capWith(given: Partial<Cap> = {}): Cap {
  return {
    id: 'cap', name: 'A cap', scope: 'customer', subject: null, metric: 'cost', window: 'day', mode: 'hard', limit: '5000000000000', source: 'person', expiresAt: null, disabledAt: null,
    createdAt: '2026-11-01T00:00:00.000Z', createdBy: 'ada', updatedAt: '2026-11-01T00:00:00.000Z', ...given,
  };
}

export function tenantWith(given: Partial<TenantPolicy> = {}): TenantPolicy {
  return { timeZone: 'UTC', caps: [], risk: { enabled: true, floorPico: 50_000_000_000_000n, factor: '20' }, workflows: new Map(), ...given };
}

export function entitlementWith(definition: Partial<PlanDefinitionInput> = {}, given: Partial<Entitlement> = {}): Entitlement {
  return {
    plan: { id: 'p', key: 'plan', name: 'Plan' }, version: { id: 'v', number: 1 }, definition: planDefinitionSchema.parse({ currency: 'USD', baseFee: '0', interval: 'month', ...definition }), overrides: [],
    calendar: { timeZone: 'Europe/Berlin', anchorDay: '2026-01-31', interval: 'month' }, since: '2026-01-31T00:00:00.000Z', ...given,
  };
}

export function customerWith(given: Partial<CustomerPolicy> = {}): CustomerPolicy {
  return {
    customerId: 'acme', known: true, segment: null, suspended: null, riskLiftedUntil: null, entitlement: null,
    calendar: given.entitlement?.calendar ?? { timeZone: 'Europe/Berlin', anchorDay: '2026-01-31', interval: 'month' }, ...given,
  };
}

export function askWith(given: Partial<RunAsk> = {}): RunAsk {
  return {
    environment: 'production', apiKeyId: 'key-1', statedEnvironment: null, customerId: 'acme', userId: null, workflow: 'report', feature: null, models: [], features: [], tools: [],
    inputTokens: null, inputBytes: null, maxOutputTokens: null, maxCalls: null, quantities: {}, units: null, estimateUsd: null, caps: {}, ...given,
  };
}
