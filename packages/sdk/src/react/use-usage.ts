import { useEffect, useState, useSyncExternalStore } from 'react';
import type { ChatError } from '../chat/chat-frames.js';
import { type CustomerEntitlements, type CustomerUsage, readEntitlements, readUsage } from '../chat/customer-usage.js';
import type { Json } from '../facts.js';
import { createUsageSource, type Loaded, type UsageOptions } from './usage-source.js';

interface Reading {
  readonly isLoading: boolean;
  readonly error: ChatError | null;
  readonly refresh: () => Promise<void>;
}

/** The customer's use of its plan. `usage` is null until the first answer. */
export function useUsage(options: UsageOptions): Reading & { readonly usage: CustomerUsage | null } {
  const { value, ...rest } = useSource(options, 'usage', readUsage);
  return { usage: value, ...rest };
}

/** What the customer's plan has. `can(feature)` is false until it is known, and true for a feature that the plan does not speak of. */
export function useEntitlements(options: UsageOptions): Reading & { readonly entitlements: CustomerEntitlements | null; readonly can: (feature: string) => boolean } {
  const { value, ...rest } = useSource(options, 'entitlements', readEntitlements);
  return { entitlements: value, can: (feature) => value !== null && !value.suspended && value.features[feature] !== false, ...rest };
}

function useSource<T>(options: UsageOptions, view: 'usage' | 'entitlements', read: (body: Json) => T): Loaded<T> & { readonly refresh: () => Promise<void> } {
  const [source] = useState(() => createUsageSource(options, view, read));
  const state = useSyncExternalStore(source.subscribe, source.getState, source.getServerState);
  useEffect(() => source.configure(options));
  const { refreshMs } = options;
  useEffect(() => source.start(refreshMs), [source, refreshMs]);
  return { ...state, refresh: source.refresh };
}
