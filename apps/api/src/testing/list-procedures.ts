/** Every procedure as the router itself knows it, so that a test cannot overlook a new one. */
import type { Access } from '../trpc/procedure';
import { appRouter } from '../trpc/router';

export interface ListedProcedure {
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly access: Access;
}

export function listProcedures(): ListedProcedure[] {
  const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: ListedProcedure['type']; meta?: { access: Access } } }>;
  return Object.entries(procedures).map(([path, { _def }]) => ({ path, type: _def.type, access: _def.meta?.access ?? 'public' }));
}
