import { useSuspenseQuery } from '@tanstack/react-query';
import { trpc, type Outputs } from './trpc';

export type Me = Outputs['auth']['me'];
export type Tenant = NonNullable<Me['tenant']>;
export type User = NonNullable<Me['user']>;
export type Role = Tenant['role'];

/** The answer of auth.me, which the route guard has loaded already. It changes only by our own mutations. */
export const meOptions = () => trpc.auth.me.queryOptions(undefined, { staleTime: 5 * 60_000 });

/** The signed-in person and team; only below the signed-in layout, whose guard has seen both. */
export function useSession(): { me: Me; user: User; tenant: Tenant } {
  const { data: me } = useSuspenseQuery(meOptions());
  if (!me.user || !me.tenant) throw new Error('useSession stands below the signed-in layout only.');
  return { me, user: me.user, tenant: me.tenant };
}
