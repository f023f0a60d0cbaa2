import { QueryCache, QueryClient } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import type { inferRouterOutputs } from '@trpc/server';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import type { AppRouter } from '@outlay/api/router';
import { readFailure } from './read-failure';

export type Outputs = inferRouterOutputs<AppRouter>;

const PATH = '/trpc';
const MAX_RETRIES = 2;

let onSessionEnded: () => void = () => undefined;

/** What to do when the server says that nobody is signed in any more; set once, by the router. */
export function setSessionEndedHandler(handler: () => void): void {
  onSessionEnded = handler;
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (readFailure(error).code === 'not_signed_in') onSessionEnded();
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => count < MAX_RETRIES && readFailure(error).retryable,
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4_000),
    },
  },
});

/** Calls procedures without the cache; for the live connection. */
export const trpcClient = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: (operation) => operation.type === 'subscription',
      true: httpSubscriptionLink({ url: PATH }),
      false: httpBatchLink({ url: PATH, maxURLLength: 6_000 }),
    }),
  ],
});

/** Typed query and mutation options of every procedure: `useQuery(trpc.overview.get.queryOptions(filters))`. */
export const trpc = createTRPCOptionsProxy<AppRouter>({ client: trpcClient, queryClient });
